import { expect, it } from 'vitest';
import { runCrashSequences } from './crash-sequence.ts';

it('keeps every acknowledged commit and shows no half one, whatever step a crash or a disk error comes at', async () => {
  const { crashes, commits } = await runCrashSequences(1, 320);
  // The sequences are worth nothing when nothing happens in them.
  expect(crashes).toBeGreaterThan(320);
  expect(commits).toBeGreaterThan(320);
});
