import { afterEach, describe, expect, it } from 'vitest';
import { archived, defineIntegration, fullRefresh, incremental, latest, parser } from '../../src/index.ts';
import { readLimit } from '../../src/model/limit.ts';
import { type Connection, connection, manifestOf } from './connection.ts';
import { base, items, Items, Listed, Thing } from './things.ts';

const things = parser({ listed: fullRefresh(Listed) }, Thing, async function* ({ listed }) {
  for await (const { id, size } of listed) yield { id, size };
});
const definition = defineIntegration({ ...base, streams: [Listed], entities: [Thing], parsers: { things } });

describe('entities that a complete listing no longer shows', () => {
  let open: Connection | undefined;
  afterEach(() => open?.remove());

  async function opened(exported: unknown = definition): Promise<Connection> {
    open = await connection(exported);
    return open;
  }
  const state = async (at: Connection) =>
    (await at.rows('things')).map(({ id, archivedAt }) => [id, archivedAt !== undefined]);

  it('are archived with the time, and come back to life when they are seen again', async () => {
    const at = await opened();
    await at.page('listed', items(4), { listing: 1 });
    expect((await at.run('parse')).result.entities).toEqual({ added: 4, changed: 0, unchanged: 0, archived: 0 });
    await at.page('listed', items(3, 1, 1), { listing: 2 });
    expect((await at.run('parse')).result.entities).toEqual({ added: 0, changed: 0, unchanged: 3, archived: 1 });
    const [gone] = await at.rows('things');
    expect(gone).toMatchObject({ id: 'i0000', size: 1, archivedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) });
    // Nothing is archived twice, and a repeat changes nothing.
    await at.page('listed', items(3, 1, 1), { listing: 3 });
    expect((await at.run('parse')).result.entities).toEqual({ added: 0, changed: 0, unchanged: 3, archived: 0 });
    await at.page('listed', items(4), { listing: 4 });
    expect((await at.run('parse')).result.entities).toEqual({ added: 0, changed: 1, unchanged: 3, archived: 0 });
    expect(await state(at)).toEqual(items(4).map(({ id }) => [id, false]));
  });

  it('not after a listing that is under way, however little it shows', async () => {
    const at = await opened();
    await at.page('listed', items(10), { listing: 1 });
    await at.run('parse');
    await at.page('listed', items(1), { listing: 2, complete: false });
    expect((await at.run('parse')).result.entities).toMatchObject({ archived: 0, unchanged: 10 });
    await at.page('listed', items(9), { listing: 2 });
    // Both commits of the second listing together show nine.
    expect((await at.run('parse')).result.entities).toMatchObject({ archived: 1 });
  });

  it('not before any listing was complete', async () => {
    const at = await opened();
    await at.page('listed', items(10), { listing: 1, complete: false });
    await at.run('parse');
    await at.page('listed', items(2), { listing: 2, complete: false });
    expect((await at.run('parse')).result.entities.archived).toBe(0);
  });

  it('not more than half at once, unless it is allowed; and then exactly those', async () => {
    const at = await opened();
    await at.page('listed', items(10), { listing: 1 });
    await at.run('parse');
    await at.page('listed', items(4), { listing: 2 });
    const braked = await at.run('parse');
    expect(braked.error).toMatchObject({
      code: 'TOO_MANY_ARCHIVED',
      exitCode: 6,
      message: expect.stringContaining('6 of 10'),
    });
    expect(await state(at)).toEqual(items(10).map(({ id }) => [id, false]));
    // Also when the next listing shows as little as that one.
    await at.page('listed', items(4), { listing: 3 });
    expect((await at.run('parse')).error).toMatchObject({ code: 'TOO_MANY_ARCHIVED' });
    const maxArchived = readLimit('100%');
    expect((await at.run('parse', { maxArchived })).result.entities).toMatchObject({ archived: 6, unchanged: 4 });
    expect(
      (
        await at
          .under(
            defineIntegration({
              ...base,
              streams: [Listed],
              entities: [Thing],
              parsers: { things },
              maxArchived: '100%',
            }),
          )
          .run('restream')
      ).error,
    ).toBeUndefined();
  });

  it('are the same after a restream, which knows them from the raw data alone', async () => {
    const at = await opened();
    await at.page('listed', items(5), { listing: 1 });
    await at.run('parse');
    await at.page('listed', items(4, 2), { listing: 2 });
    await at.run('parse');
    await at.page('listed', items(3, 3), { listing: 3 });
    await at.run('parse');
    const before = await at.rows('things');
    expect(before.map(({ id, size, archivedAt }) => [id, size, archivedAt !== undefined])).toEqual([
      ['i0000', 3, false],
      ['i0001', 3, false],
      ['i0002', 3, false],
      ['i0003', 2, true],
      ['i0004', 1, true],
    ]);
    expect((await at.run('restream')).result.entities).toEqual({ added: 0, changed: 0, unchanged: 5, archived: 0 });
    expect(await at.rows('things')).toEqual(before);
    const other = await opened();
    await other.page('listed', items(5), { listing: 1 });
    await other.page('listed', items(3, 3), { listing: 2 });
    expect((await other.run('parse')).result.entities).toEqual({ added: 3, changed: 0, unchanged: 0, archived: 2 });
    await other.remove();
    open = at;
  });

  it('are left alone where an input is incremental, or the parser asks for what is archived itself', async () => {
    const mixed = parser(
      { listed: fullRefresh(Listed), items: incremental(Items) },
      Thing,
      async function* ({ listed }) {
        for await (const { id, size } of listed) yield { id, size };
      },
    );
    const own = parser(
      { listed: fullRefresh(Listed), gone: archived(Listed) },
      Thing,
      async function* ({ listed, gone }) {
        for await (const { id, size } of listed) yield { id: `own-${id}`, size };
        for await (const { id, size } of gone) yield { id: `own-${id}`, size, label: 'gone' };
      },
    );
    const at = await opened(
      defineIntegration({ ...base, streams: [Listed, Items], entities: [Thing], parsers: { mixed, own } }),
    );
    await at.page('listed', items(4), { listing: 1 });
    await at.runAll('parse');
    await at.page('listed', items(3), { listing: 2 });
    const outcomes = await at.runAll('parse');
    expect(outcomes.map(({ result }) => result.entities.archived)).toEqual([0, 0]);
    const rows = await at.rows('things');
    expect(rows.filter(({ id }) => id === 'i0003')).toEqual([{ id: 'i0003', size: 1, label: null }]);
    expect(rows.filter(({ label }) => label === 'gone').map(({ id }) => id)).toEqual(['own-i0003']);
  });
});

describe('Latest', () => {
  it('is a lookup by primary key, of one field or several', async () => {
    const joined = parser(
      { items: incremental(Items), sizes: latest(Listed) },
      Thing,
      async function* ({ items: all, sizes }) {
        for await (const { id } of all) yield { id, size: sizes.get(id)?.size ?? -1 };
      },
    );
    const at = await connection(
      defineIntegration({ ...base, streams: [Listed, Items], entities: [Thing], parsers: { joined } }),
    );
    try {
      await at.page('listed', [...items(2, 7), ...items(1, 8)], { listing: 1 });
      await at.page('items', items(3));
      const { result } = await at.run('parse');
      expect(result.inputs).toEqual({ items: 3, listed: 2 });
      expect((await at.rows('things')).map(({ size }) => size)).toEqual([8, 7, -1]);
    } finally {
      await at.remove();
    }
  });

  it('and Archived are refused for streams that cannot give them', () => {
    const wrong = parser({ items: archived(Items) }, Thing, async function* () {
      yield { id: 'a', size: 1 };
    });
    expect(() =>
      manifestOf(defineIntegration({ ...base, streams: [Items], entities: [Thing], parsers: { wrong } })),
    ).toThrow(/incremental: it never shows what is gone/);
    const keyless = { ...Items, primaryKey: [] };
    const byKey = parser({ items: latest(keyless) }, Thing, async function* () {
      yield { id: 'a', size: 1 };
    });
    expect(() =>
      manifestOf(defineIntegration({ ...base, streams: [keyless], entities: [Thing], parsers: { byKey } })),
    ).toThrow(/has no primaryKey/);
  });
});
