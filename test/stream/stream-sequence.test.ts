import { expect, it } from 'vitest';
import { runStreamSequences } from './stream-sequence.ts';

it('misses no row, stores none twice and leaves nothing behind, whatever happens to its runs', { timeout: 60_000 }, async () => {
  const { crashes, stops, commits, versions } = await runStreamSequences(1, 100);
  // The sequences are worth nothing when nothing happens in them.
  expect(crashes + stops).toBeGreaterThan(100);
  expect(commits).toBeGreaterThan(300);
  expect(versions).toBeGreaterThan(2000);
});
