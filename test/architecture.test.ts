import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '..');
const files = [...filesBelow('src'), ...filesBelow('integrations')].filter((file) => file.endsWith('.ts'));
const sources = new Map(files.map((file) => [file, readFileSync(join(root, file), 'utf8')]));
const imports = new Map([...sources].map(([file, text]) => [file, importsOf(text)]));

/** A folder may import from its own rank only where it is the same folder, and from every lower rank. */
const LAYERS: readonly (readonly string[])[] = [
  ['util', 'errors'],
  ['model'],
  ['http', 'pagination', 'store', 'sink', 'snapshot'],
  ['integration'],
  ['runtime'],
  ['cli', 'testing'],
];

/** The rooms of `runtime`, of which each may import from those before it: what is stored, what is made of it, what cares for it, what brings it. */
const ROOMS = ['dataset', 'parse', 'upkeep', 'stream'];

/** Libraries that one file, or one folder, keeps to itself. */
const ONE_IMPORTER: Readonly<Record<string, RegExp>> = {
  got: /^src\/http\/got-transport\.ts$/,
  'fast-xml-parser': /^src\/http\/xml-body\.ts$/,
  nock: /^src\/snapshot\/replay\.ts$/,
  chalk: /^src\/cli\/render\/style\.ts$/,
  commander: /^src\/cli\/[^/]*\.ts$/,
  'reflect-metadata': /^src\/integration\/metadata\.ts$/,
  '@duckdb/node-api': /^src\/sink\/duckdb\/duckdb-database\.ts$/,
  pg: /^src\/sink\/postgres\/postgres-client\.ts$/,
  'tsx/esm/api': /^src\/integration\/[^/]*\.ts$/,
  'node:sqlite': /^src\/runtime\/dataset\/spill\.ts$/,
};

/** Where the machine is touched without a Host, each with its reason. */
const WITHOUT_HOST = [
  /^src\/cli\//, // reads the project's own files, and is where the Host is made
  /^src\/util\/node-host\.ts$/, // is the Host
  /^src\/integration\//, // finds and imports the user's source files before there is a run
  /^src\/runtime\/dataset\/spill\.ts$/, // scratch space that no later run reads
  /^src\/sink\/duckdb\//, // DuckDB does its own file work
  /^src\/http\/node-transport\.ts$/, // time limits of real sockets: where the Host's clock is simulated there are none
  /^src\/testing\/describe-sink\.ts$/, // makes the folders of tests
];

describe('the architecture', () => {
  it('reads some files, so that the rules below mean something', () => {
    expect(files.length).toBeGreaterThan(100);
    expect([...imports.values()].flat().length).toBeGreaterThan(300);
  });

  it('imports run downwards only', () => {
    const wrong = internalImports().filter(({ from, to }) => {
      const [fromRank, toRank] = [rankOf(from), rankOf(to)];
      return folderOf(from) !== folderOf(to) && (toRank > fromRank || (toRank === fromRank && fromRank > 0));
    });
    expect(wrong).toEqual([]);
  });

  it('the rooms of the runtime are in order', () => {
    const roomOf = (file: string): number => ROOMS.indexOf(file.split('/')[2] ?? '');
    const wrong = internalImports().filter(({ from, to }) => {
      if (folderOf(from) !== 'runtime' || folderOf(to) !== 'runtime' || roomOf(to) < 0) return false;
      return roomOf(to) > roomOf(from);
    });
    expect(wrong).toEqual([]);
    expect(ROOMS.every((room) => files.some((file) => file.startsWith(`src/runtime/${room}/`)))).toBe(true);
  });

  it('nothing in src imports a public door', () => {
    const doors = ['src/index.ts', 'src/testing/index.ts'];
    expect(internalImports().filter(({ from, to }) => doors.includes(to) && from !== 'src/testing/index.ts')).toEqual(
      [],
    );
  });

  it('integrations use the public door and zod alone', () => {
    const allowed = /^(sassy|zod|node:[a-z/]+|\.{1,2}\/.*\.ts)$/;
    const wrong = [...imports].flatMap(([file, list]) =>
      file.startsWith('integrations/') ? list.filter((name) => !allowed.test(name) || /src\//.test(name)) : [],
    );
    expect(wrong).toEqual([]);
  });

  it.each(Object.entries(ONE_IMPORTER))('%s has one importer', (library, importer) => {
    const users = [...imports].filter(([, list]) => list.includes(library)).map(([file]) => file);
    expect(users.filter((file) => !importer.test(file))).toEqual([]);
    expect(users.length).toBeGreaterThan(0);
  });

  it('has no cycles', () => {
    expect(cycle()).toEqual([]);
  });

  it('ends the process, prints and reads the environment in cli only', () => {
    const found = matches(/\bprocess\.(exit|env|argv|stdout|stderr)\b|\bconsole\.\w+\(/);
    expect(found.filter((file) => !file.startsWith('src/cli/'))).toEqual([]);
  });

  it('takes clock, timers, random and files from the Host', () => {
    const found = matches(
      /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bset(Timeout|Interval)\(|from 'node:(fs|fs\/promises|timers\/promises)'/,
    );
    expect(found.filter((file) => !WITHOUT_HOST.some((allowed) => allowed.test(file)))).toEqual([]);
  });

  it('has no `any`, no non-null assertion hidden from the linter, and no lint switched off without a reason', () => {
    expect(matches(/oxlint-disable(?!.*--)/)).toEqual([]);
    expect(matches(/@ts-(ignore|nocheck)/)).toEqual([]);
  });

  it('keeps files to one room', () => {
    const long = [...sources]
      .map(([file, text]) => `${text.split('\n').length} ${file}`)
      .filter((line) => Number.parseInt(line, 10) > 300);
    // A table of codes is one thing, however long it gets.
    expect(long.filter((line) => !line.endsWith('src/errors/registry.ts'))).toEqual([]);
  });
});

function filesBelow(folder: string): readonly string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .sort();
}

function importsOf(text: string): readonly string[] {
  const statements =
    /(?:^|\n)\s*(?:import|export)\s[^;'"]*?from\s+'([^']+)'|(?:^|\n)\s*import\s+'([^']+)'|\bimport\(\s*'([^']+)'\s*\)/g;
  return [...text.matchAll(statements)].map((match) => match[1] ?? match[2] ?? match[3] ?? '');
}

function internalImports(): readonly { readonly from: string; readonly to: string }[] {
  return [...imports].flatMap(([from, list]) =>
    list
      .filter((name) => name.startsWith('.') && from.startsWith('src/'))
      .map((name) => ({ from, to: join(dirname(from), name).replaceAll('\\', '/') })),
  );
}

function folderOf(file: string): string {
  return file.split('/')[1] ?? '';
}

function rankOf(file: string): number {
  const rank = LAYERS.findIndex((layer) => layer.includes(folderOf(file)));
  return rank < 0 ? LAYERS.length : rank;
}

function matches(pattern: RegExp): readonly string[] {
  return [...sources]
    .filter(([file, text]) => file.startsWith('src/') && pattern.test(withoutComments(text)))
    .map(([file]) => file);
}

function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/(^|\s)\/\/.*$/gm, '');
}

/** The files of the first cycle found; empty when there is none. */
function cycle(): readonly string[] {
  const next = Map.groupBy(internalImports(), ({ from }) => from);
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): readonly string[] => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return [];
    for (const { to } of next.get(file) ?? []) {
      const found = visit(to, [...path, file]);
      if (found.length > 0) return found;
    }
    done.add(file);
    return [];
  };
  for (const file of next.keys()) {
    const found = visit(file, []);
    if (found.length > 0) return found;
  }
  return [];
}
