import { SassyError } from '../errors/sassy-error.ts';
import type { Commit } from '../model/commit.ts';
import type { BlobStore } from './blob-store.ts';
import { corruptCommit, decodeCommit, type SealedCommit } from './commit-file.ts';
import { commitKey, commitNumberOf, commitPrefix } from './store-keys.ts';

/** How many commit files are read at once: enough to hide the disk, few enough not to use up file handles. */
const SPAN = 16;

/** Which commits. Both ends are optional; `after` is exclusive, `upTo` inclusive. */
export interface CommitRange {
  readonly after?: number;
  readonly upTo?: number;
  /** Default: oldest. */
  readonly order?: 'oldest' | 'newest';
}

/** The commits of a stream as they were when the log was opened. They never change, so neither does what it shows. */
export interface CommitLog {
  readonly head: SealedCommit | undefined;
  /** Reads commit files as they are asked for and checks that each follows the one before. */
  read(range: CommitRange): AsyncGenerator<Commit, void, void>;
}

/** Reads the names of all commits and the newest of them. Any error leaves the store untouched. */
export async function openCommitLog(blobs: BlobStore, stream: string): Promise<CommitLog> {
  const prefix = commitPrefix(stream);
  const numbers = (await blobs.list(prefix)).flatMap((key) => commitNumberOf(key) ?? []);
  numbers.forEach((number, index) => {
    if (number === index + 1) return;
    throw missingCommit(blobs, stream, index + 1, `the folder goes on with commit ${number}`);
  });
  // What we are about to show may be known to the page cache alone, left by a process that was killed between link and
  // fsync. A sink must not build on a commit that a power failure could still take back.
  if (numbers.length > 0) await blobs.settle?.(prefix);
  const head = numbers.length === 0 ? undefined : await readCommit(blobs, stream, numbers.length);
  return { head, read: (range) => readRange(blobs, stream, numbers.length, range) };
}

async function* readRange(
  blobs: BlobStore,
  stream: string,
  last: number,
  range: CommitRange,
): AsyncGenerator<Commit, void, void> {
  const low = Math.max(0, range.after ?? 0) + 1;
  const high = Math.min(last, range.upTo ?? last);
  if (range.order === 'newest') {
    for (let to = high; to >= low; to -= SPAN)
      yield* (await readSpan(blobs, stream, Math.max(low, to - SPAN + 1), to)).toReversed();
  } else {
    for (let from = low; from <= high; from += SPAN)
      yield* await readSpan(blobs, stream, from, Math.min(high, from + SPAN - 1));
  }
}

/** Commits `from` to `to`, with proof that the first follows the one before it and each the other. */
async function readSpan(blobs: BlobStore, stream: string, from: number, to: number): Promise<Commit[]> {
  const first = Math.max(1, from - 1);
  const numbers = Array.from({ length: to - first + 1 }, (_, index) => first + index);
  const sealed = await Promise.all(numbers.map((number) => readCommit(blobs, stream, number)));
  sealed.forEach(({ commit }, index) => {
    const parent = index === 0 ? (commit.number === 1 ? '' : commit.parent) : sealed[index - 1]?.checksum;
    if (commit.parent === parent) return;
    const file = blobs.locate(commitKey(stream, commit.number));
    throw corruptCommit(file, 'it does not follow the commit before it: files of two histories lie in one folder');
  });
  return sealed.slice(from - first).map(({ commit }) => commit);
}

async function readCommit(blobs: BlobStore, stream: string, number: number): Promise<SealedCommit> {
  const key = commitKey(stream, number);
  const bytes = await blobs.get(key);
  if (bytes === undefined) throw missingCommit(blobs, stream, number, 'it was there a moment ago');
  return decodeCommit(bytes, blobs.locate(key), stream, number);
}

/** STORE_CORRUPT for a commit that must be there and is not. */
export function missingCommit(blobs: BlobStore, stream: string, number: number, why: string): SassyError {
  return new SassyError('STORE_CORRUPT', {
    message: `${blobs.locate(commitKey(stream, number))} is missing`,
    why,
    fix: 'put the file back from a backup',
  });
}
