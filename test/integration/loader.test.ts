import { cpSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { codeHashOf } from '../../src/integration/code-hash.ts';
import { loadIntegration } from '../../src/integration/loader.ts';
import { copyPackage, type Loaded, loadAll, tempFolder, writeFiles } from './built-package.ts';

const newcomer = fileURLToPath(new URL('newcomer', import.meta.url));
const temp = tempFolder();
const packageDir = join(temp.path, 'package');
const outside = join(temp.path, 'elsewhere');

const GOOD = `
import { defineIntegration, defineStream, httpSource, secret } from 'sassy';
import { z } from 'zod';
import { path } from './path.ts';
const Orgs = defineStream({ name: 'orgs', record: z.looseObject({ id: z.string() }), primaryKey: 'id',
  source: httpSource({ request: () => ({ path }) }) });
enum Mode { All }
export const foo = defineIntegration({ title: 'Foo' + Mode.All, config: z.object({ token: secret() }),
  http: { baseUrl: 'https://api.example.com' }, streams: [Orgs] });
`;
const good = { 'integration.ts': GOOD, 'path.ts': `export const path: string = '/orgs';` };

/** One process loads them all; each test looks at its own. */
const folders: Record<string, string> = {};
let loaded: Record<string, Loaded> = {};

function folder(key: string, files: Readonly<Record<string, string>>, at = join(key, 'integrations/foo')): void {
  folders[key] = writeFiles(join(outside, at), files);
}

beforeAll(() => {
  copyPackage(packageDir);
  copyPackage(join(temp.path, 'second'));
  mkdirSync(outside, { recursive: true });
  folder('decorated', {});
  cpSync(newcomer, join(outside, 'decorated/integrations/foo'), { recursive: true });
  const second = JSON.stringify(join(temp.path, 'second/dist/index.js'));
  folder('twocopies', {});
  for (const file of ['integration.ts', 'schema.ts']) {
    const text = readFileSync(join(newcomer, file), 'utf8').replaceAll(`from 'sassy'`, `from ${second}`);
    writeFiles(join(outside, 'twocopies/integrations/foo'), { [file]: text });
  }
  folder('plain', good);
  folder('commonjs', good);
  writeFiles(join(outside, 'commonjs'), { 'package.json': '{ "type": "commonjs" }' });
  folder('hidden', good, '.config/app/integrations/foo');
  cpSync(newcomer, join(outside, 'node_modules/@acme/x/integrations/foo'), { recursive: true });
  folder('installed', {}, 'node_modules/@acme/x/integrations/foo');
  const decoratedJs = `import { defineIntegration, defineStream, httpSource } from 'sassy'; import { z } from 'zod';
    const S = defineStream({ name: 's', record: z.object({ id: z.string() }), primaryKey: 'id', source: httpSource({ request: () => ({ path: '/s' }) }) });
    export default defineIntegration({ title: 'JS', config: z.object({}), http: { baseUrl: 'https://x.example' }, streams: [S] });`;
  folder('javascript', { 'integration.js': decoratedJs });
  folder('esm', { 'integration.mjs': decoratedJs });
  folder('othersassy', good);
  writeFiles(join(outside, 'othersassy/node_modules/sassy'), {
    'package.json': '{ "name": "sassy", "type": "module", "exports": "./index.js" }',
    'index.js': 'throw new Error("the wrong copy");',
  });
  folder('ownzod', {
    ...good,
    'integration.ts': GOOD.replace(`'zod';`, `'zod'; if (z.own !== true) throw new Error('not mine');`),
  });
  writeFiles(join(outside, 'ownzod/node_modules/zod'), {
    'package.json': '{ "name": "zod", "type": "module", "exports": "./index.js" }',
    'index.js': `import { z as real } from ${JSON.stringify(join(packageDir, 'node_modules/zod/index.js'))}; export const z = { ...real, own: true };`,
  });
  folder('syntax', { 'integration.ts': 'const a: number = 1;\nconst b = = 2;\n' });
  folder('throws', {
    'integration.ts': `import './lib/deep.ts';`,
    'lib/deep.ts': `interface A { b: string }\n\nexport const a = (): never => { throw new RangeError('boom\\nline two'); };\na();`,
  });
  folder('package', { 'integration.ts': `import 'left-pad';` });
  folder('scoped', { 'integration.ts': `import '@acme/left/pad.js';` });
  folder('file', { 'integration.ts': `import './lib/nope.ts';` });
  folder('export', { 'integration.ts': `import { Nope } from 'sassy';\nexport const a = Nope;` });
  folder('empty', {});
  mkdirSync(join(outside, 'empty/integrations/foo'), { recursive: true });
  folder('wrong', { 'integration.ts': `export class Foo {}` });
  const keys = Object.keys(folders);
  const results = loadAll(packageDir, Object.values(folders), outside);
  loaded = Object.fromEntries(keys.map((key, index) => [key, results[index] ?? {}]));
});

afterAll(() => temp.remove());

describe('loading an integration from any folder, with nothing installed there', () => {
  it('loads decorated classes', () => {
    expect(loaded['decorated']).toMatchObject({
      title: 'Snyk',
      streams: [
        { name: 'projects', slices: { kind: 'whole' } },
        { name: 'issues', cursor: { lookBackMs: 600_000 } },
      ],
      checks: ['the token can list organisations'],
      parsers: [
        {
          name: 'findings',
          inputs: [
            { stream: 'projects', mode: 'full_refresh' },
            { stream: 'issues', mode: 'incremental' },
          ],
        },
      ],
      secrets: ['token'],
      sameSecret: true,
      frozen: true,
    });
  });

  it.each(['plain', 'commonjs', 'hidden', 'othersassy', 'ownzod'])('loads plain values: %s', (key) => {
    expect(loaded[key]).toMatchObject({
      title: 'Foo0',
      streams: [{ name: 'orgs' }],
      secrets: ['token'],
      sameSecret: true,
    });
  });

  it('understands what another copy of the package has recorded', () => {
    const { title, streams, parsers, checks, secrets, sameSecret } = loaded['twocopies'] ?? {};
    expect({ title, streams, parsers, checks, secrets }).toEqual({
      title: loaded['decorated']?.title,
      streams: loaded['decorated']?.streams,
      parsers: loaded['decorated']?.parsers,
      checks: loaded['decorated']?.checks,
      secrets: ['token'],
    });
    // It really was another copy.
    expect(sameSecret).toBe(false);
  });

  it('loads integrations that were installed', () => {
    expect(loaded['installed']).toMatchObject({ title: 'Snyk', sameSecret: true });
  });

  it('lets a newcomer say two streams, a check and a parser in 35 lines', () => {
    const lines = readFileSync(join(newcomer, 'integration.ts'), 'utf8').split('\n');
    expect(lines.filter((line) => line.trim() !== '').length).toBeLessThanOrEqual(35);
  });

  it.each(['javascript', 'esm'])('loads %s', (key) => {
    expect(loaded[key]).toMatchObject({ title: 'JS' });
  });

  it('loads within this process too', async () => {
    for (const folder of [newcomer, join(outside, 'decorated/integrations/foo')]) {
      const manifest = await loadIntegration({ name: 'foo', folder });
      expect(manifest.streams.map(({ name }) => name)).toEqual(['projects', 'issues']);
    }
  });
});

describe('what is told when a file cannot be imported', () => {
  const at = (key: string, file: string): string => join(outside, key, 'integrations/foo', file);

  it('a syntax error, with its place', () => {
    expect(loaded['syntax']).toMatchObject({ code: 'DEFINITION', fix: `edit ${at('syntax', 'integration.ts')}:2:11` });
    expect(loaded['syntax']?.why).toContain('Unexpected "="');
  });

  it('what a file throws, with the place in the source', () => {
    const { why, fix } = loaded['throws'] ?? {};
    expect(fix).toBe(`edit ${at('throws', 'lib/deep.ts')}:3:39`);
    expect(why).toContain('RangeError: boom\n   line two');
  });

  it('a package that is not installed, with the command', () => {
    expect(loaded['package']?.why).toContain(
      'imports the package left-pad, which is not installed\n   fix: npm install left-pad',
    );
    expect(loaded['scoped']?.why).toContain('npm install @acme/left\n'.trim());
  });

  it('a file that is not there', () => {
    expect(loaded['file']?.why).toContain(
      `${at('file', 'integration.ts')} imports ./lib/nope.ts, which does not exist`,
    );
  });

  it('a name that sassy does not have', () => {
    expect(loaded['export']?.why).toContain(`does not provide an export named 'Nope'`);
    expect(loaded['export']?.fix).toBe(`edit ${at('export', 'integration.ts')}:1`);
  });

  it('no file at all, and a file without an integration', () => {
    expect(loaded['empty']?.why).toContain(`there is no ${at('empty', 'integration.ts')}`);
    expect(loaded['wrong']).toMatchObject({ code: 'DEFINITION', fix: `edit ${at('wrong', 'integration.ts')}` });
    expect(loaded['wrong']?.why).toContain('no integration is exported, only Foo');
  });
});

describe('the hash of an integration’s code', () => {
  it('changes with code alone: not with its place, its README or the order of writing', async () => {
    const a = writeFiles(join(temp.path, 'hash/a'), { 'integration.ts': '1', 'lib/b.ts': '2', 'data.json': '{}' });
    const b = writeFiles(join(temp.path, 'hash/b'), {
      'README.md': 'x',
      'data.json': '{}',
      'lib/b.ts': '2',
      'integration.ts': '1',
    });
    const c = writeFiles(join(temp.path, 'hash/c'), { 'integration.ts': '1', 'lib/c.ts': '2', 'data.json': '{}' });
    const d = writeFiles(join(temp.path, 'hash/d'), { 'integration.ts': '1', 'lib/b.ts': '3', 'data.json': '{}' });
    const [first, second, renamed, edited] = await Promise.all([a, b, c, d].map((path) => codeHashOf(path)));
    expect(first).toMatch(/^[0-9a-f]{64}$/);
    expect(second).toBe(first);
    expect(new Set([first, renamed, edited]).size).toBe(3);
  });
});
