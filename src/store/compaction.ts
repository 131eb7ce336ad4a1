import type { Commit } from '../model/commit.ts';
import type { BlobStore } from './blob-store.ts';
import { openRawLog, type RawLog } from './raw-log.ts';
import { recoverStream } from './recovery.ts';
import { rewriteSegments, type Rewriter } from './rewrite.ts';
import { inParts, type SegmentUse, segmentUses, toRewrite } from './segment-use.ts';
import { stateFiles } from './state-index.ts';
import { segmentIdOf, segmentPrefix, segmentTargetOf } from './store-keys.ts';

/** Segments below this are merged: a smaller one costs its reader more for the file than for what is in it. */
const SMALL_BYTES = 8 * 1024 * 1024;
/** So many small ones are worth the work at the end of a run. */
const MANY = 64;
/** How far back the end of a run looks for them. */
const LOOK_BACK = 256;
/** What one commit of a compaction takes on: so much disk is needed twice, and so much is done again after a crash. */
const PART_BYTES = 256 * 1024 * 1024;

/** What was done, or is there to do. */
export interface Compaction {
  /** Files in the segments folder before and after. */
  readonly files: { readonly before: number; readonly after: number };
  /** Segments merged, and their compressed bytes, which are copied as they are. */
  readonly merged: number;
  readonly bytes: number;
  /** Indexes of states of the past that were removed. */
  readonly indexes: number;
}

/** True when a stream has so many small segments since it was last compacted that it is worth the work. Reads few files. */
export async function isWorthCompacting(blobs: BlobStore, stream: string): Promise<boolean> {
  const log = await openRawLog(blobs, stream);
  const { number = 0, overlay } = log.head?.commit ?? {};
  const since = overlay?.commit ?? 0;
  if (number - since < MANY) return false;
  let small = 0;
  for await (const commit of log.read({ after: Math.max(since, number - LOOK_BACK), order: 'newest' })) {
    if (isSmall(commit)) small += 1;
    if (small >= MANY) return true;
  }
  return false;
}

/** What a compaction would do now. Reads only. */
export async function planCompaction(blobs: BlobStore, stream: string): Promise<Compaction> {
  const log = await openRawLog(blobs, stream);
  const { small, idle, before } = await survey(blobs, stream, log);
  const merged = parts(small).flat();
  const bytes = merged.reduce((sum, use) => sum + use.bytes, 0);
  const made = parts(small).reduce((sum, part) => sum + Math.ceil(sumOf(part) / (32 * 1024 * 1024)), 0);
  const overlays = log.head?.commit.overlay === undefined && (merged.length > 0 || idle.length > 0) ? 1 : 0;
  const after = before - merged.length - idle.length + made + overlays;
  return { files: { before, after }, merged: merged.length, bytes, indexes: idle.length };
}

/**
 * Merges the small segments of a stream into large ones, frame by frame, byte by byte, and removes the indexes of states
 * that nobody can ask for any more. The caller holds the run lock. Stopped or killed, it goes on where it was when it is
 * called again; what it has replaced by then stays replaced.
 */
export async function compactStream(writer: Rewriter, signal?: AbortSignal): Promise<Compaction> {
  const { blobs, stream } = writer;
  await writer.guard?.();
  let head = await recoverStream(writer);
  const { small, idle, before } = await survey(blobs, stream, await openRawLog(blobs, stream));
  let [merged, bytes, indexes] = [0, 0, 0];
  const todo = parts(small);
  if (head !== undefined && (todo.length > 0 || idle.length > 0)) {
    for (const part of todo.length > 0 ? todo : [[]]) {
      signal?.throwIfAborted();
      const obsolete = indexes === 0 ? idle : [];
      head = await rewriteSegments(writer, head, { ...toRewrite(part), obsolete });
      merged += part.length;
      bytes += sumOf(part);
      indexes += obsolete.length;
    }
  }
  const after = (await blobs.list(segmentPrefix(stream))).length;
  return { files: { before, after }, merged, bytes, indexes };
}

async function survey(
  blobs: BlobStore,
  stream: string,
  log: RawLog,
): Promise<{ readonly small: readonly SegmentUse[]; readonly idle: readonly string[]; readonly before: number }> {
  const keys = await blobs.list(segmentPrefix(stream));
  const uses = await segmentUses(log.read({}));
  const head = log.head?.commit;
  const needed = new Set(uses.map(({ id }) => id));
  if (head?.overlay !== undefined) needed.add(head.overlay.id);
  if (head !== undefined) for (const id of await stateFiles(blobs, stream, head)) needed.add(id);
  const idle = keys
    .filter((key) => (segmentTargetOf(key) ?? Infinity) <= (head?.number ?? 0))
    .map(segmentIdOf)
    .filter((id) => !needed.has(id));
  return { small: uses.filter((use) => use.bytes < SMALL_BYTES), idle, before: keys.length };
}

/** Nothing is gained by writing a single segment again. */
function parts(small: readonly SegmentUse[]): readonly (readonly SegmentUse[])[] {
  return inParts(small, PART_BYTES).filter((part) => part.length > 1);
}

function sumOf(part: readonly SegmentUse[]): number {
  return part.reduce((sum, { bytes }) => sum + bytes, 0);
}

function isSmall({ segments }: Commit): boolean {
  const bytes = segments.flatMap(({ frames }) => frames).reduce((sum, { length }) => sum + length, 0);
  return segments.length > 0 && bytes < SMALL_BYTES;
}
