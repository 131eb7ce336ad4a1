import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { entity } from '../../src/model/entity.ts';
import { openDuckDb } from '../../src/sink/duckdb/duckdb-database.ts';
import { openDuckDbSink } from '../../src/sink/duckdb/duckdb-sink.ts';
import { openQuery } from '../../src/sink/query.ts';
import { describeSink } from '../../src/testing/describe-sink.ts';
import { append, idsOf, targetOf, THINGS } from '../../src/testing/sink-things.ts';

describeSink('duckdb', (folder) => openDuckDbSink({ file: join(folder, 'entities.duckdb') }));

describe('openDuckDbSink', () => {
  let folder: string;
  let file: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sassy-duckdb-'));
    file = join(folder, 'entities.duckdb');
  });

  afterEach(() => rm(folder, { recursive: true, force: true }));

  const tablesInFile = async (): Promise<unknown[]> => {
    const query = await openQuery([{ integration: 'here', file }]);
    try {
      const { rows } = await query.run(
        "select table_name as name from duckdb_tables() where schema_name = 'sassy' order by 1",
      );
      return rows.map((row) => row['name']);
    } finally {
      await query.close();
    }
  };

  it('has the same values in a new generation, which is loaded, and in one that rows are merged into', async () => {
    const sink = await openDuckDbSink({ file });
    const target = targetOf(
      entity(
        'Thing',
        { key: 'id' },
        { id: z.string(), t: z.string(), n: z.bigint(), f: z.number(), seen: z.date(), any: z.unknown() },
      ),
    );
    const text = fc.string({ unit: 'binary' });
    const rows = fc
      .sample(
        fc.record(
          {
            t: text,
            n: fc.oneof(fc.maxSafeInteger(), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
            f: fc.double({ noNaN: true, noDefaultInfinity: true }),
            seen: fc.date({ noInvalidDate: true, min: new Date(-1e13), max: new Date(1e14) }),
            any: fc.oneof(fc.array(text), fc.jsonValue()),
          },
          { requiredKeys: [] },
        ),
        { numRuns: 400, seed: 7 },
      )
      .map((fields, index) => ({ ...fields, id: `t${index}` }));
    expect(await append(sink, rows, { target, mode: 'replace' })).toMatchObject({ added: 400 });
    expect(await append(sink, rows, { target, commit: 2 })).toMatchObject({ unchanged: 400, changed: 0, added: 0 });
    await sink.close();
  });

  it('makes a generation of rows of 30 MiB, and shows them', async () => {
    const target = targetOf(entity('Thing', { key: 'id' }, { id: z.string(), text: z.string(), any: z.unknown() }));
    const long = 'x'.repeat(30 * 2 ** 20);
    const rows = Array.from({ length: 6 }, (_, index) => ({ id: `t${index}`, text: long, any: { long } }));
    const sink = await openDuckDbSink({ file });
    expect(await append(sink, rows, { target, mode: 'replace' })).toMatchObject({ added: 6 });
    expect(await append(sink, rows, { target, mode: 'replace', commit: 2 })).toMatchObject({ unchanged: 6 });
    await sink.close();
    const shown = await openDuckDbSink({ file, readOnly: true });
    let length = 0;
    for await (const { text } of shown.read('things')) length += String(text).length;
    await shown.close();
    expect(length).toBe(6 * long.length);
  });

  it('keeps the last row of a key, also where an earlier one takes longer to write', async () => {
    const sink = await openDuckDbSink({ file });
    const batch = await sink.begin(THINGS, 'replace');
    await batch.write([{ id: 'a', title: 'first'.repeat(8 * 2 ** 20) }]);
    await batch.write([{ id: 'a', title: 'last'.repeat(3 * 2 ** 20) }]);
    await batch.commit({ commits: { source: 1 }, codeHash: 'code' });
    let title: unknown;
    for await (const row of sink.read('things')) title = String(row['title']).slice(0, 4);
    await sink.close();
    expect(title).toBe('last');
  });

  it('leaves no rows on their way behind, its own or those of a run that was killed', async () => {
    await writeFile(`${file}.1.rows`, '{"k":"half');
    await writeFile(join(folder, 'mine.rows'), '');
    const sink = await openDuckDbSink({ file });
    const rowFiles = async (): Promise<readonly string[]> =>
      (await readdir(folder)).filter((name) => name.endsWith('.rows'));
    expect(await rowFiles()).toEqual(['mine.rows']);
    const batch = await sink.begin(THINGS, 'replace');
    const onTheirWay = new Set<string>();
    for (let number = 0; number < 40; number += 1) {
      await batch.write([{ id: `t${number}`, title: String(number).repeat(2 ** 20) }]);
      for (const name of await readdir(folder)) if (/\.duckdb\.\d/.test(name)) onTheirWay.add(name);
    }
    await batch.abort();
    // By that name they are found again after a kill.
    expect([...onTheirWay]).not.toEqual([]);
    expect([...onTheirWay].filter((name) => !name.endsWith('.rows'))).toEqual([]);
    expect((await readdir(folder)).filter((name) => /\.duckdb\.\d/.test(name))).toEqual([]);
    await append(sink, [{ id: 'long', title: 'x'.repeat(20 * 2 ** 20) }], { mode: 'replace' });
    expect(await idsOf(sink)).toEqual(['long']);
    await sink.close();
    expect(await rowFiles()).toEqual(['mine.rows']);
  });

  it('shows exactly the columns of the entity in SQL, with their types', async () => {
    const sink = await openDuckDbSink({ file });
    const target = targetOf(
      entity(
        'Thing',
        { key: 'id' },
        { id: z.string(), n: z.int(), f: z.number(), ok: z.boolean(), seen: z.date(), any: z.unknown() },
      ),
    );
    await append(sink, [{ id: 'a', n: 1, f: 0.5, ok: true, seen: new Date(0), any: [{ b: 1 }] }], { target });
    await sink.close();
    const query = await openQuery([{ integration: 'here', file }]);
    const described = (await query.run('describe things')).rows.map((row) => [row['column_name'], row['column_type']]);
    expect(described).toEqual([
      ['id', 'VARCHAR'],
      ['n', 'BIGINT'],
      ['f', 'DOUBLE'],
      ['ok', 'BOOLEAN'],
      ['seen', 'TIMESTAMP'],
      ['any', 'JSON'],
    ]);
    expect((await query.run(`select "any"->'$[0].b' as b, n + 1 as n, seen from things`)).rows).toEqual([
      { b: 1, n: 2, seen: '1970-01-01T00:00:00.000Z' },
    ]);
    await query.close();
  });

  it('keeps one former generation and drops older ones', async () => {
    const sink = await openDuckDbSink({ file });
    for (let commit = 1; commit <= 4; commit++) await append(sink, [{ id: 'a' }], { mode: 'replace', commit });
    await sink.close();
    expect(await tablesInFile()).toEqual(['generations', 'meta', 'things__things__g3', 'things__things__g4']);
  });

  it('opens for reading only, beside other readers, and then refuses to write', async () => {
    const writer = await openDuckDbSink({ file });
    await append(writer, [{ id: 'a' }]);
    await writer.close();
    const readers = [await openDuckDbSink({ file, readOnly: true }), await openDuckDbSink({ file, readOnly: true })];
    for (const reader of readers) {
      expect(await idsOf(reader)).toEqual(['a']);
      expect(await reader.position('things')).toMatchObject({ generation: 1 });
    }
    await expect(readers[0]?.begin(THINGS, 'append')).rejects.toMatchObject({ code: 'SINK_FAILED' });
    for (const reader of readers) await reader.close();
  });

  it('frees the file when it is closed with a batch and a read open', async () => {
    const sink = await openDuckDbSink({ file });
    await append(sink, [{ id: 'a' }, { id: 'b' }]);
    await (await sink.begin(THINGS, 'replace')).write([{ id: 'z' }]);
    const read = sink.read('things')[Symbol.asyncIterator]();
    await read.next();
    await sink.close();
    await sink.close();
    const reader = await openDuckDbSink({ file, readOnly: true });
    expect(await idsOf(reader)).toEqual(['a', 'b']);
    await reader.close();
  });

  it('refuses fields that DuckDB cannot tell apart', async () => {
    const sink = await openDuckDbSink({ file });
    const target = targetOf(entity('Thing', { key: 'id' }, { id: z.string(), userId: z.string(), userid: z.string() }));
    await expect(sink.begin(target, 'append')).rejects.toMatchObject({
      message: expect.stringContaining('userId and userid'),
    });
    await append(sink, [{ id: 'a' }]);
    await sink.close();
  });

  it('names what is wrong with a file', async () => {
    await expect(openDuckDbSink({ file, readOnly: true })).rejects.toMatchObject({
      code: 'NOTHING_THERE',
      exitCode: 2,
    });
    await expect(openDuckDbSink({ file: join(folder, 'no', 'such.duckdb') })).rejects.toMatchObject({
      code: 'DATA_DIR',
    });
    await writeFile(file, 'no database'.repeat(1000));
    await expect(openDuckDbSink({ file })).rejects.toMatchObject({
      code: 'STORE_CORRUPT',
      fix: expect.stringContaining('restream'),
    });
    await rm(file);
    const sink = await openDuckDbSink({ file });
    await append(sink, [{ id: 'a' }]);
    await sink.close();
    const bytes = await readFile(file);
    bytes.fill(7, 200, 5000);
    await writeFile(file, bytes);
    await expect(openDuckDbSink({ file })).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
    await truncate(file, 9000);
    await expect(openDuckDbSink({ file })).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
  });

  it('refuses a file that another process has open, and opens it once that has ended', async () => {
    const script = fileURLToPath(new URL('./writer-process.ts', import.meta.url));
    const other = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script, 'duckdb', folder]);
    await once(other.stdout, 'data');
    const held = { code: 'LOCK_HELD', exitCode: 75, message: expect.stringContaining(`pid ${other.pid}`) };
    await expect(openDuckDbSink({ file })).rejects.toMatchObject(held);
    await expect(openDuckDbSink({ file, readOnly: true })).rejects.toMatchObject(held);
    await expect(openQuery([{ integration: 'here', file }])).rejects.toMatchObject(held);
    const ended = once(other, 'close');
    other.kill('SIGKILL');
    await ended;
    const sink = await openDuckDbSink({ file });
    await expect(openQuery([{ integration: 'here', file }])).rejects.toMatchObject({ code: 'LOCK_HELD' });
    await sink.close();
  });

  it('refuses what a newer sassy has written', async () => {
    await (await openDuckDbSink({ file })).close();
    const database = await openDuckDb(file, { readOnly: false });
    const session = await database.session();
    await session.run('UPDATE sassy.meta SET format = 2');
    session.close();
    database.close();
    await expect(openDuckDbSink({ file })).rejects.toMatchObject({ code: 'STORE_VERSION', exitCode: 3 });
  });
});
