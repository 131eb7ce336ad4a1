import { isSassyError } from '../errors/sassy-error.ts';
import type { Commit, Segment } from '../model/commit.ts';
import type { StreamState } from '../model/state.ts';
import { canonicalJson } from '../util/json.ts';
import { randomId } from './durable-file.ts';
import { frameQueue } from './frame-queue.ts';
import type { EncodedFrame } from './frame.ts';
import { encodePageLine, type FetchedPage } from './page-line.ts';
import { nextCommit, putCommit, recoverStream, type WriterIdentity } from './recovery.ts';
import { segmentId, segmentKey } from './store-keys.ts';

/** Raw page lines per frame: a reader decompresses no more than this at once, and larger frames save little. */
const FRAME_BYTES = 1024 * 1024;

export interface RawWriterOptions extends WriterIdentity {
  /** Called before anything is made visible: rejects when the run lock was lost (`RunLock.verify`). */
  readonly guard?: () => Promise<void>;
  /** For tests that want many frames from little data. Default: 1 MiB. */
  readonly frameBytes?: number;
}

/** Appends pages to a stream and commits them. After an error it is broken: every later call fails with the first error. */
export interface RawWriter {
  /** The newest commit that is durable. */
  readonly head: Commit | undefined;
  /** What was appended since the last call of `commit`. `bytes`: the vendor's. */
  readonly pending: { readonly pages: number; readonly bytes: number };
  /** Adds a page to the frame in memory. `records`: how many of its records were not stored before. */
  append(page: FetchedPage, records: number): void;
  /** Back-pressure: to be awaited between pages, so that few frames wait for compression. */
  ready(): Promise<void>;
  /**
   * Makes all pages appended so far and `state` visible together, durable when it resolves. The state is copied before
   * the call returns; pages appended and state changed later belong to the next commit, and may be while this one is
   * written. Resolves to undefined when there are no pages and the state is that of the commit before.
   */
  commit(state: StreamState, listing?: number): Promise<Commit | undefined>;
}

interface Batch {
  readonly frames: Promise<EncodedFrame>[];
  pages: number;
  records: number;
  bytes: number;
}

/** Recovers the stream (see `recoverStream`; the caller holds the run lock) and opens it for writing. */
export async function openRawWriter(options: RawWriterOptions): Promise<RawWriter> {
  const { host, blobs, stream, guard, frameBytes = FRAME_BYTES } = options;
  await guard?.();
  let head = await recoverStream(options);
  let failure: { readonly error: unknown } | undefined;
  let batch = emptyBatch();
  let lastState: StreamState = head?.commit.state ?? { slices: {} };
  let tail: Promise<unknown> = Promise.resolve();
  const queue = frameQueue(frameBytes);

  function cut(): void {
    const frame = queue.cut();
    if (frame !== undefined) batch.frames.push(frame);
  }

  async function write(own: Batch, state: StreamState, listing: number | undefined): Promise<Commit> {
    if (failure !== undefined) throw failure.error;
    try {
      const frames = await Promise.all(own.frames);
      await guard?.();
      const next = nextCommit(options, head);
      const segments = frames.length === 0 ? [] : [segmentOf(segmentId(next.number, randomId(host)), frames)];
      const keys = segments.map(({ id }) => segmentKey(stream, id));
      for (const key of keys) {
        await blobs.put(
          key,
          frames.map(({ bytes }) => bytes),
        );
      }
      const { pages, records, bytes } = own;
      head = await putOrClear(
        { ...next, ...(listing === undefined ? {} : { listing }), segments, pages, records, bytes, state },
        keys,
      );
      return head.commit;
    } catch (error) {
      failure ??= { error };
      throw failure.error;
    }
  }

  /** A fenced commit will never name its segment: its number is another's. After other errors it may yet be visible. */
  async function putOrClear(commit: Commit, keys: readonly string[]): ReturnType<typeof putCommit> {
    try {
      return await putCommit(options, commit);
    } catch (error) {
      // What cannot be removed now is removed by the next recovery.
      if (isSassyError(error, 'FENCED')) await Promise.allSettled(keys.map((key) => blobs.delete(key)));
      throw error;
    }
  }

  return {
    get head() {
      return head?.commit;
    },
    get pending() {
      return { pages: batch.pages, bytes: batch.bytes };
    },
    append(page, records) {
      if (failure !== undefined) throw failure.error;
      queue.append(encodePageLine(page));
      batch.pages += 1;
      batch.records += records;
      batch.bytes += page.bytes.byteLength;
      if (queue.length >= frameBytes) cut();
    },
    async ready() {
      await queue.ready();
      if (failure !== undefined) throw failure.error;
    },
    async commit(state, listing) {
      if (failure !== undefined) throw failure.error;
      const snapshot = structuredClone(state);
      cut();
      const cutBatch = batch;
      if (cutBatch.pages === 0 && canonicalJson(snapshot) === canonicalJson(lastState)) {
        await tail;
        return undefined;
      }
      batch = emptyBatch();
      lastState = snapshot;
      const written = tail.then(() => write(cutBatch, snapshot, listing));
      tail = written;
      // The next commit and the caller both see the error; whoever comes first must not leave it unhandled.
      tail.catch(() => undefined);
      return written;
    },
  };
}

function emptyBatch(): Batch {
  return { frames: [], pages: 0, records: 0, bytes: 0 };
}

/** All frames of a commit in one file, one after the other. */
function segmentOf(id: string, frames: readonly EncodedFrame[]): Segment {
  let offset = 0;
  const described = frames.map(({ bytes, rawLength, pages, sha256 }) => {
    const frame = { offset, length: bytes.byteLength, rawLength, pages, sha256 };
    offset += bytes.byteLength;
    return frame;
  });
  return { id, frames: described };
}
