import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { entity } from '../../src/model/entity.ts';
import { keptLines, lineWriter } from '../../src/sink/entity-lines.ts';
import type { EntityLines, LineForm } from '../../src/sink/sink.ts';
import { storedJson } from '../../src/sink/stored-json.ts';
import { targetOf } from '../../src/testing/sink-things.ts';

const target = targetOf(
  entity(
    'Thing',
    { key: 'id' },
    { id: z.string(), text: z.string(), n: z.int(), f: z.number(), ok: z.boolean(), seen: z.date(), any: z.unknown() },
  ),
);
const form: LineForm = { fields: target.columns.map((column) => ({ name: column.name, column })), values: 'plain' };

function textsOf({ bytes, ends }: EntityLines): readonly string[] {
  const all = Buffer.from(bytes).toString('utf8');
  const lines = all.split('\n').slice(0, -1);
  expect([...ends]).toEqual(lines.map((_line, row) => Buffer.byteLength(`${lines.slice(0, row + 1).join('\n')}\n`)));
  return lines;
}

const text = fc.string({ unit: 'binary' });
const row = fc.record(
  {
    id: fc.string({ minLength: 1, unit: 'grapheme' }),
    text,
    n: fc.oneof(fc.maxSafeInteger(), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
    f: fc.double({ noNaN: true, noDefaultInfinity: true }),
    ok: fc.boolean(),
    seen: fc.date({ noInvalidDate: true }),
    any: fc.oneof(fc.array(text), fc.jsonValue()),
  },
  { requiredKeys: ['id'], noNullPrototype: true },
);

describe('lineWriter', () => {
  it('writes each row as it is stored anywhere, whichever way it takes', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(row, fc.boolean()), { maxLength: 8 }), (given) => {
        const writer = lineWriter(target, form);
        const wanted = given.map(([fields, isNull]) => {
          // A field that is null, and fields in another order, are no reason for another line.
          const whole = isNull ? { ok: null, ...fields, text: null } : fields;
          writer.add(whole);
          const names = target.columns.map(({ name }) => name);
          const there = names.filter(
            (name) => Reflect.get(whole, name) !== null && Reflect.get(whole, name) !== undefined,
          );
          return `{${there.map((name) => `${JSON.stringify(name)}:${storedJson(Reflect.get(whole, name))}`).join(',')}}`;
        });
        expect(writer.rows).toBe(given.length);
        expect(textsOf(writer.take())).toEqual(wanted);
        expect(writer.rows).toBe(0);
      }),
      { numRuns: 500 },
    );
  });

  it('tells lines apart by their hashes, where they are asked for, and keys by theirs', () => {
    const writer = lineWriter(target, { ...form, hashed: true });
    writer.add({ id: 'a', text: 'one' });
    writer.add({ id: 'a', text: 'two' });
    writer.add({ id: 'b', text: 'one' });
    writer.add({ id: 'a', text: 'one' });
    const { keys, hashes } = writer.take();
    const [first, second, third, fourth] = [0, 1, 2, 3].map((place) => ({
      key: keys.slice(place * 4, place * 4 + 4).join(),
      hash: hashes.slice(place * 4, place * 4 + 4).join(),
    }));
    expect(second?.key).toBe(first?.key);
    expect(second?.hash).not.toBe(first?.hash);
    expect(third?.key).not.toBe(first?.key);
    expect(fourth).toEqual(first);
    const unhashed = lineWriter(target, form);
    unhashed.add({ id: 'a', text: 'one' });
    expect(unhashed.take().hashes).toHaveLength(0);
  });

  it.each([
    [{ id: 'a', n: 1.5 }, 'field n: 1.5 is not an exact integer'],
    [{ id: 'a', f: Number.NaN }, 'field f'],
    [{ id: 'a', text: 7 }, 'field text: the column is of type text'],
    [{ id: 'a', any: [() => 1] }, 'field any: a function has no JSON form'],
    [{ id: 'a', more: 1 }, 'field more: the entity has no such field'],
    [{ id: '' }, 'a key is never null or empty'],
  ])('refuses %o', (given, why) => {
    expect(() => lineWriter(target, form).add(given)).toThrow(why);
  });

  it('leaves out the rows that are not wanted', () => {
    const writer = lineWriter(target, form);
    for (const id of ['a', 'bé', 'c', 'd']) writer.add({ id });
    const all = writer.take();
    const kept = keptLines(all, (place) => place % 2 === 1);
    expect(textsOf(kept)).toEqual(['{"id":"bé"}', '{"id":"d"}']);
    expect(kept.keys).toEqual(Uint32Array.from([...all.keys.slice(4, 8), ...all.keys.slice(12, 16)]));
    expect(keptLines(all, () => true)).toBe(all);
  });
});
