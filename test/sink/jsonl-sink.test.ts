import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openJsonlSink } from '../../src/sink/jsonl/jsonl-sink.ts';
import type { Sink } from '../../src/sink/sink.ts';
import { nodeHost } from '../../src/util/node-host.ts';
import { describeSink } from '../../src/testing/describe-sink.ts';
import { append, counts, idsOf, readAll, THINGS } from '../../src/testing/sink-things.ts';

describeSink('jsonl', async (folder) => openJsonlSink({ host: nodeHost(), folder }));

describe('openJsonlSink', () => {
  let folder: string;
  let sink: Sink;
  const generation = (number: number): string => join(folder, 'things', 'things', `gen-00000${number}`);

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sassy-jsonl-'));
    sink = openJsonlSink({ host: nodeHost(), folder });
  });

  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('writes entities as lines, only those that are new or changed', async () => {
    await append(sink, [
      { id: 'a', size: 1, tags: ['x'] },
      { id: 'b', title: null },
    ]);
    await append(sink, [{ id: 'a', size: 2, tags: ['x'] }, { id: 'b' }, { id: 'c', seen: new Date(0) }], { commit: 2 });
    await append(sink, [{ id: 'c', seen: new Date(0) }], { commit: 3 });
    expect(await readdir(generation(1))).toEqual(['part-00000001.jsonl', 'part-00000002.jsonl']);
    expect(await readFile(join(generation(1), 'part-00000001.jsonl'), 'utf8')).toBe(
      '{"id":"a","size":1,"tags":["x"]}\n{"id":"b"}\n',
    );
    expect(await readFile(join(generation(1), 'part-00000002.jsonl'), 'utf8')).toBe(
      '{"id":"a","size":2,"tags":["x"]}\n{"id":"c","seen":"1970-01-01T00:00:00.000Z"}\n',
    );
  });

  it('keeps one former generation and drops older ones', async () => {
    for (let commit = 1; commit <= 4; commit++) await append(sink, [{ id: 'a' }], { mode: 'replace', commit });
    await (await sink.begin(THINGS, 'append')).abort();
    expect(await readdir(join(folder, 'things', 'things'))).toEqual(['gen-000003', 'gen-000004']);
    expect(await readdir(join(folder, '_sassy', 'things'))).toEqual(['00000003.json', '00000004.json']);
    expect(await idsOf(sink)).toEqual(['a']);
  });

  it('cuts a large batch into parts', async () => {
    const rows = Array.from({ length: 40 }, (_, index) => ({ id: `t${index}`, title: String(index).repeat(2 ** 20) }));
    const batch = await sink.begin(THINGS, 'append');
    for (const row of rows) await batch.write([row]);
    await batch.write([{ id: 't0', title: 'again' }]);
    expect(await batch.commit({ commits: {}, codeHash: 'h' })).toEqual(counts(40, 0, 0));
    expect((await readdir(generation(1))).length).toBeGreaterThan(1);
    expect(await readAll(sink)).toHaveLength(40);
    expect((await readAll(sink, 'things', 1))[0]).toMatchObject({ id: 't0', title: 'again' });
    expect(await append(sink, [...rows.slice(1), { id: 't0', title: 'again' }])).toEqual(counts(0, 0, 40));
  });

  it('does not read what no manifest names, and removes it', async () => {
    await append(sink, [{ id: 'a' }]);
    await writeFile(join(generation(1), 'part-00000002.jsonl'), '{"id":"half');
    await mkdir(generation(2));
    await writeFile(join(generation(2), 'part-00000001.jsonl'), '{"id":"z"}\n');
    await writeFile(join(folder, 'README'), 'mine');
    expect(await idsOf(sink)).toEqual(['a']);
    await append(sink, [{ id: 'b' }], { commit: 2 });
    expect(await idsOf(sink)).toEqual(['a', 'b']);
    expect(await readdir(join(folder, 'things', 'things'))).toEqual(['gen-000001']);
    expect(await readFile(join(folder, 'README'), 'utf8')).toBe('mine');
  });

  it('refuses a part or a manifest that is not what was written', async () => {
    await append(sink, [{ id: 'a' }]);
    await append(sink, [{ id: 'b' }], { commit: 2 });
    const part = join(generation(1), 'part-00000001.jsonl');
    await writeFile(part, '{"id":"x"}\n');
    await expect(readAll(sink)).rejects.toMatchObject({
      code: 'STORE_CORRUPT',
      message: expect.stringContaining(part),
    });
    await writeFile(part, '{"id":"a"}\n');
    expect(await idsOf(sink)).toEqual(['a', 'b']);
    await rm(join(folder, '_sassy', 'things', '00000001.json'));
    await expect(readAll(sink)).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
    await writeFile(join(folder, '_sassy', 'things', '00000003.json'), '{"format":2}');
    await expect(sink.position('things')).rejects.toMatchObject({ code: 'STORE_VERSION' });
  });

  it('gives tables and parsers of any name a folder of their own', async () => {
    for (const name of ['..', '_sassy', 'a/b', '.hidden']) {
      const target = { ...THINGS, parser: name, entity: { ...THINGS.entity, table: name } };
      await append(sink, [{ id: name }], { target });
      expect(await idsOf(sink, name)).toEqual([name]);
    }
    expect(await sink.tables()).toEqual(['..', '.hidden', '_sassy', 'a/b']);
    expect(await readdir(folder)).toHaveLength(5);
  });
});
