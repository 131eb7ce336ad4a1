import { expect, it } from 'vitest';
import { SassyError } from '../errors/sassy-error.ts';
import type { SinkScene } from './sink-scene.ts';
import { append, counts, idsOf, readAll, THINGS } from './sink-things.ts';

/** Upserts, positions and what becomes visible when. */
export function batchTests(scene: SinkScene): void {
  it('has no position, no tables and no rows at first', async () => {
    expect(await scene.sink.position('things')).toBeUndefined();
    expect(await scene.sink.tables()).toEqual([]);
    expect(await readAll(scene.sink)).toEqual([]);
  });

  it('upserts by key with exact counts', async () => {
    expect(await append(scene.sink, [{ id: 'b' }, { id: 'a', size: 1 }])).toEqual(counts(2, 0, 0));
    const next = [{ id: 'a', size: 1 }, { id: 'b', size: 2 }, { id: 'c' }];
    expect(await append(scene.sink, next, { commit: 2 })).toEqual(counts(1, 1, 1));
    expect((await readAll(scene.sink)).map(({ id, size }) => [id, size])).toEqual([
      ['a', 1],
      ['b', 2],
      ['c', null],
    ]);
    expect(await scene.sink.tables()).toEqual(['things']);
  });

  it('changes nothing when a batch is repeated', async () => {
    const rows = Array.from({ length: 50 }, (_, index) => ({
      id: `t${index}`,
      tags: ['x'],
      seen: new Date(index),
      size: 0.1 * index,
    }));
    await append(scene.sink, rows);
    expect(await append(scene.sink, rows)).toEqual(counts(0, 0, 50));
    await scene.reopen();
    expect(await append(scene.sink, rows)).toEqual(counts(0, 0, 50));
    expect(await readAll(scene.sink)).toHaveLength(50);
  });

  it('takes the last row of a key, within a write and between writes', async () => {
    const batch = await scene.sink.begin(THINGS, 'append');
    await batch.write([
      { id: 'a', size: 1 },
      { id: 'b', size: 1 },
      { id: 'a', size: 2 },
    ]);
    await batch.write([{ id: 'a', size: 3 }]);
    expect(await batch.commit({ commits: {}, codeHash: 'h' })).toEqual(counts(2, 0, 0));
    expect((await readAll(scene.sink)).map((row) => row['size'])).toEqual([3, 1]);
    expect(
      await append(scene.sink, [
        { id: 'a', size: 9 },
        { id: 'a', size: 3 },
      ]),
    ).toEqual(counts(0, 0, 1));
  });

  it('reads no row of a batch before its commit, and none after abort', async () => {
    await append(scene.sink, [{ id: 'a', size: 1 }]);
    const batch = await scene.sink.begin(THINGS, 'append');
    await batch.write([{ id: 'a', size: 2 }, { id: 'b' }]);
    expect(await readAll(scene.sink)).toHaveLength(1);
    await batch.abort();
    await batch.abort();
    await scene.reopen();
    expect((await readAll(scene.sink)).map(({ id, size }) => [id, size])).toEqual([['a', 1]]);
    expect(await scene.sink.position('things')).toEqual({ generation: 1, commits: { source: 1 }, codeHash: 'code-1' });
  });

  it('keeps the position with the rows', async () => {
    await append(scene.sink, [{ id: 'a' }], { commit: 4 });
    await append(scene.sink, [], { commit: 5 });
    await append(scene.sink, [{ id: 'x' }], { target: { ...THINGS, parser: 'others' }, commit: 1 });
    await scene.reopen();
    expect(await scene.sink.position('things')).toEqual({ generation: 1, commits: { source: 5 }, codeHash: 'code-5' });
    expect(await scene.sink.position('others')).toEqual({ generation: 1, commits: { source: 1 }, codeHash: 'code-1' });
  });

  it('makes generation 1 of an empty first batch', async () => {
    expect(await append(scene.sink, [])).toEqual(counts(0, 0, 0));
    expect(await scene.sink.tables()).toEqual(['things']);
    expect(await readAll(scene.sink)).toEqual([]);
  });

  it('lets one batch of a parser be open at a time, and batches of several parsers', async () => {
    const one = await scene.sink.begin(THINGS, 'append');
    await expect(scene.sink.begin(THINGS, 'append')).rejects.toMatchObject({ code: 'SINK_FAILED' });
    const two = await scene.sink.begin({ ...THINGS, parser: 'others' }, 'append');
    await one.write([{ id: 'a' }]);
    await two.write([{ id: 'b' }]);
    const position = { commits: {}, codeHash: 'h' };
    expect(await Promise.all([one.commit(position), two.commit(position)])).toEqual([counts(1, 0, 0), counts(1, 0, 0)]);
    expect(await idsOf(scene.sink)).toEqual(['a', 'b']);
  });

  it('tells which keys came with different values, where it can', async ({ skip }) => {
    for (const mode of ['append', 'replace', 'append'] as const) {
      const batch = await scene.sink.begin(THINGS, mode);
      await batch.write(['z', 'same', 'a', 'b'].map((id) => ({ id, size: 1, tags: ['x'] })));
      await batch.write([{ id: 'same', size: 1, tags: ['x'] }, { id: 'z', size: 1, tags: [] }, { id: 'a' }]);
      if (batch.repeated === undefined) {
        await batch.abort();
        skip('this sink does not tell: its batches have no `repeated`');
      }
      expect(await batch.repeated?.(1)).toEqual({ count: 2, examples: ['a'] });
      await batch.commit({ commits: {}, codeHash: 'h' });
      expect((await readAll(scene.sink)).map(({ id, size }) => [id, size])).toEqual([
        ['a', null],
        ['b', 1],
        ['same', 1],
        ['z', 1],
      ]);
    }
  });

  it('stops a batch when another sink has committed meanwhile', async () => {
    await append(scene.sink, [{ id: 'a' }]);
    const other = await scene.another();
    for (const mode of ['append', 'replace'] as const) {
      const slow = await scene.sink.begin(THINGS, mode);
      await slow.write([{ id: 'slow' }]);
      await append(other, [{ id: 'b' }], { commit: mode === 'append' ? 2 : 3 });
      await expect(slow.commit({ commits: {}, codeHash: 'h' })).rejects.toMatchObject({
        code: 'FENCED',
        exitCode: 75,
      });
    }
    await other.close();
    expect(await idsOf(scene.sink)).toEqual(['a', 'b']);
    expect(await append(scene.sink, [{ id: 'c' }], { commit: 4 })).toEqual(counts(1, 0, 0));
  });

  it('asks before it commits, and stays as it was when that throws', async () => {
    await append(scene.sink, [{ id: 'a' }, { id: 'b' }]);
    const batch = await scene.sink.begin(THINGS, 'append');
    await batch.write([{ id: 'b', size: 1 }, { id: 'c' }]);
    const asked: unknown[] = [];
    const refusal = batch.commit({ commits: {}, codeHash: 'h' }, (change, live) => {
      asked.push(change, live);
      throw new SassyError('TOO_MANY_ARCHIVED', { message: 'no' });
    });
    await expect(refusal).rejects.toMatchObject({ code: 'TOO_MANY_ARCHIVED' });
    expect(asked).toEqual([counts(1, 1, 0), 2]);
    await scene.reopen();
    expect(await idsOf(scene.sink)).toEqual(['a', 'b']);
    expect((await scene.sink.position('things'))?.commits).toEqual({ source: 1 });
    expect(await append(scene.sink, [{ id: 'c' }], { commit: 2 })).toEqual(counts(1, 0, 0));
  });

  it('takes 10,000 rows', async () => {
    const rows = Array.from({ length: 10_000 }, (_, index) => ({
      id: `t${index % 9_000}`,
      title: `title ${index}`,
      size: index,
      seen: new Date(index),
      tags: ['a', `${index}`],
    }));
    expect(await append(scene.sink, rows)).toEqual(counts(9_000, 0, 0));
    expect(await append(scene.sink, rows.slice(5_000), { commit: 2 })).toEqual(counts(0, 0, 5_000));
    expect(await append(scene.sink, rows.slice(0, 1_000), { commit: 3 })).toEqual(counts(0, 1_000, 0));
    const read = await readAll(scene.sink);
    expect(read).toHaveLength(9_000);
    expect(read.find((row) => row['id'] === 't8000')).toMatchObject({ size: 8_000, tags: ['a', '8000'] });
  });
}
