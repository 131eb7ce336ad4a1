import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keySet } from '../../src/runtime/dataset/key-set.ts';

describe('keySet', () => {
  it('is a set of strings, in memory and beyond', () => {
    const key = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom('', '\u0000', '\u0000\u0000'),
    );
    fc.assert(
      fc.property(fc.array(key, { maxLength: 200 }), fc.constantFrom(0, 3, 50, 1_000), (keys, limit) => {
        const model = new Set<string>();
        const set = keySet(limit);
        // SQLite has no half of a surrogate pair: keys of records come from UTF-8.
        for (const one of keys.map((text) => text.toWellFormed().replaceAll('\u0000', 'NUL'))) {
          expect(set.add(one)).toBe(!model.has(one));
          model.add(one);
        }
        set.close();
      }),
      { numRuns: 60 },
    );
  });

  it('keeps keys apart that look alike, by the hundred thousand', () => {
    const set = keySet();
    let added = 0;
    for (let number = 0; number < 200_000; number += 1) added += set.add(`00000000-0000-4000-8000-${number}`) ? 1 : 0;
    expect(added).toBe(200_000);
    expect(set.add('a')).toBe(true);
    expect(set.add('a\u0000')).toBe(true);
    expect(set.add('00000000-0000-4000-8000-77777')).toBe(false);
    set.close();
  });
});
