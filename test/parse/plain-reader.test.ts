import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { plainReader } from '../../src/runtime/dataset/plain-reader.ts';
import { NOT_PLAIN } from '../../src/runtime/dataset/plain-schema.ts';
import { exactly, FIELDS } from './plain-schemas.ts';

const name = fc.constantFrom('a', 'b', 'c', 'children', 'name', 'constructor', '1');
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom('x', 'y', '', 'some text', 0, 1, 1.5, 2 ** 53, -0, true, null, undefined, NaN, Infinity),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(name, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
}));
const field = fc.constantFrom(...FIELDS);
const schemas = fc.tuple(field, field, field, fc.constantFrom(z.object, z.looseObject));

describe('plainReader', () => {
  it('gives what zod gives, to the order of the fields, or leaves it to zod', () => {
    let plain = 0;
    fc.assert(
      fc.property(schemas, fc.dictionary(name, value, { noNullPrototype: true }), ([a, b, c, make], given) => {
        const schema = make({ a, b, c });
        const found = plainReader(schema)?.read(given);
        if (found === NOT_PLAIN) return;
        plain += 1;
        const expected = schema.safeParse(given);
        expect(expected.success).toBe(true);
        expect(exactly(found)).toEqual(exactly(expected.data));
      }),
      { numRuns: 5_000 },
    );
    expect(plain).toBeGreaterThan(0);
  });

  it.each(FIELDS.map((schema, index) => [index, schema] as const))('field %i: each kind of value', (_index, schema) => {
    const read = plainReader(z.object({ before: z.string().optional(), it: schema, after: z.string() }));
    fc.assert(
      fc.property(value, fc.boolean(), (one, isThere) => {
        const given = { after: 'x', ...(isThere ? { it: one } : {}), more: 1 };
        const expected = z.object({ before: z.string().optional(), it: schema, after: z.string() }).safeParse(given);
        const found = read?.read(given);
        if (found === NOT_PLAIN) return;
        expect(expected.success).toBe(true);
        expect(exactly(found)).toEqual(exactly(expected.data));
      }),
      { numRuns: 200 },
    );
  });

  it('reads a plain record without zod, and leaves its own copy to whom it gives it', () => {
    const schema = z.looseObject({
      id: z.string(),
      owner: z.object({ id: z.int() }).nullable(),
      tags: z.array(z.object({ name: z.string() })).optional(),
    });
    const given = { extra: { deep: 1 }, tags: [{ name: 'a', id: 7 }], owner: { id: 1, name: 'x' }, id: 'i1' };
    const read = plainReader(schema);
    const found = read?.read(given);
    expect(exactly(found)).toEqual(exactly(schema.parse(given)));
    expect(found).not.toBe(given);
    expect(read?.read({ ...given, owner: { id: 1.5 } })).toBe(NOT_PLAIN);
    expect(read?.read([])).toBe(NOT_PLAIN);
    expect(read?.read(null)).toBe(NOT_PLAIN);
  });

  it('leaves a record with a field named __proto__ to who can keep it', () => {
    const read = plainReader(z.looseObject({ id: z.string(), deep: z.object({ a: z.string() }).optional() }));
    expect(read?.read({ id: 'i1' })).toEqual({ id: 'i1' });
    expect(read?.read(JSON.parse('{"id":"i1","__proto__":{"x":1}}'))).toBe(NOT_PLAIN);
    expect(read?.read(JSON.parse('{"id":"i1","deep":{"a":"","__proto__":1}}'))).toBe(NOT_PLAIN);
    expect(read?.read(new Map())).toBe(NOT_PLAIN);
  });

  it('there is none for what is no plain object', () => {
    expect(plainReader(z.string())).toBeUndefined();
    expect(plainReader(z.object({ a: z.string() }).refine(() => true))).toBeUndefined();
    expect(plainReader(z.strictObject({ a: z.string() }))).toBeUndefined();
  });
});
