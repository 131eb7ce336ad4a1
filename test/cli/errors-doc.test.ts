import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { renderError } from '../../src/cli/render/error.ts';
import { ENVIRONMENT_VARIABLES } from '../../src/cli/topics/environment.ts';
import { EXIT_CODES } from '../../src/cli/topics/exit-codes.ts';
import { renderTopic, TOPICS } from '../../src/cli/topics/topics.ts';
import { ERROR_CODES, type ErrorCode, type ErrorKind } from '../../src/errors/registry.ts';
import { SassyError } from '../../src/errors/sassy-error.ts';

const docs = (name: string) => readFileSync(join(import.meta.dirname, '..', '..', 'docs', name), 'utf8');
const sections = new Map(
  docs('errors.md')
    .split(/^## /m)
    .slice(1)
    .map((section) => [section.slice(0, section.indexOf('\n')), section] as const),
);
const kinds: readonly (readonly [string, ErrorKind])[] = Object.entries(ERROR_CODES);

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERROR_CODES, code);
}

test('docs/errors.md has a section for every code, in the same order, and no other', () => {
  expect([...sections.keys()]).toEqual(kinds.map(([code]) => code));
});

describe.each(kinds)('%s', (code, kind) => {
  test('is described as the registry has it', () => {
    const section = sections.get(code) ?? '';
    expect(section).toContain(`Exit code ${kind.exitCode}: ${kind.title}.`);
    expect(section).toContain(`**The data:** ${kind.state}.`);
    expect(section).toContain(`The usual fix: \`${kind.fix}\``);
    expect(section).toMatch(/\*\*What mends it:\*\* \S/);
    for (const text of [kind.title, kind.state, kind.fix]) expect(text.trim()).not.toBe('');
  });

  test('has an example that looks like what is printed', () => {
    const example = /```text\n([^]*?)```/.exec(sections.get(code) ?? '')?.[1] ?? '';
    const [, message = ''] = /^x [A-Z_]+ {2}(.+)$/m.exec(example) ?? [];
    if (!isErrorCode(code)) throw new Error(`${code} is no code`);
    const printed = renderError(new SassyError(code, { message })).split('\n');
    expect(example.split('\n')[0]).toBe(printed[0]);
    expect(example.trimEnd().split('\n').at(-1)).toBe(printed.at(-2));
    expect(example).toMatch(/^ {2}state {2}\S[^]*^ {2}fix {4}\S/m);
  });

  test('can be looked up with the help', () => {
    for (const text of [kind.title, kind.state, kind.fix])
      expect(renderTopic('errors', code.toLowerCase())).toContain(text);
    expect(renderTopic('errors')).toMatch(new RegExp(`^  ${code} +\\S`, 'm'));
  });
});

test('every exit code has a meaning in the help and in docs/exit-codes.md', () => {
  const text = docs('exit-codes.md');
  for (const { code, meaning } of EXIT_CODES) {
    expect(text).toMatch(new RegExp(`^\\| ${code} +\\| ${meaning.replaceAll(/[()]/g, '\\$&')} +\\|`, 'm'));
    expect(renderTopic('exit-codes')).toContain(meaning);
  }
  const known = EXIT_CODES.map(({ code }) => code);
  for (const [, { exitCode }] of kinds) expect(known).toContain(exitCode);
});

test('each topic of the help is whole and no line is wider than 120', () => {
  for (const { name } of TOPICS) {
    const text = renderTopic(name);
    expect(text).toMatch(/[^\n]\n$/);
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(120);
  }
  for (const { name } of ENVIRONMENT_VARIABLES) expect(renderTopic('environment')).toContain(name);
  expect(renderTopic('connections')).toContain('SASSY_SNYK_ACME__TOKEN');
});

test('an unknown topic or code is told with the nearest one', () => {
  expect(() => renderTopic('enviroment')).toThrow('Did you mean environment?');
  expect(() => renderTopic('errors', 'LOCKHELD')).toThrow('Did you mean LOCK_HELD?');
});
