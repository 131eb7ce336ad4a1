import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fingerprint, PRINT_WORDS } from '../../src/util/fingerprint.ts';
import { FingerprintTable } from '../../src/util/fingerprint-table.ts';

/** Fingerprints of which many begin at the same slot, and many look alike in all words but one. */
const print = fc
  .tuple(fc.nat(3), fc.constantFrom(0, 1, 2 ** 12, 2 ** 20, 2 ** 31, 2 ** 32 - 1), fc.nat(3), fc.nat(2))
  .map(([first, second, third, last]) => [first + 1, second, third * 2 ** 29, last] as const);

describe('FingerprintTable', () => {
  it('numbers fingerprints as they come, and tells apart what differs in one bit', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(print, fc.nat(9)), { maxLength: 300 }), (given) => {
        const table = new FingerprintTable(2);
        const model = new Map<string, { readonly number: number; word: number }>();
        for (const [words, value] of given) {
          const key = words.join();
          const known = model.get(key);
          const prints = Uint32Array.from([7, ...words]);
          expect(table.find(prints, 1)).toBe(known?.number ?? -1);
          const number = table.enter(prints, 1);
          expect(number).toBe(known?.number ?? model.size);
          expect([table.word(number, 0), table.word(number, 1)]).toEqual([known?.word ?? 0, 0]);
          table.setWord(number, 0, value);
          model.set(key, { number, word: value });
          expect(table.size).toBe(model.size);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('finds all of them again, with their words, however often it has grown', () => {
    const table = new FingerprintTable(1);
    const prints = new Uint32Array(PRINT_WORDS);
    const count = 60_000;
    for (let key = 0; key < count; key += 1) {
      fingerprint(`key ${key}`, prints);
      expect(table.enter(prints, 0) === key).toBe(true);
      table.setWord(key, 0, key * 3);
    }
    expect(table.size).toBe(count);
    let wrong = 0;
    for (let key = 0; key < 2 * count; key += 1) {
      fingerprint(`key ${key}`, prints);
      const found = table.find(prints, 0);
      if (found !== (key < count ? key : -1) || (found >= 0 && table.word(found, 0) !== key * 3)) wrong += 1;
    }
    expect(wrong).toBe(0);
  });
});
