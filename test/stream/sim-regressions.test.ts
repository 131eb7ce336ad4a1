import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { runStreamSequence } from './stream-sequence.ts';

/** Seeds that failed once: `soak.ts` puts them into this file, one a line. */
const SEEDS = readFileSync(new URL('sim-regressions.txt', import.meta.url), 'utf8')
  .split('\n')
  .filter(Boolean);

describe('a simulation that failed once', () => {
  it.each(SEEDS)('does not fail again: seed %s', async (seed) => {
    expect((await runStreamSequence(Number(seed))).versions).toBeGreaterThan(0);
  });
});
