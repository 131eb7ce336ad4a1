import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { answerOf, BIN, type CliAnswer } from '../support/cli.ts';

export interface StartOptions {
  /** A program that starts node, with its arguments: `['strace', …]`. */
  readonly under?: readonly string[];
  readonly nodeFlags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** A user's folder with one integration, `acme`, whose commands are run as child processes. */
export interface Project {
  readonly folder: string;
  /** Of the connection. */
  readonly data: string;
  /** `sassy run acme …`, with `--json`. */
  start(args: string, options?: StartOptions): ChildProcess;
  run(args: string, options?: StartOptions): Promise<CliAnswer>;
  /** Keeps the data folder as it is, to be brought back any number of times under the same path. */
  save(name: string): void;
  restore(name: string): void;
  /** Every file of the connection, relative to `data`, sorted. */
  files(): readonly string[];
  remove(): void;
}

export interface ProjectOptions {
  /** `integrations/acme/integration.ts`. */
  readonly integration: string;
  readonly baseUrl: string;
  readonly sinks?: readonly string[];
}

export function project({ integration, baseUrl, sinks = ['duckdb'] }: ProjectOptions): Project {
  const folder = mkdtempSync(join(tmpdir(), 'sassy-reliability-'));
  const home = join(folder, '.sassy');
  const data = join(home, 'acme', 'acme');
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  write('integrations/acme/integration.ts', integration);
  write('sassy.config.ts', `export default { sinks: ${JSON.stringify(sinks)} };\n`);
  const start = (args: string, { under = [], nodeFlags = [], env = {} }: StartOptions = {}): ChildProcess => {
    const [program = '', ...rest] = [...under, process.execPath, ...nodeFlags, BIN, 'run', 'acme', ...args.split(' ')];
    return spawn(program, [...rest, '--json'], {
      cwd: folder,
      env: {
        PATH: process.env['PATH'] ?? '',
        TMPDIR: tmpdir(),
        HOME: folder,
        SASSY_ACME__BASE_URL: baseUrl,
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  };
  const saved = (name: string): string => join(folder, `saved-${name}`);
  return {
    folder,
    data,
    start,
    run: (args, options) => answerOf(start(args, options)),
    save(name) {
      rmSync(saved(name), { recursive: true, force: true });
      mkdirSync(home, { recursive: true });
      cpSync(home, saved(name), { recursive: true });
    },
    restore(name) {
      rmSync(home, { recursive: true, force: true });
      cpSync(saved(name), home, { recursive: true });
    },
    files: () => filesBelow(data).map((path) => relative(data, path)),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function filesBelow(folder: string): readonly string[] {
  const items = readdirSync(folder, { withFileTypes: true, recursive: true });
  return items
    .filter((item) => !item.isDirectory())
    .map((item) => join(item.parentPath, item.name))
    .sort();
}

/** An incremental stream `items`, sorted, by links in the body, and a parser `things` that makes an entity of each. */
export const ITEMS = `
import { z } from 'zod';
import { bodyLink, defineIntegration, defineStream, entity, httpSource, incremental, parser } from 'sassy';

const Item = z.looseObject({ id: z.string(), at: z.string(), size: z.number() });
const Items = defineStream({
  name: 'items',
  record: Item,
  primaryKey: 'id',
  cursor: 'at',
  sorted: 'asc',
  source: httpSource({
    request: ({ since }) => ({ path: '/items', query: { since } }),
    records: '/data',
    paginator: bodyLink({ at: '/next' }),
  }),
});
const Thing = entity('Thing', { key: 'id' }, { id: z.string(), size: z.number() });
export default defineIntegration({
  title: 'Acme',
  config: z.object({ baseUrl: z.url() }),
  http: { baseUrl: 'https://api.acme.example' },
  streams: [Items],
  entities: [Thing],
  parsers: {
    things: parser({ items: incremental(Items) }, Thing, async function* ({ items }) {
      for await (const { id, size } of items) yield { id, size };
    }),
  },
});
`;
