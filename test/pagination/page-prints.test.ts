import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { pagePrints } from '../../src/pagination/page-prints.ts';

test('tells the page of each fingerprint as a Map does, also for those that share their lower bits', () => {
  const print = fc.oneof(
    fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    fc.bigInt({ min: 0n, max: 40n }).map((high) => high << 32n),
  );
  fc.assert(
    fc.property(fc.array(print, { maxLength: 300 }), (all) => {
      const prints = pagePrints();
      const known = new Map<bigint, number>();
      all.forEach((one, index) => {
        expect(prints.add(one, index + 1)).toBe(known.get(one));
        if (!known.has(one)) known.set(one, index + 1);
      });
      expect(prints.size).toBe(known.size);
    }),
  );
});
