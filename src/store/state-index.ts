import { SassyError } from '../errors/sassy-error.ts';
import type { Commit, StateIndex } from '../model/commit.ts';
import { SliceState, type StreamState } from '../model/state.ts';
import { isObject } from '../util/json.ts';
import type { BlobStore } from './blob-store.ts';
import { decodeFrame } from './frame.ts';
import { segmentKey } from './store-keys.ts';

/**
 * A state of more JSON than this is not written into its commit. The commit then names a file of the segments folder, the
 * index, with the slices that changed; that one names the index before it, back to one that holds them all. So a commit
 * stays small however many slices a stream has, and the state still becomes visible with its commit and not without.
 */
export const MAX_INLINE_STATE = 32 * 1024;

/** What an index file holds, as one line of JSON. */
export interface IndexContent {
  /** The index that this one changes; absent when all slices are here. */
  readonly base?: StateIndex;
  /** Slice key → its state; null for a slice that was forgotten. */
  readonly slices: Readonly<Record<string, SliceState | null>>;
}

/** The whole state after a commit. STORE_CORRUPT when an index is not what was written. */
export async function readState(blobs: BlobStore, stream: string, commit: Commit): Promise<StreamState> {
  if (commit.index === undefined) return commit.state;
  const contents: IndexContent[] = [];
  for (let at: StateIndex | undefined = commit.index; at !== undefined; at = contents.at(-1)?.base) {
    contents.push(await readIndex(blobs, stream, at));
  }
  const slices = new Map<string, SliceState>();
  for (const { slices: changed } of contents.reverse()) {
    for (const [key, state] of Object.entries(changed)) {
      if (state === null) slices.delete(key);
      else slices.set(key, state);
    }
  }
  return { ...commit.state, slices: Object.fromEntries(slices) };
}

/** The ids of the files that hold the state after a commit: none when it is in the commit itself. */
export async function stateFiles(blobs: BlobStore, stream: string, commit: Commit): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let at = commit.index; at !== undefined; at = (await readIndex(blobs, stream, at)).base) ids.push(at.id);
  return ids;
}

async function readIndex(blobs: BlobStore, stream: string, { id, frame }: StateIndex): Promise<IndexContent> {
  const key = segmentKey(stream, id);
  const file = blobs.locate(key);
  const raw = await decodeFrame(await blobs.range(key, frame.offset, frame.length), frame, file);
  const content: unknown = JSON.parse(raw.toString());
  if (isIndexContent(content)) return content;
  throw new SassyError('STORE_CORRUPT', {
    message: `${file} is damaged`,
    why: 'it holds no state of slices, although its checksum is right',
    fix: 'put the file back from a backup',
  });
}

function isIndexContent(value: unknown): value is IndexContent {
  if (!isObject(value) || !isObject(value['slices'])) return false;
  return Object.values(value['slices']).every((state) => state === null || SliceState.safeParse(state).success);
}
