import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineIntegration, defineStream, entity, fullRefresh, incremental, parser } from '../../src/index.ts';
import { type Connection, connection } from '../parse/connection.ts';
import { base, source } from '../parse/things.ts';

/** SASSY_TRIALS=6 makes 60 of the ten changes: each at other places of the page. */
const TRIALS = Math.min(6, Number(process.env['SASSY_TRIALS'] ?? 1));

const Item = z.looseObject({
  id: z.string(),
  size: z.number(),
  tags: z.array(z.string()),
  owner: z.looseObject({ name: z.string() }),
  kind: z.enum(['a', 'b']),
  note: z.string().nullish(),
});
const Items = defineStream({ name: 'items', record: Item, primaryKey: 'id', cursor: 'at', source });
const Thing = entity('Thing', { key: 'id' }, { id: z.string(), size: z.number(), note: z.string().nullish() });
const acme = defineIntegration({
  ...base,
  streams: [Items],
  entities: [Thing],
  parsers: {
    things: parser({ items: incremental(Items) }, Thing, async function* ({ items }) {
      for await (const { id, size, note } of items) yield { id, size, note };
    }),
  },
});

const COUNT = 400;
const at = '2026-01-01T00:00:00Z';
const record = (n: number): Record<string, unknown> => ({
  id: `i${String(n).padStart(4, '0')}`,
  at,
  size: n,
  tags: ['x'],
  owner: { name: 'o' },
  kind: 'a',
  note: 'n',
});

let open: Connection | undefined;
afterEach(() => open?.remove());

const without = (name: string) => (item: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(item).filter(([field]) => field !== name));

const CHANGES: readonly [string, string | undefined, (item: Record<string, unknown>) => Record<string, unknown>][] = [
  ['a new field', undefined, (item) => ({ ...item, colour: { deep: ['red'] } })],
  ['an optional field gone', undefined, without('note')],
  ['a needed field gone', '/size', without('size')],
  ['a number that is a text', '/size', (item) => ({ ...item, size: '12' })],
  ['a text that is a number', '/note', (item) => ({ ...item, note: 12 })],
  ['an object that is an array', '/owner', (item) => ({ ...item, owner: [{ name: 'o' }] })],
  ['an array that is an object', '/tags', (item) => ({ ...item, tags: { 0: 'x' } })],
  ['a new value of an enum', '/kind', (item) => ({ ...item, kind: 'c' })],
  ['a field renamed', '/owner', (item) => ({ ...without('owner')(item), ownedBy: { name: 'o' } })],
  ['null where nothing is null', '/size', (item) => ({ ...item, size: null })],
];

describe('D17: the shape of records changes while they are read', () => {
  it.each(CHANGES)('%s', async (_what, path, change) => {
    for (let trial = 0; trial < TRIALS; trial += 1) {
      const own = await connection(acme);
      open = own;
      const page = (bad: number) =>
        Array.from({ length: COUNT }, (_, n) =>
          n % Math.floor(COUNT / bad) === trial ? change(record(n)) : record(n),
        );
      await own.page('items', page(2));
      const { result, drift, error } = await own.run('parse');
      expect(error).toBeUndefined();
      expect(result.quarantined).toBe(path === undefined ? 0 : 2);
      expect(result.entities.added).toBe(path === undefined ? COUNT : COUNT - 2);
      if (path !== undefined) expect(drift).toMatchObject([{ path, count: 2 }]);
      // More than one in a hundred: nothing is changed.
      const before = await own.rows('things');
      await own.page(
        'items',
        page(20).map((item) => ({ ...item, note: 'later' })),
      );
      const second = await own.run('parse');
      if (path !== undefined && path !== '/note') {
        expect(second.error).toMatchObject({ code: 'TOO_MANY_INVALID', exitCode: 6 });
        expect(await own.rows('things')).toEqual(before);
      } else expect(second.error).toBeUndefined();
      await own.remove();
    }
  });
});

describe('D18: keys', () => {
  const Keyed = defineStream({
    name: 'items',
    record: z.looseObject({ id: z.union([z.string(), z.number()]).optional(), size: z.number() }),
    primaryKey: 'id',
    source,
  });
  const Found = entity('Found', { key: 'key' }, { key: z.string(), size: z.number() });
  const keyed = defineIntegration({
    ...base,
    streams: [Keyed],
    entities: [Found],
    parsers: {
      found: parser({ items: fullRefresh(Keyed) }, Found, async function* ({ items }) {
        for await (const { id, size } of items) yield { key: JSON.stringify(id ?? null), size };
      }),
    },
  });
  const long = 'k'.repeat(300);
  const cases: readonly [string, string, readonly string[]][] = [
    ['1 and "1" are two', '{"id":1,"size":1},{"id":"1","size":2}', ['"1"', '1']],
    ['of the same key the last one holds', '{"id":"a","size":1},{"id":"a","size":2}', ['"a"']],
    ['case tells keys apart', '{"id":"a","size":1},{"id":"A","size":2}', ['"A"', '"a"']],
    ['300 characters', `{"id":"${long}","size":1},{"id":"${long}x","size":2}`, [`"${long}"`, `"${long}x"`]],
    ['composed and decomposed', '{"id":"\\u00e9","size":1},{"id":"e\\u0301","size":2}', ['"e\u0301"', '"\u00e9"']],
    ['blanks and line feeds', '{"id":" a","size":1},{"id":"a\\n","size":2}', ['" a"', '"a\\n"']],
    [
      'words of JavaScript',
      '{"id":"__proto__","size":1},{"id":"constructor","size":2}',
      ['"__proto__"', '"constructor"'],
    ],
    [
      'beyond 2^53',
      '{"id":9007199254740993,"size":1},{"id":9007199254740992,"size":2}',
      ['"9007199254740993"', '9007199254740992'],
    ],
  ];
  it.each(cases)('%s', async (_what, text, keys) => {
    const own = await connection(keyed);
    open = own;
    await own.page('items', `{"data":[${text}]}`, { listing: 1 });
    const { error } = await own.run('parse');
    expect(error).toBeUndefined();
    expect(new Set((await own.rows('founds')).map(({ key }) => key))).toEqual(new Set(keys));
  });

  it('a record without a key is kept and told, not dropped', async () => {
    const own = await connection(keyed);
    open = own;
    await own.page('items', '{"data":[{"size":1},{"id":null,"size":2},{"id":"","size":3},{"id":"a","size":4}]}', {
      listing: 1,
    });
    const { result, error } = await own.run('parse');
    expect(error).toBeUndefined();
    // Null does not fit the schema; the others do, and none of them stands for another.
    expect(result.quarantined).toBe(1);
    expect((await own.rows('founds')).map(({ key }) => key)).toEqual(['""', '"a"', 'null']);
  });
});
