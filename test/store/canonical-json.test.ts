import fc from 'fast-check';
import { expect, it } from 'vitest';
import { canonicalJson, isObject } from '../../src/util/json.ts';

const NAMES = fc.oneof(fc.constantFrom('__proto__', 'toJSON', '1', '10', '2', '01', 'a', 'b'), fc.string());

it('gives the text that sorting everything gives, also where nothing needs to be sorted', () => {
  const anything = fc.anything({ key: NAMES, withDate: true, withSparseArray: true, withNullPrototype: true });
  fc.assert(
    fc.property(anything, (value) => {
      expect(canonicalJson(value)).toBe(sortedJson(value));
    }),
    { numRuns: 2000 },
  );
});

/** The definition, for texts that are stored: they are compared with those of earlier versions. */
function sortedJson(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) =>
    isObject(item) ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1))) : item,
  );
}
