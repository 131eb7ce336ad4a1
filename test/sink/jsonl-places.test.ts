import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { linePlaces } from '../../src/sink/jsonl/jsonl-places.ts';

const value = fc.oneof(fc.string({ unit: 'binary' }), fc.jsonValue(), fc.constantFrom(null, 0, -1.5, true, '"}\n{'));
const row = fc.dictionary(fc.constantFrom('id', 'no', 'archivedAt', 'more', '', 'é"', 'idx'), value, {
  noNullPrototype: true,
});

describe('linePlaces', () => {
  it('finds each line, the values of its key and its mark, as JSON.parse would', () => {
    fc.assert(
      fc.property(fc.array(row, { maxLength: 8 }), (rows) => {
        const lines = rows.map((one) => `${JSON.stringify(one)}\n`.toWellFormed());
        const bytes = Buffer.from(lines.join(''));
        const found = [...linePlaces(bytes, ['id', 'no'], 'archivedAt')];
        expect(found.map(({ start, end }) => bytes.toString('utf8', start, end))).toEqual(lines);
        for (const [index, place] of found.entries()) {
          const parsed: unknown = JSON.parse(lines[index] ?? '');
          const fields = new Map(Object.entries(parsed ?? {}));
          if (place.key === undefined) continue;
          expect(place.key).toEqual([fields.get('id'), fields.get('no')]);
          expect(place.hasMark).toBe(fields.has('archivedAt'));
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('leaves a number that JSON.parse would round, and what is no object, to others', () => {
    const bytes = Buffer.from('{"id":12345678901234567890}\n{"id":1}\n[1]\n{"id":"a","n":12345678901234567890}\n');
    const found = [...linePlaces(bytes, ['id'], 'archivedAt')];
    expect(found.map(({ key }) => key)).toEqual([undefined, [1], undefined, ['a']]);
  });
});
