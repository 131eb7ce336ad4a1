import type { Frame, Segment } from '../model/commit.ts';
import type { Host } from '../util/host.ts';
import type { BlobStore } from './blob-store.ts';
import { randomId } from './durable-file.ts';
import type { EncodedFrame } from './frame.ts';
import { segmentId, segmentKey } from './store-keys.ts';

/** How many frames may wait for the disk before `ready` holds the caller back. */
const MAX_WAITING = 8;

export interface SegmentWriterOptions {
  readonly host: Host;
  readonly blobs: BlobStore;
  readonly stream: string;
  /** The number of the commit that will name the segments. */
  readonly commit: number;
  /** Data that hardly compresses would make larger files than are handy. A frame that is larger by itself has its own. */
  readonly segmentBytes: number;
  /**
   * Awaited before the first byte is written: the commit before must be visible by then, or recovery could not tell a segment
   * that is ahead of its time from one whose commit is lost.
   */
  readonly begin: () => Promise<void>;
}

/** Writes the frames of one commit as they come, so that none of them waits in memory for the commit. */
export interface SegmentWriter {
  /** Takes the next frame, which may still be in the making. */
  add(frame: Promise<EncodedFrame>): void;
  /** Resolves when few enough frames wait. */
  ready(): Promise<void>;
  /** No frame comes any more: resolves to the segments when all are durable, rejects with the first error. */
  close(): Promise<Segment[]>;
  /** The keys of all segments begun so far. */
  readonly keys: readonly string[];
}

/** `failed` is told of the first error at once; it may be long until somebody asks. */
export function segmentWriter(options: SegmentWriterOptions, failed: (error: unknown) => void): SegmentWriter {
  const { host, blobs, stream, commit, segmentBytes, begin } = options;
  const keys: string[] = [];
  const waiting: Promise<EncodedFrame>[] = [];
  /** Set in an object, because it changes while others wait. */
  const state = { isClosed: false, hasFailed: false };
  let written: Promise<Segment[]> | undefined;
  /** Who waits for the next change: the disk for a frame, or a caller for room. */
  let wakers: (() => void)[] = [];

  function changed(): void {
    const woken = wakers;
    wakers = [];
    for (const wake of woken) wake();
  }

  const change = (): Promise<void> => new Promise((resolve) => wakers.push(resolve));

  async function next(): Promise<EncodedFrame | undefined> {
    while (waiting.length === 0 && !state.isClosed) await change();
    const frame = await waiting.shift();
    changed();
    return frame;
  }

  async function write(): Promise<Segment[]> {
    await begin();
    const segments: Segment[] = [];
    let frame = await next();
    while (frame !== undefined) {
      const id = segmentId(commit, randomId(host));
      const key = segmentKey(stream, id);
      const file = segmentFile(frame, next, segmentBytes);
      keys.push(key);
      await blobs.put(key, file.chunks());
      segments.push({ id, frames: [...file.frames] });
      frame = file.left();
    }
    return segments;
  }

  async function writeOrFail(): Promise<Segment[]> {
    try {
      return await write();
    } catch (error) {
      state.hasFailed = true;
      failed(error);
      changed();
      throw error;
    }
  }

  return {
    keys,
    add(frame) {
      if (state.hasFailed) return;
      waiting.push(frame);
      if (written === undefined) {
        written = writeOrFail();
        // Who closes sees the error; until then nobody is waiting for it.
        written.catch(() => undefined);
      }
      changed();
    },
    async ready() {
      while (waiting.length > MAX_WAITING && !state.hasFailed) await change();
    },
    async close() {
      state.isClosed = true;
      changed();
      return (await written) ?? [];
    },
  };
}

interface SegmentFile {
  chunks(): AsyncGenerator<Buffer>;
  /** Where the frames lie that were given out so far. */
  readonly frames: readonly Frame[];
  /** The first frame that had no room, once all chunks were taken. */
  left(): EncodedFrame | undefined;
}

function segmentFile(first: EncodedFrame, next: () => Promise<EncodedFrame | undefined>, most: number): SegmentFile {
  const frames: Frame[] = [];
  let offset = 0;
  let frame: EncodedFrame | undefined = first;
  return {
    frames,
    left: () => frame,
    async *chunks() {
      while (frame !== undefined && (offset === 0 || offset + frame.bytes.byteLength <= most)) {
        const { bytes, rawLength, pages, sha256 }: EncodedFrame = frame;
        frames.push({ offset, length: bytes.byteLength, rawLength, pages, sha256 });
        offset += bytes.byteLength;
        yield bytes;
        frame = await next();
      }
    },
  };
}
