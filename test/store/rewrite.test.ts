import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Action, type Life, runRewriteSequence } from './rewrite-sequence.ts';

const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('commit'), pages: fc.nat(6), slices: fc.constantFrom(0, 0, 0, 200) }),
  },
  { weight: 2, arbitrary: fc.constant({ kind: 'compact' }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('edit'), nth: fc.integer({ min: 1, max: 5 }), removes: fc.boolean() }),
  },
);
const life: fc.Arbitrary<Life> = fc.record({
  actions: fc.array(action, { minLength: 1, maxLength: 6 }),
  fault: fc.record({
    fate: fc.constantFrom('ok', 'kill', 'power', 'ENOSPC', 'EIO', 'EIO-after'),
    at: fc.nat(60),
    forEver: fc.boolean(),
  }),
  powerAfter: fc.boolean(),
});

it('shows what a plain list would, whatever is written, merged, cut and removed, and whatever step a crash comes at', async () => {
  let crashes = 0;
  let restarted = 0;
  const lives = fc.array(life, { minLength: 1, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(lives, fc.nat(), async (given, seed) => {
      const outcome = await runRewriteSequence(given, seed);
      crashes += outcome.crashes;
      restarted += outcome.restarted;
    }),
    { numRuns: 150 },
  );
  // The sequences are worth nothing when nothing happens in them.
  expect(crashes).toBeGreaterThan(50);
  expect(restarted).toBeGreaterThan(0);
}, 60_000);
