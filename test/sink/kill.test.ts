import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDuckDbSink } from '../../src/sink/duckdb/duckdb-sink.ts';
import { openJsonlSink } from '../../src/sink/jsonl/jsonl-sink.ts';
import { openParquetSink } from '../../src/sink/parquet/parquet-sink.ts';
import { openStdoutSink } from '../../src/sink/stdout-sink.ts';
import type { Sink } from '../../src/sink/sink.ts';
import { nodeHost } from '../../src/util/node-host.ts';
import { NO_POSTGRES, type PostgresServer, startPostgres } from '../support/postgres.ts';
import { expectWholeState, killedWriter, kills, wholeWriter, type WriterKind } from './killed-writer.ts';
import { postgresIn } from './postgres-in.ts';
import { append, readAll } from '../../src/testing/sink-things.ts';

const host = nodeHost();
const OPEN: Readonly<Record<Exclude<WriterKind, 'postgres'>, (folder: string) => Promise<Sink> | Sink>> = {
  duckdb: (folder) => openDuckDbSink({ file: join(folder, 'entities.duckdb') }),
  jsonl: (folder) => openJsonlSink({ host, folder }),
  parquet: (folder) => openParquetSink({ host, folder }),
  stdout: (folder) => openStdoutSink({ host, folder, write: async () => undefined }),
};

/** Every entity in key order: what a dump of the sink is. */
async function dump(sink: Sink): Promise<string> {
  const lines = (await readAll(sink)).map((row) => JSON.stringify(row));
  const position = await sink.position('things');
  await sink.close();
  return [...lines, JSON.stringify(position?.commits)].join('\n');
}

/** Kills a writer again and again; each time, and after it has gone on to the end, all is as if nothing had happened. */
async function killAgainAndAgain(
  kind: WriterKind,
  open: (folder: string) => Promise<Sink> | Sink,
  url = '',
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), `sassy-kill-${kind}-`));
  const undisturbed = await mkdtemp(join(tmpdir(), `sassy-whole-${kind}-`));
  try {
    let last = 0;
    for (let kill = 0; kill < kills(3); kill++) {
      const told = await killedWriter(kind, folder, Math.random() * 150, { url });
      const sink = await open(folder);
      const commit = await expectWholeState(sink);
      await sink.close();
      // What was told is there; what was not told may be there.
      expect(commit).toBeGreaterThanOrEqual(Math.max(told, last));
      last = commit;
    }
    const end = last + 3;
    await wholeWriter(kind, folder, end, url);
    await wholeWriter(kind, undisturbed, end, url);
    expect(await dump(await open(folder))).toBe(await dump(await open(undisturbed)));
  } finally {
    await rm(folder, { recursive: true, force: true });
    await rm(undisturbed, { recursive: true, force: true });
  }
}

describe('a sink whose writer is killed', () => {
  it.each(Object.entries(OPEN))(
    '%s: nothing doubled, nothing missing',
    async (kind, open) => {
      if (kind === 'duckdb' || kind === 'jsonl' || kind === 'parquet' || kind === 'stdout')
        await killAgainAndAgain(kind, open);
    },
    600_000,
  );
});

const reason = NO_POSTGRES === undefined ? '' : ` (skipped: ${NO_POSTGRES})`;

describe.skipIf(NO_POSTGRES !== undefined)(`PostgreSQL, killed${reason}`, () => {
  let server: PostgresServer;
  let url: string;
  beforeAll(async () => {
    server = await startPostgres({ isDurable: true });
    url = await server.database();
  });
  afterAll(() => server.stop());

  it('the writer: nothing doubled, nothing missing', async () => {
    await killAgainAndAgain('postgres', (folder) => postgresIn(folder, url), url);
  }, 600_000);

  it('the server: nothing doubled, nothing missing, and what was told is there', async () => {
    let last = 0;
    for (let kill = 0; kill < kills(2); kill++) {
      const told = await killedWriter('postgres', '/server-killed', 50 + Math.random() * 300, {
        url,
        kill: () => server.kill(),
      });
      await server.start();
      const sink = await postgresIn('/server-killed', url);
      const commit = await expectWholeState(sink);
      await sink.close();
      expect(commit).toBeGreaterThanOrEqual(Math.max(told, last));
      last = commit;
    }
    const sink = await postgresIn('/server-killed', url);
    await append(sink, [{ id: 'after' }], { mode: 'replace', commit: last + 1 });
    expect(await readAll(sink)).toHaveLength(1);
    await sink.close();
  }, 600_000);
});
