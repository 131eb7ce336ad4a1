import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { connectionText, parseConnection } from '../../src/cli/config/connection.ts';
import { readEnvFiles } from '../../src/cli/config/env-files.ts';
import { connectionFields, loadProjectConfig } from '../../src/cli/config/project-config.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sassy-config-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('names of connections', () => {
  test('all ways to write one', () => {
    expect(parseConnection('snyk')).toEqual({ integration: 'snyk', connection: 'snyk' });
    expect(parseConnection('snyk/acme')).toEqual({ integration: 'snyk', connection: 'acme' });
    expect(parseConnection('snyk', 'acme')).toEqual(parseConnection('snyk/acme'));
    expect(parseConnection('snyk/acme', 'acme')).toEqual(parseConnection('snyk/acme'));
    expect(parseConnection('snyk', 'replay').connection).toBe('replay');
    expect(connectionText(parseConnection('snyk/snyk'))).toBe('snyk');
    expect(connectionText(parseConnection('snyk/acme'))).toBe('snyk/acme');
    expect(() => parseConnection('snyk/acme', 'beta')).toThrow(expect.objectContaining({ code: 'USAGE' }));
  });

  const hostile = [
    '../x', '..\\x', '/etc/x', 'C:\\x', 'CON', 'NUL.txt', 'a/b/c', 'a%2fb', '.', '..', '', 'x'.repeat(300), 'x'.repeat(64),
    'name.', 'name ', ' name', 'na\0me', 'na\nme', 'name\n', '\u{1F680}', 'Users', 'caf\u00E9', 'cafe\u0301', '-rf', '--help',
    '__proto__', '_x', '-', '~', '~root', '$HOME', '${x}', '`id`', 'a;b', 'a|b', 'a*', 'a?', 'a:b', 'a\tb', '\u202Eevil',
    '\u001B[31mred', 'a\u200Bb', 'ａｂ', '%00', "a'b",
  ]; // prettier-ignore

  test.each(hostile)('%j is refused as an integration and as a connection', (name) => {
    const usage = expect.objectContaining({ code: 'USAGE' });
    if (!name.includes('/')) expect(() => parseConnection(name)).toThrow(usage);
    expect(() => parseConnection(`snyk/${name}`)).toThrow(usage);
    expect(() => parseConnection('snyk', name)).toThrow(usage);
    try {
      parseConnection('snyk', name);
    } catch (error) {
      // oxlint-disable-next-line no-control-regex
      expect(String(error)).not.toMatch(/[\u0000-\u001F\u202E]/);
    }
  });

  test('the nearest good name is offered', () => {
    expect(() => parseConnection('Snyk')).toThrow(
      expect.objectContaining({ fix: expect.stringContaining('did you mean snyk?') }),
    );
  });
});

describe('.env and .env.local', () => {
  test('are read apart, and only variables of ours', () => {
    writeFileSync(
      join(folder, '.env'),
      '\uFEFFSASSY_SNYK__TOKEN="a # b"\nexport SASSY_X__Y=\'two\nlines\'\r\nNODE_OPTIONS=--inspect\nnot a line\n',
    );
    writeFileSync(join(folder, '.env.local'), '# SASSY_A\nSASSY_HOME=/x\n');
    const files = readEnvFiles(folder);
    expect(Object.fromEntries(files['.env'])).toEqual({ SASSY_SNYK__TOKEN: 'a # b', SASSY_X__Y: 'two\nlines' });
    expect(Object.fromEntries(files['.env.local'])).toEqual({ SASSY_HOME: '/x' });
  });

  test('need not be there, and a folder of that name is none', () => {
    mkdirSync(join(folder, '.env'));
    expect(readEnvFiles(folder)['.env'].size).toBe(0);
    expect(readEnvFiles(join(folder, 'nowhere'))['.env'].size).toBe(0);
  });

  test.each([
    ['A=1\n\nSASSY_SNYK__TOKEN canary\n', '.env:3 is not NAME=value'],
    ['SASSY_SNYK__TOKEN\n', '.env:1 is not NAME=value'],
    ['A="\nx"\nSASSY_SNYK__TOKEN="canary\nB=2\n', '.env:3 begins with " and has no " at its end'],
  ])('%j is told with its line and without its value', (text, message) => {
    writeFileSync(join(folder, '.env'), text);
    expect(() => readEnvFiles(folder)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID', message }));
  });

  test.each([
    ['UTF-16', Buffer.from('\uFEFFSASSY_A__B=1', 'utf16le')],
    ['Latin-1', Buffer.from('SASSY_A__B=\u00E9', 'latin1')],
    ['10 MB', Buffer.alloc(10_000_000, 'A=1\n')],
  ])('%s is refused', (_name, bytes) => {
    writeFileSync(join(folder, '.env'), bytes);
    expect(() => readEnvFiles(folder)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
  });

  test.skipIf(process.getuid?.() === 0)('that may not be read say so', () => {
    writeFileSync(join(folder, '.env'), 'A=1');
    chmodSync(join(folder, '.env'), 0);
    expect(() => readEnvFiles(folder)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID', why: 'EACCES' }));
  });
});

describe('sassy.config.ts', () => {
  const load = (code: string) => {
    writeFileSync(join(folder, 'sassy.config.ts'), code);
    return loadProjectConfig(folder, (path) => import(`${pathToFileURL(path).href}?${Math.random()}`));
  };
  const refused = (part: Record<string, unknown>) => expect.objectContaining({ code: 'CONFIG_INVALID', ...part });

  test('need not be there', async () => {
    expect(await loadProjectConfig(folder, () => Promise.reject(new Error('must not be loaded')))).toEqual({});
  });

  test('gives the fields of each connection', async () => {
    const config = await load(
      "export default { sinks: ['jsonl'], connections: { snyk: { orgId: 'a' }, 'snyk/acme': { orgId: 'b' } } }",
    );
    expect(connectionFields(config, parseConnection('snyk'))).toEqual({ orgId: 'a' });
    expect(connectionFields(config, parseConnection('snyk/acme'))).toEqual({ orgId: 'b' });
    expect(connectionFields(config, parseConnection('jira'))).toEqual({});
  });

  test.each([
    ['export const a = 1;', { message: 'sassy.config.ts has no default export' }],
    ['export default { datadir: "x" }', { why: 'datadir is not known; did you mean dataDir?' }],
    ['export default { sinks: ["s3"] }', { why: expect.stringMatching(/^sinks\.0: .*duckdb/) }],
    ['export default { connections: { "../x": {} } }', { message: expect.stringContaining('cannot be the name') }],
    ['export default { connections: { snyk: 5 } }', { why: expect.stringContaining('connections.snyk') }],
    [
      'throw new Error("no vpn")',
      { message: expect.stringMatching(/^sassy\.config\.ts.* cannot be loaded$/), why: 'Error: no vpn' },
    ],
  ])('%s is refused', async (code, part) => {
    await expect(load(code)).rejects.toThrow(refused(part));
  });
});
