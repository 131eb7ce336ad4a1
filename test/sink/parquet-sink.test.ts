import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDuckDb } from '../../src/sink/duckdb/duckdb-database.ts';
import { openParquetSink } from '../../src/sink/parquet/parquet-sink.ts';
import type { EntityRow } from '../../src/sink/sink.ts';
import { nodeHost } from '../../src/util/node-host.ts';
import { expectWholeState, killedWriter, kills } from './killed-writer.ts';
import { describeSink } from '../../src/testing/describe-sink.ts';
import { append, readAll, THINGS } from '../../src/testing/sink-things.ts';

describeSink('parquet', (folder) => openParquetSink({ host: nodeHost(), folder }));

describe('openParquetSink', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sassy-parquet-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  /** What another program reads. */
  async function files(sql: string): Promise<readonly EntityRow[]> {
    const database = await openDuckDb(':memory:', { readOnly: false });
    const session = await database.session();
    const { rows } = await session.all(
      sql.replace('FILES', `read_parquet('${folder}/things/**/*.parquet', hive_partitioning = true)`),
    );
    session.close();
    database.close();
    return rows;
  }

  it('writes what other programs read, and only the present generation', async () => {
    const sink = await openParquetSink({ host: nodeHost(), folder });
    await append(sink, [{ id: 'a', size: 1, tags: ['x'], seen: new Date(0) }, { id: 'b' }]);
    await append(sink, [{ id: 'a', size: 2, tags: ['x'], seen: new Date(0) }], { commit: 2 });
    await append(sink, [{ id: 'c' }], { target: { ...THINGS, parser: 'others' } });
    expect(await files('select id, size, tags, seen, parser from FILES order by id')).toEqual([
      { id: 'a', size: 2, tags: '["x"]', seen: '1970-01-01T00:00:00.000Z', parser: 'things' },
      { id: 'b', size: null, tags: null, seen: null, parser: 'things' },
      { id: 'c', size: null, tags: null, seen: null, parser: 'others' },
    ]);
    await append(sink, [{ id: 'z' }], { mode: 'replace', commit: 3 });
    expect(await files('select id from FILES order by id')).toEqual([{ id: 'c' }, { id: 'z' }]);
    await sink.rollback('things');
    expect(await files('select id from FILES order by id')).toEqual([{ id: 'a' }, { id: 'b' }, { id: 'c' }]);
    await sink.close();
  });

  it('partitions by fields, and drops partitions that are empty now', async () => {
    const sink = await openParquetSink({ host: nodeHost(), folder, partitionBy: { things: ['title'] } });
    await append(sink, [
      { id: 'a', title: 'x/y' },
      { id: 'b', title: 'é' },
    ]);
    const place = join(folder, 'things', 'parser=things');
    expect((await readdir(place)).sort()).toEqual(['_sassy.json', 'title=%C3%A9', 'title=x%2Fy']);
    expect(await files("select id, title from FILES where title = 'x/y'")).toEqual([{ id: 'a', title: 'x/y' }]);
    await append(sink, [{ id: 'a', title: 'é' }], { commit: 2 });
    expect((await readdir(place)).sort()).toEqual(['_sassy.json', 'title=%C3%A9']);
    await sink.close();
    const wrong = await openParquetSink({ host: nodeHost(), folder, partitionBy: { things: ['nothing'] } });
    await expect(append(wrong, [{ id: 'q' }], { commit: 3 })).rejects.toMatchObject({
      message: expect.stringContaining('nothing'),
    });
    await wrong.close();
  });

  it('makes up for files that a kill has left behind', async () => {
    let last = 0;
    for (let kill = 0; kill < kills(2); kill++) {
      const told = await killedWriter('parquet', folder, Math.random() * 400);
      const sink = await openParquetSink({ host: nodeHost(), folder });
      const commit = await expectWholeState(sink);
      expect(commit).toBeGreaterThanOrEqual(Math.max(told, last));
      last = commit;
      const rows = (await readAll(sink)).map(({ id, size }) => ({ id, size }));
      if (rows.length > 0) expect(await files('select id, size from FILES order by id')).toEqual(rows);
      await sink.close();
    }
  }, 600_000);
});
