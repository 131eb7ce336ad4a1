import { expect, it } from 'vitest';
import { z } from 'zod';
import { entity } from '../model/entity.ts';
import type { EntityRow } from '../sink/sink.ts';
import type { SinkScene } from './sink-scene.ts';
import { append, counts, idsOf, readAll, targetOf } from './sink-things.ts';

/** Keys and values: kept as they are, or refused by name. */
export function valueTests(scene: SinkScene): void {
  it('keeps compound keys apart and in order', async () => {
    const schema = entity('Link', { key: ['org', 'number'] }, { org: z.string(), number: z.int(), note: z.string() });
    const target = targetOf(schema, 'links');
    const rows = [
      ['b', 1],
      ['a', 10],
      ['a', 9],
      ['["a",9]', 1],
      ['a,9', 1],
    ].map(([org, number]) => ({ org, number, note: 'x' }));
    expect(await append(scene.sink, rows, { target })).toEqual(counts(5, 0, 0));
    const batch = await scene.sink.begin(target, 'append');
    await batch.write([{ org: 'a', number: 9, note: 'y' }]);
    expect((await batch.compare(1)).examples).toEqual([
      { kind: 'changed', key: '["a",9]', fields: { note: { before: 'x', after: 'y' } } },
    ]);
    await batch.abort();
    expect((await readAll(scene.sink, 'links')).map(({ org, number }) => [org, number])).toEqual([
      ['["a",9]', 1],
      ['a', 9],
      ['a', 10],
      ['a,9', 1],
      ['b', 1],
    ]);
  });

  it('orders text keys by code point and limits what it reads', async () => {
    await append(
      scene.sink,
      ['é', 'z', '😀', '\uffee', 'Z', '10', '9'].map((id) => ({ id })),
    );
    expect(await idsOf(scene.sink)).toEqual(['10', '9', 'Z', 'z', 'é', '\uffee', '😀']);
    expect(await readAll(scene.sink, 'things', 2)).toHaveLength(2);
    expect(await readAll(scene.sink, 'things', 0)).toEqual([]);
  });

  it('keeps every value', async () => {
    const schema = entity(
      'Odd "one"',
      { key: 'id', table: 'odd "ones"' },
      {
        id: z.string(),
        'a "b".c': z.string(),
        Order: z.boolean(),
        int: z.int(),
        big: z.bigint(),
        float: z.number(),
        at: z.date(),
        day: z.iso.date(),
        any: z.unknown(),
        deep: z.object({ at: z.date(), n: z.bigint() }),
      },
    );
    const row = {
      id: `a\u0000'b"c\n\t😀`,
      'a "b".c': 'x'.repeat(200_000),
      Order: false,
      int: Number.MIN_SAFE_INTEGER,
      big: 9223372036854775807n,
      float: 1e-300,
      at: new Date('2024-02-29T23:59:59.999Z'),
      day: '2024-02-29',
      any: {
        z: [1, null, undefined, { '': '\u0000\u2028' }],
        a: undefined,
        __proto__x: true,
        e: 1e21,
        big: 2n ** 80n,
      },
      deep: { at: new Date(0), n: 5n },
    };
    const target = targetOf(schema, 'odd');
    await append(scene.sink, [row], { target });
    expect(
      await append(scene.sink, [{ ...row, any: { e: 1e21, big: 2n ** 80n, z: row.any.z, __proto__x: true } }], {
        target,
      }),
    ).toEqual(counts(0, 0, 1));
    await scene.reopen();
    const [read] = await readAll(scene.sink, 'odd "ones"');
    expect(JSON.parse(JSON.stringify(read))).toEqual({
      ...row,
      big: '9223372036854775807',
      at: '2024-02-29T23:59:59.999Z',
      deep: { at: '1970-01-01T00:00:00.000Z', n: 5 },
      any: { z: [1, null, null, { '': '\u0000\u2028' }], __proto__x: true, e: 1e21, big: String(2n ** 80n) },
    });
  });

  it('holds half an emoji as U+FFFD', async () => {
    await append(scene.sink, [{ id: 'a', title: 'cut \ud83d', tags: ['\udc00'] }]);
    expect(await readAll(scene.sink)).toMatchObject([{ title: 'cut \ufffd', tags: ['\ufffd'] }]);
  });

  it('refuses by name what it could not keep, and changes nothing', async () => {
    await append(scene.sink, [{ id: 'before' }]);
    const refused: readonly (readonly [EntityRow, string])[] = [
      [{ id: null }, 'Thing null, field id'],
      [{ id: '' }, 'never null or empty'],
      [{ id: 'x\ud83d' }, 'field id'],
      [{ id: 'k1', size: Number.NaN }, 'Thing "k1", field size'],
      [{ id: 'k1', tags: [Number.POSITIVE_INFINITY] }, 'Thing "k1", field tags'],
      [{ id: 'k1', seen: new Date(Number.NaN) }, 'Thing "k1", field seen'],
      [{ id: 'k1', tags: new Map([[1, 2]]) }, 'Thing "k1", field tags'],
      [{ id: 'k1', size: '7' }, 'Thing "k1", field size'],
      [{ id: 'k1', colour: 'red' }, 'Thing "k1", field colour'],
    ];
    for (const [row, message] of refused) {
      await expect(append(scene.sink, [{ id: 'good' }, row], { commit: 2 })).rejects.toMatchObject({
        code: 'SINK_FAILED',
        message: expect.stringContaining(message),
      });
    }
    expect(await idsOf(scene.sink)).toEqual(['before']);
    expect((await scene.sink.position('things'))?.commits).toEqual({ source: 1 });
  });

  it('refuses an integer beyond 64 bits', async () => {
    const target = targetOf(entity('Big', { key: 'id' }, { id: z.bigint() }), 'bigs');
    expect(await append(scene.sink, [{ id: 2n ** 63n - 1n }, { id: -(2n ** 63n) }, { id: 3n }], { target })).toEqual(
      counts(3, 0, 0),
    );
    expect(await idsOf(scene.sink, 'bigs')).toEqual(['-9223372036854775808', 3, '9223372036854775807']);
    await expect(append(scene.sink, [{ id: 2n ** 63n }], { target })).rejects.toMatchObject({
      message: expect.stringContaining('Big 9223372036854775808, field id'),
    });
  });
}
