import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ParserResult } from '../../src/model/results.ts';
import { runParsers } from '../../src/runtime/parse/parse-run.ts';
import { openDuckDbSink } from '../../src/sink/duckdb/duckdb-sink.ts';
import { openJsonlSink } from '../../src/sink/jsonl/jsonl-sink.ts';
import type { EntityRow, Sink } from '../../src/sink/sink.ts';
import { connection, type Connection } from './connection.ts';
import { acme } from './parallel/integration.ts';

/** About 160 KB a page: seven of them are a chunk. */
const PAGES = 24;
const A_PAGE = 40;

interface Ran {
  readonly result: ParserResult;
  readonly error: unknown;
  readonly quarantine: string;
  readonly rows: readonly EntityRow[];
  readonly files: ReadonlyMap<string, string>;
}

describe('a parser whose records are shared out among threads', () => {
  let open: Connection;

  beforeAll(async () => {
    open = await connection(acme);
    await open.page(
      'projects',
      Array.from({ length: 20 }, (_, number) =>
        number === 7 ? { id: 'p7' } : { id: `p${number}`, name: `Project ${number}` },
      ),
      { listing: 1 },
    );
    for (let page = 0; page < PAGES; page += 1) {
      await open.page(
        'issues',
        Array.from({ length: A_PAGE }, (_, index) => issue(page * A_PAGE + index, page)),
      );
      // The same issues once more, newer, some of them far from where they were first.
      if (page % 9 === 8)
        await open.page(
          'issues',
          Array.from({ length: 6 }, (_, index) => issue(index * 37, page + 100)),
        );
    }
  });
  afterAll(() => open.remove());

  async function run(name: string, count: number, kind: 'jsonl' | 'duckdb'): Promise<Ran> {
    const { context, paths } = open;
    const folder = join(open.folder, `${kind}-${name}-${count}`);
    await context.host.fs.mkdir(folder);
    const sink: Sink =
      kind === 'jsonl'
        ? openJsonlSink({ host: context.host, folder })
        : await openDuckDbSink({ file: join(folder, 'entities.duckdb') });
    const quarantine = join(paths.parsed, 'quarantine');
    rmSync(quarantine, { recursive: true, force: true });
    await context.host.fs.mkdir(quarantine);
    const place = { name: 'acme', folder: join(import.meta.dirname, 'parallel'), root: paths.root };
    try {
      const parsers = context.manifest.parsers.filter((parser) => parser.name === name);
      const options = { parsers, mode: 'restream', codeHash: 'code', diff: false, dryRun: false } as const;
      const threads = { ...place, count, worthBytes: 0 };
      const [outcome] = await runParsers({ ...context, threads }, sink, options);
      if (outcome === undefined) throw new Error('no outcome');
      const rows: EntityRow[] = [];
      for await (const row of sink.read('findings')) rows.push(row);
      const lines = textsBelow(quarantine);
      return {
        result: outcome.result,
        error: outcome.error,
        rows,
        quarantine: [...lines.values()].join(''),
        files: textsBelow(folder),
      };
    } finally {
      await sink.close();
    }
  }

  it('gives to the byte what one thread gives, whatever their number', { timeout: 60_000 }, async () => {
    const one = await run('joined', 1, 'jsonl');
    expect(one.error).toBeUndefined();
    expect(one.result.inputs).toEqual({ issues: PAGES * A_PAGE, projects: 20 });
    // A project without a name, an issue without a size, an issue too large.
    expect(one.result.quarantined).toBe(3);
    expect(one.rows).toHaveLength(PAGES * A_PAGE - 2);
    expect(one.rows.find(({ id }) => id === 'i-0037')).toMatchObject({ at: '2024-01-01T01:57:00.000Z' });
    for (const count of [2, 4]) {
      const several = await run('joined', count, 'jsonl');
      expect(several).toEqual(one);
    }
    const { rows, result } = await run('joined', 3, 'duckdb');
    expect(rows).toEqual(one.rows);
    expect(result).toEqual(one.result);
  });

  it('really runs elsewhere; of two or three threads ours is one', { timeout: 60_000 }, async () => {
    const places = async (count: number): Promise<ReadonlySet<unknown>> =>
      new Set((await run('where', count, 'duckdb')).rows.map(({ thread }) => thread));
    expect(await places(4)).toEqual(new Set(['other']));
    // The others may come too late to get anything.
    expect(await places(2)).toContain('main');
    expect(await places(1)).toEqual(new Set(['main']));
  });

  it.each(['throws', 'collects'])('%s: goes back to one thread', { timeout: 60_000 }, async (name) => {
    const one = await run(name, 1, 'jsonl');
    expect(await run(name, 3, 'jsonl')).toEqual(one);
    expect(one.error).toBeUndefined();
    expect(one.rows.length).toBeGreaterThan(PAGES * A_PAGE - 4);
  });

  it('keeps the network shut in every thread', { timeout: 60_000 }, async () => {
    const { error } = await run('asks', 2, 'jsonl');
    expect(error).toMatchObject({ code: 'PARSER_NETWORK', message: expect.stringContaining('fetch') });
  });
});

function issue(number: number, version: number): unknown {
  return {
    id: `i-${String(number).padStart(4, '0')}`,
    project: `p${number % 20}`,
    ...(number === 500 ? {} : { size: number === 900 ? 9_999 : number }),
    updated: new Date(Date.UTC(2024, 0, 1) + version * 60_000).toISOString(),
    text: `${number} `.padEnd(4_000, 'lorem ipsum '),
  };
}

function textsBelow(folder: string): ReadonlyMap<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(
    files
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .filter((file) => !file.includes('.duckdb'))
      .map((file) => [file.slice(folder.length), readFileSync(file, 'utf8')]),
  );
}
