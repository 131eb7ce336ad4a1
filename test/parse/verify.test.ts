import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineIntegration, defineStream, entity, incremental, parser } from '../../src/index.ts';
import { connection, type Connection } from './connection.ts';
import { base, source } from './things.ts';

const Item = z.object({ id: z.string(), group: z.string(), size: z.number() });
const Items = defineStream({ name: 'items', record: Item, primaryKey: 'id', cursor: 'id', source });
const Thing = entity('Thing', { key: 'id' }, { id: z.string(), size: z.number() });

/** `key`: what the parser makes the key of; `factor`: what it does to the size. */
const acme = (key: 'id' | 'group', factor = 1): unknown =>
  defineIntegration({
    ...base,
    streams: [Items],
    entities: [Thing],
    parsers: {
      things: parser({ items: incremental(Items) }, Thing, async function* ({ items }) {
        for await (const item of items) yield { id: item[key], size: item.size * factor };
      }),
    },
  });
const items = (from: number, count: number): readonly unknown[] =>
  Array.from({ length: count }, (_, index) => ({ id: `i${from + index}`, group: `g${index % 3}`, size: from + index }));

describe('parse --verify', () => {
  let open: Connection | undefined;
  afterEach(() => open?.remove());

  it('finds nothing where the sink holds what the raw data gives, parsed in parts or not', async () => {
    open = await connection(acme('id'));
    await open.page('items', items(0, 30));
    await open.run('parse');
    await open.page('items', items(20, 30));
    await open.run('parse');
    const { result, error } = await open.run('parse', { mode: 'verify' });
    expect(error).toBeUndefined();
    expect(result).toMatchObject({ generation: 1, diff: { added: 0, gone: 0, changed: 0, unchanged: 50 } });
  });

  it('compares up to where the sink has come, not with what came later', async () => {
    open = await connection(acme('id'));
    await open.page('items', items(0, 10));
    await open.run('parse');
    await open.page('items', items(10, 10));
    const { result, error } = await open.run('parse', { mode: 'verify' });
    expect(error).toBeUndefined();
    expect(result.diff).toMatchObject({ unchanged: 10 });
  });

  it('shows what differs and changes nothing', async () => {
    open = await connection(acme('id'));
    await open.page('items', items(0, 10));
    await open.run('parse');
    const before = await open.rows('things');
    const { result, error } = await open.under(acme('id', 2)).run('parse', { mode: 'verify' });
    expect(error).toMatchObject({ code: 'VERIFY_DIFFERS', message: expect.stringContaining('9 entities') });
    expect(result.diff).toMatchObject({ changed: 9, unchanged: 1, fields: { size: 9 } });
    expect(result.diff?.examples[0]).toMatchObject({
      kind: 'changed',
      key: 'i1',
      fields: { size: { before: 1, after: 2 } },
    });
    expect(await open.rows('things')).toEqual(before);
    expect((await open.run('parse')).result).toMatchObject({ generation: 1, entities: { added: 0, changed: 0 } });
  });

  it('says so where nothing was parsed yet', async () => {
    open = await connection(acme('id'));
    await open.page('items', items(0, 1));
    expect((await open.run('parse', { mode: 'verify' })).error).toMatchObject({ code: 'NOTHING_THERE' });
  });
});

describe('a parser that yields one key several times', () => {
  let open: Connection | undefined;
  afterEach(() => open?.remove());

  it('is told, with the first of the keys; the last value holds', async () => {
    open = await connection(acme('group'));
    await open.page('items', items(0, 30));
    const { result, error } = await open.run('parse');
    expect(error).toBeUndefined();
    expect(result.repeatedKeys).toEqual({ count: 3, examples: ['g0', 'g1', 'g2'] });
    // The newest record comes first, so the oldest is the last.
    expect(await open.rows('things')).toEqual([
      { id: 'g0', size: 0 },
      { id: 'g1', size: 1 },
      { id: 'g2', size: 2 },
    ]);
  });

  it('is not told where the values are the same', async () => {
    open = await connection(acme('group', 0));
    await open.page('items', items(0, 30));
    expect((await open.run('parse')).result.repeatedKeys).toBeUndefined();
  });
});
