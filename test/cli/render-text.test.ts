import { spawnSync } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { describe, expect, test } from 'vitest';
import { exitOnBrokenPipe, ignoreBrokenPipe } from '../../src/cli/render/broken-pipe.ts';
import { jsonLine, ndjson } from '../../src/cli/render/json-line.ts';
import { byteSize, count, counted, duration } from '../../src/cli/render/numbers.ts';
import { printable } from '../../src/cli/render/printable.ts';
import { loadStyle, plainStyle } from '../../src/cli/render/style.ts';
import { renderTable } from '../../src/cli/render/table.ts';
import { terminalOf } from '../../src/cli/render/terminal.ts';
import { pad, textWidth, truncate } from '../../src/cli/render/text-width.ts';
import { isObject } from '../../src/util/json.ts';
import { Secret } from '../../src/util/secret.ts';

const ESC = '\u001B';

describe('printable', () => {
  test.each([
    [`${ESC}[31mred${ESC}[0m`, 'red'],
    [`${ESC}]0;title\u0007x`, 'x'],
    ['a\r\nb\tc', 'a b c'],
    ['a\0\u0007\u009Bb', 'ab'],
    ['\u202Egnp.exe', 'gnp.exe'],
    ['caf\u00E9 \u{1F469}\u200D\u{1F52C} \u4E2D', 'caf\u00E9 \u{1F469}\u200D\u{1F52C} \u4E2D'],
  ])('%j is shown as %j', (text, shown) => expect(printable(text)).toBe(shown));
});

describe('widths', () => {
  test.each([
    ['abc', 3],
    ['caf\u00E9', 4],
    ['cafe\u0301', 4],
    ['\u4E2D\u6587', 4],
    ['\uD55C', 2],
    ['\u{1F680}', 2],
    ['\u{1F469}\u200D\u{1F52C}', 2],
    ['\u200B', 0],
  ])('%j takes %i columns', (text, width) => expect(textWidth(text)).toBe(width));

  test('texts are cut between characters and filled up to a width', () => {
    expect(truncate('abcdef', 4)).toBe('abc…');
    expect(truncate('\u4E2D\u6587\u4E2D', 4)).toBe('\u4E2D…');
    expect(truncate('abc', 3)).toBe('abc');
    expect(pad('\u4E2D', 4)).toBe('\u4E2D  ');
    expect(pad('7', 3, 'left')).toBe('  7');
  });
});

describe('tables', () => {
  const rows = [
    { id: 1n, title: 'Login fails', labels: ['a', 'b'], closed: null },
    { id: 23, title: `${ESC}[2Jevil\nline`, late: new Date(0), closed: false },
  ];

  test('have all fields, numbers to the right, and nothing that moves the cursor', () => {
    expect(renderTable(rows)).toBe(
      [
        'id  title        labels     closed  late',
        ' 1  Login fails  ["a","b"]  null',
        '23  evil line               false   1970-01-01T00:00:00.000Z',
        '',
      ].join('\n'),
    );
    expect(renderTable([])).toBe('');
    expect(renderTable(rows, { columns: ['title'] })).toBe('title\nLogin fails\nevil line\n');
  });

  test.each([20, 40, 80, 200])('never are wider than %i columns, and say what is left out', (width) => {
    const wide = [Object.fromEntries(Array.from({ length: 12 }, (_, at) => [`column${at}`, '\u4E2D'.repeat(at * 3)]))];
    const table = renderTable(wide, { width });
    for (const line of table.trimEnd().split('\n')) expect(textWidth(line)).toBeLessThanOrEqual(width);
    const shown = (table.split('\n')[0] ?? '').split(/\s+/).length;
    expect(table.includes('more column')).toBe(shown < 12);
  });

  test('fields named like members of objects are data', () => {
    const row: unknown = JSON.parse('{ "__proto__": "p", "constructor": "c" }');
    if (!isObject(row)) throw new Error('no object');
    expect(renderTable([row])).toBe('__proto__  constructor\np          c\n');
    expect(renderTable([{ a: 1 }], { columns: ['toString', 'a'] })).not.toContain('native');
  });
});

test('JSON lines round nothing and hide secrets', async () => {
  const value = {
    safe: 3n,
    exact: 9007199254740993n,
    low: -9007199254740993n,
    nan: Number.NaN,
    at: new Date(0),
    s: new Secret('canary'),
  };
  expect(jsonLine(value)).toBe(
    '{"safe":3,"exact":"9007199254740993","low":"-9007199254740993","nan":"NaN","at":"1970-01-01T00:00:00.000Z","s":"<secret>"}',
  );
  const lines: string[] = [];
  for await (const line of ndjson([{ text: 'a\nb' }, undefined])) lines.push(line);
  expect(lines).toEqual(['{"text":"a\\nb"}\n', 'null\n']);
});

test('numbers as people read them', () => {
  expect([0, 999, 1180, 1234567].map(count)).toEqual(['0', '999', '1,180', '1,234,567']);
  expect([counted(1, 'retry', 'retries'), counted(2, 'retry', 'retries')]).toEqual(['1 retry', '2 retries']);
  expect([900, 2000, 41_000, 59_960, 65_000, 7_380_000].map(duration)).toEqual([
    '900 ms',
    '2.0 s',
    '41 s',
    '1 min 0 s',
    '1 min 5 s',
    '2 h 3 min',
  ]);
  expect([512, 51_234, 999_600, 1_200_000].map(byteSize)).toEqual(['512 B', '51 kB', '1.0 MB', '1.2 MB']);
});

describe('what an output can show', () => {
  const tty = { isTTY: true, columns: 120 };
  test.each([
    ['a terminal', tty, {}, { color: true, animated: true, width: 120 }],
    ['a pipe', {}, {}, { color: false, animated: false, width: undefined }],
    ['NO_COLOR', tty, { NO_COLOR: '1' }, { color: false, animated: false, width: 120 }],
    ['an empty NO_COLOR', tty, { NO_COLOR: '' }, { color: true, animated: true, width: 120 }],
    ['TERM=dumb', tty, { TERM: 'dumb' }, { color: false, animated: false, width: 120 }],
    ['CI', tty, { CI: 'true' }, { color: false, animated: false, width: 120 }],
    ['FORCE_COLOR in a pipe', {}, { FORCE_COLOR: '1' }, { color: true, animated: false, width: undefined }],
    [
      'NO_COLOR and FORCE_COLOR',
      tty,
      { NO_COLOR: '1', FORCE_COLOR: '1' },
      { color: false, animated: false, width: 120 },
    ],
    ['COLUMNS', { isTTY: true }, { COLUMNS: '33' }, { color: true, animated: true, width: 33 }],
  ])('%s', (_name, output, env, terminal) => expect(terminalOf(output, env)).toEqual(terminal));

  test('colour is there only when asked for', async () => {
    expect((await loadStyle(true)).red('x')).toBe(`${ESC}[31mx${ESC}[39m`);
    expect(await loadStyle(false)).toBe(plainStyle);
    expect(terminalOf(tty, {}, { noColor: true }).color).toBe(false);
  });
});

describe('broken pipes', () => {
  test('of stdout end the process with 0, other errors are thrown', () => {
    const stdout = new EventEmitter();
    const codes: number[] = [];
    exitOnBrokenPipe(stdout, (code) => codes.push(code));
    stdout.emit('error', Object.assign(new Error('write'), { code: 'EPIPE' }));
    expect(codes).toEqual([0]);
    expect(() => stdout.emit('error', new Error('other'))).toThrow('other');
    ignoreBrokenPipe(stdout);
  });

  test('of a real process are quiet', () => {
    const module = new URL('../../src/cli/render/broken-pipe.ts', import.meta.url).href;
    const code = `import { exitOnBrokenPipe } from '${module}'; exitOnBrokenPipe(process.stdout, process.exit);
      const more = () => { process.stdout.write('x'.repeat(9999) + '\\n'); setImmediate(more); }; more();`;
    const script = '"$0" --input-type=module -e "$1" | head -c 5; echo "|${PIPESTATUS[0]}"';
    const { stdout, stderr } = spawnSync('bash', ['-c', script, process.execPath, code], { encoding: 'utf8' });
    expect({ stdout, stderr }).toEqual({ stdout: 'xxxxx|0\n', stderr: '' });
  });
});
