import { isSassyError } from '../errors/sassy-error.ts';
import { type Commit, type Frame, OVERLAY_FORMAT, type OverlayFile, type Segment } from '../model/commit.ts';
import type { SealedCommit } from './commit-file.ts';
import { randomId } from './durable-file.ts';
import { corruptFrame, decodeFrame, sha256Of } from './frame.ts';
import { type FrameCompressor, frameCompressor } from './frame-compressor.ts';
import { NO_OVERLAY, overlayContent, overlayOf, type Place } from './overlay.ts';
import { encodeOverlay, readOverlayFile } from './overlay-file.ts';
import { openCommitLog } from './commit-log.ts';
import { emptyCommit, putCommit, type WriterIdentity } from './recovery.ts';
import { type SegmentPacker, segmentPacker } from './segment-packer.ts';
import { segmentId, segmentKey, segmentPrefix } from './store-keys.ts';

export interface Rewriter extends WriterIdentity {
  /** As of `RawWriterOptions`. */
  readonly guard?: () => Promise<void>;
}

/** A frame and its place among the pages of the stream. */
export interface FrameToChange {
  readonly commit: number;
  /** Pages of the commit before this frame. */
  readonly before: number;
  readonly pages: number;
  /** Its page lines. */
  lines(): Promise<Buffer>;
}

/** What is left of a frame: as many lines as before, those of removed pages among them. */
export interface ChangedFrame {
  readonly lines: Buffer;
  /** What is no longer there. `bytes`: the vendor's. */
  readonly gone: { readonly pages: number; readonly records: number; readonly bytes: number };
  /** No page is left in it. */
  readonly isEmpty: boolean;
}

/** Undefined when the frame stays as it is. */
export type FrameChange = (frame: FrameToChange) => Promise<ChangedFrame | undefined>;

export interface Rewrite {
  /** Segments to be given up: all frames in them are copied to new ones, byte by byte where `change` leaves them alone. */
  readonly segments: ReadonlySet<string>;
  /** The commits that have frames in them, ascending. */
  readonly commits: readonly number[];
  readonly change?: FrameChange;
  /** Ids of other files that nobody needs any more. */
  readonly obsolete?: readonly string[];
}

/**
 * Gives up segments for new ones in one commit that adds no page and leaves the state as it is. What it replaces is removed
 * when that commit is durable, not before; a run that dies in between leaves that to the next recovery. The caller holds the
 * run lock and has recovered the stream; `head` is its newest commit. Resolves to the new head.
 */
export async function rewriteSegments(writer: Rewriter, head: SealedCommit, rewrite: Rewrite): Promise<SealedCommit> {
  const { blobs, stream, guard, host } = writer;
  await guard?.();
  const log = await openCommitLog(blobs, stream);
  const old = head.commit.overlay;
  const overlay = old === undefined ? NO_OVERLAY : overlayOf(await readOverlayFile(blobs, stream, old));
  const places = new Map(overlay.places);
  const number = head.commit.number + 1;
  const packer = segmentPacker(writer, number);
  const compressor = frameCompressor();
  const written: string[] = [];
  try {
    const wanted = new Set(rewrite.commits);
    const [first = 1] = rewrite.commits;
    for await (const own of log.read({ after: first - 1, upTo: rewrite.commits.at(-1) ?? 0 })) {
      if (!wanted.has(own.number)) continue;
      const isAsWritten = places.get(own.number)?.kind !== 'rewritten';
      const moved = await moveCommit(writer, overlay.resolve(own), rewrite, packer, compressor);
      places.set(own.number, placeOf(moved, isAsWritten));
    }
    await packer.close();
    const obsolete = [...rewrite.segments, ...(rewrite.obsolete ?? []), ...(old === undefined ? [] : [old.id])];
    const { bytes, ...rest } = await compressor.compress(encodeOverlay(overlayContent(places, obsolete)), 0);
    const id = segmentId(number, randomId(host));
    written.push(id);
    await blobs.put(segmentKey(stream, id), [bytes]);
    const file: OverlayFile = { id, frame: { offset: 0, length: bytes.byteLength, ...rest }, commit: number };
    await guard?.();
    const sealed = await putCommit(writer, { ...emptyCommit(writer, head), format: OVERLAY_FORMAT, overlay: file });
    for (const gone of obsolete) await blobs.delete(segmentKey(stream, gone));
    // What is to be gone for good must not come back with the next power failure.
    await blobs.settle?.(segmentPrefix(stream));
    return sealed;
  } catch (error) {
    // Its number is another's, so nothing will ever name these. After other errors the commit may yet be visible.
    if (isSassyError(error, 'FENCED')) {
      const keys = [...packer.ids, ...written].map((id) => segmentKey(stream, id));
      await Promise.allSettled(keys.map((key) => blobs.delete(key)));
    }
    throw error;
  }
}

interface MovedCommit {
  readonly commit: Commit;
  readonly isChanged: boolean;
}

async function moveCommit(
  writer: Rewriter,
  commit: Commit,
  { segments: chosen, change }: Rewrite,
  packer: SegmentPacker,
  compressor: FrameCompressor,
): Promise<MovedCommit> {
  const segments: { id: string; frames: Frame[] }[] = [];
  let { pages, records, bytes } = commit;
  let before = 0;
  let isChanged = false;
  let isEmpty = true;
  for (const { id, frames } of commit.segments) {
    for (const frame of frames) {
      let now = { id, frame };
      if (chosen.has(id)) {
        const source = await frameBytes(writer, id, frame);
        const lines = (): Promise<Buffer> =>
          decodeFrame(source, frame, writer.blobs.locate(segmentKey(writer.stream, id)));
        const changed = await change?.({ commit: commit.number, before, pages: frame.pages, lines });
        const encoded = changed === undefined ? undefined : await compressor.compress(changed.lines, frame.pages);
        if (changed !== undefined) {
          pages -= changed.gone.pages;
          records -= changed.gone.records;
          bytes -= changed.gone.bytes;
          isChanged = true;
        }
        if (changed?.isEmpty !== true) isEmpty = false;
        const placed = await packer.add(encoded?.bytes ?? source);
        const { rawLength, sha256 } = encoded ?? frame;
        const length = (encoded?.bytes ?? source).byteLength;
        now = { id: placed.id, frame: { offset: placed.offset, length, rawLength, pages: frame.pages, sha256 } };
      } else isEmpty = false;
      before += frame.pages;
      const last = segments.at(-1);
      if (last?.id === now.id) last.frames.push(now.frame);
      else segments.push({ id: now.id, frames: [now.frame] });
    }
  }
  // A commit of which nothing is left needs no lines that keep its pages' places: nothing refers to them.
  return { commit: { ...commit, segments: isEmpty ? [] : segments, pages, records, bytes }, isChanged };
}

/** The compressed bytes, checked: damage must not be copied to where the next reader takes it for new. */
async function frameBytes({ blobs, stream }: Rewriter, id: string, frame: Frame): Promise<Buffer> {
  const key = segmentKey(stream, id);
  const bytes = await blobs.range(key, frame.offset, frame.length);
  if (bytes.byteLength !== frame.length || sha256Of(bytes) !== frame.sha256)
    throw corruptFrame(blobs.locate(key), frame, 'their sha256 is another');
  return bytes;
}

function placeOf({ commit, isChanged }: MovedCommit, isAsWritten: boolean): Place {
  const { segments, pages, records, bytes } = commit;
  const [only] = segments;
  if (!isChanged && isAsWritten && segments.length === 1 && only !== undefined && isOnePiece(only))
    return { kind: 'moved', id: only.id, at: only.frames[0]?.offset ?? 0 };
  return { kind: 'rewritten', now: { segments, pages, records, bytes } };
}

function isOnePiece({ frames }: Segment): boolean {
  return frames.every((frame, index) => {
    const last = frames[index - 1];
    return last === undefined || frame.offset === last.offset + last.length;
  });
}
