import { expect, it } from 'vitest';
import { z } from 'zod';
import { entity } from '../model/entity.ts';
import { ARCHIVED_AT } from '../sink/sink.ts';
import type { SinkScene } from './sink-scene.ts';
import { append, counts, idsOf, readAll, targetOf, Thing, THINGS } from './sink-things.ts';

/** Fields that come, go and change, tables of several parsers, what is archived. */
export function columnTests(scene: SinkScene): void {
  it('takes a field that is added to the entity: null in old rows, which are not changed by it', async () => {
    await append(scene.sink, [{ id: 'a' }, { id: 'b' }]);
    const wider = targetOf(entity('Thing', { key: 'id' }, { ...Thing.shape, owner: z.string().nullish() }));
    expect(await append(scene.sink, [{ id: 'a' }, { id: 'b', owner: 'me' }], { target: wider, commit: 2 })).toEqual(
      counts(0, 1, 1),
    );
    await scene.reopen();
    expect((await readAll(scene.sink)).map((row) => row['owner'])).toEqual([null, 'me']);
  });

  it('takes away a field that has left the entity', async () => {
    await append(scene.sink, [
      { id: 'a', title: 'x' },
      { id: 'b', title: 'y' },
    ]);
    const narrow = targetOf(entity('Thing', { key: 'id' }, { id: z.string(), size: z.number().nullish() }));
    expect(await append(scene.sink, [{ id: 'a', size: 1 }], { target: narrow, commit: 2 })).toEqual(counts(0, 1, 0));
    expect(await readAll(scene.sink)).toEqual([
      { id: 'a', size: 1 },
      { id: 'b', size: null },
    ]);
    await append(scene.sink, [{ id: 'c', title: 'z' }], { commit: 3 });
    expect((await readAll(scene.sink)).map((row) => row['title'])).toEqual([null, 'y', 'z']);
  });

  it('refuses a field of another type, and takes it into a new generation', async () => {
    await append(scene.sink, [{ id: 'a', size: 1 }]);
    const other = targetOf(entity('Thing', { key: 'id' }, { ...Thing.shape, size: z.string() }));
    await expect(append(scene.sink, [{ id: 'a', size: 'big' }], { target: other })).rejects.toMatchObject({
      code: 'SINK_FAILED',
      message: expect.stringContaining('size as number, not text'),
      fix: expect.stringContaining('restream'),
    });
    expect(await append(scene.sink, [{ id: 'a', size: 'big' }], { target: other, mode: 'replace' })).toEqual(
      counts(0, 1, 0),
    );
    expect((await readAll(scene.sink)).map((row) => row['size'])).toEqual(['big']);
  });

  it('moves a parser to another table in one step', async () => {
    await append(scene.sink, [{ id: 'a' }]);
    const renamed = targetOf(entity('Item', { key: 'id' }, Thing.shape));
    await expect(append(scene.sink, [], { target: renamed })).rejects.toMatchObject({ code: 'SINK_FAILED' });
    await append(scene.sink, [{ id: 'a' }], { target: renamed, mode: 'replace' });
    expect(await scene.sink.tables()).toEqual(['items']);
    expect(await readAll(scene.sink, 'things')).toEqual([]);
    expect(await idsOf(scene.sink, 'items')).toEqual(['a']);
  });

  it('shows the rows of all parsers that yield a table', async () => {
    await append(scene.sink, [{ id: 'a' }, { id: 'c' }]);
    const wider = targetOf(entity('Thing', { key: 'id' }, { ...Thing.shape, owner: z.string() }), 'others');
    await append(scene.sink, [{ id: 'b', owner: 'me' }], { target: wider });
    expect((await readAll(scene.sink)).map(({ id, owner }) => [id, owner])).toEqual([
      ['a', null],
      ['b', 'me'],
      ['c', null],
    ]);
    await append(scene.sink, [{ id: 'd' }], { mode: 'replace', commit: 2 });
    expect(await idsOf(scene.sink)).toEqual(['b', 'd']);
  });

  it('counts what is archived, and what comes back to life', async () => {
    const target = { ...THINGS, columns: [...THINGS.columns, ARCHIVED_AT] };
    const at = new Date('2026-01-02T03:04:05.678Z');
    await append(scene.sink, [{ id: 'a' }, { id: 'b' }, { id: 'c' }], { target });
    expect(await append(scene.sink, [{ id: 'a' }, { id: 'b', archivedAt: at }], { target, commit: 2 })).toEqual({
      ...counts(0, 0, 1),
      archived: 1,
    });
    await scene.reopen();
    expect((await readAll(scene.sink)).map(({ id, archivedAt }) => [id, archivedAt])).toEqual([
      ['a', undefined],
      ['b', at.toISOString()],
      ['c', undefined],
    ]);
    let live = 0;
    const again = await scene.sink.begin(target, 'append');
    await again.write([
      { id: 'b', archivedAt: at },
      { id: 'c', archivedAt: at },
    ]);
    expect(await again.commit({ commits: {}, codeHash: 'h' }, (_counts, before) => void (live = before))).toEqual({
      ...counts(0, 0, 1),
      archived: 1,
    });
    expect(live).toBe(2);
    expect(await append(scene.sink, [{ id: 'b' }], { target, commit: 4 })).toEqual(counts(0, 1, 0));
    const next = [{ id: 'a' }, { id: 'b' }, { id: 'd', archivedAt: at }];
    expect(await append(scene.sink, next, { target, mode: 'replace', commit: 5 })).toEqual({
      ...counts(0, 0, 2),
      archived: 1,
    });
  });

  it('takes a generation from before there was anything to archive', async () => {
    await append(scene.sink, [{ id: 'a' }, { id: 'b' }]);
    const target = { ...THINGS, columns: [...THINGS.columns, ARCHIVED_AT] };
    expect(await append(scene.sink, [{ id: 'a' }, { id: 'b', archivedAt: new Date(0) }], { target })).toEqual({
      ...counts(0, 0, 1),
      archived: 1,
    });
    expect((await readAll(scene.sink)).map((row) => 'archivedAt' in row)).toEqual([false, true]);
  });
}
