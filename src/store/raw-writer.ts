import { isSassyError } from '../errors/sassy-error.ts';
import type { Commit, StateIndex } from '../model/commit.ts';
import type { StreamState } from '../model/state.ts';
import { randomId } from './durable-file.ts';
import { frameQueue } from './frame-queue.ts';
import { encodePageLine, type FetchedPage } from './page-line.ts';
import { frameCompressor, type FrameCompressor } from './frame-compressor.ts';
import { segmentWriter, type SegmentWriter } from './segment-writer.ts';
import { nextCommit, putCommit, recoverStream, type WriterIdentity } from './recovery.ts';
import { type IndexContent, readState } from './state-index.ts';
import { type StateChange, stateLog, type StateToWrite } from './state-log.ts';
import { segmentId, segmentKey } from './store-keys.ts';

/** Raw page lines per frame: a reader decompresses no more than this at once, and larger frames save little. */
const FRAME_BYTES = 1024 * 1024;

const MAX_SEGMENT_BYTES = 64 * 1024 * 1024;

export interface RawWriterOptions extends WriterIdentity {
  /** Called before anything is made visible: rejects when the run lock was lost (`RunLock.verify`). */
  readonly guard?: () => Promise<void>;
  /** For tests that want many frames from little data. Default: 1 MiB. */
  readonly frameBytes?: number;
  /** The same for many segments. Default: 64 MiB. */
  readonly segmentBytes?: number;
}

/** Appends pages to a stream and commits them. After an error it is broken: every later call fails with the first error. */
export interface RawWriter {
  /** The newest commit that is durable. */
  readonly head: Commit | undefined;
  /** The whole state, with all changes that were handed to `commit`. Reading it takes as long as there are slices. */
  readonly state: StreamState;
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
  /** The same for those who know what changed: costs what the change costs, not what the state does. */
  commitChange(change: StateChange, listing?: number): Promise<Commit | undefined>;
}

/** What belongs to the next commit. */
interface Batch {
  readonly number: number;
  readonly segments: SegmentWriter;
  pages: number;
  records: number;
  bytes: number;
}

/** Recovers the stream (see `recoverStream`; the caller holds the run lock) and opens it for writing. */
export async function openRawWriter(options: RawWriterOptions): Promise<RawWriter> {
  const { host, blobs, stream, guard, frameBytes = FRAME_BYTES, segmentBytes = MAX_SEGMENT_BYTES } = options;
  await guard?.();
  let head = await recoverStream(options);
  let failure: { readonly error: unknown } | undefined;
  const states = stateLog(
    head === undefined ? { slices: {} } : await readState(blobs, stream, head.commit),
    head?.commit.index,
  );
  let index = head?.commit.index;
  let compressor: FrameCompressor | undefined;
  let tail: Promise<unknown> = Promise.resolve();
  const queue = frameQueue(frameBytes);

  let batch = newBatch((head?.commit.number ?? 0) + 1);

  function newBatch(number: number): Batch {
    const before = tail;
    const begin = async (): Promise<void> => {
      await before;
      await guard?.();
    };
    const segments = segmentWriter({ host, blobs, stream, commit: number, segmentBytes, begin }, (error) => {
      failure ??= { error };
    });
    return { number, segments, pages: 0, records: 0, bytes: 0 };
  }

  function cut(): void {
    const frame = queue.cut();
    if (frame !== undefined) batch.segments.add(frame);
  }

  async function write(own: Batch, state: StateToWrite, listing: number | undefined): Promise<Commit> {
    if (failure !== undefined) throw failure.error;
    try {
      const segments = await own.segments.close();
      await guard?.();
      const next = nextCommit(options, head);
      const keys = [...own.segments.keys];
      index = await writeIndex(next.number, state, keys);
      const { pages, records, bytes } = own;
      const written = { segments, pages, records, bytes, state: state.inline };
      head = await putOrClear(
        {
          ...next,
          ...(listing === undefined ? {} : { listing }),
          ...written,
          ...(index === undefined ? {} : { index }),
        },
        keys,
      );
      return head.commit;
    } catch (error) {
      failure ??= { error };
      throw failure.error;
    }
  }

  /** The index that belongs to a state: a new one, the one before when no slice changed, none when the state is small. */
  async function writeIndex(
    number: number,
    { isIndexed, content }: StateToWrite,
    keys: string[],
  ): Promise<StateIndex | undefined> {
    if (content === undefined) return isIndexed ? index : undefined;
    const base = content.isWhole ? undefined : index;
    const whole: IndexContent = { ...(base === undefined ? {} : { base }), slices: content.slices };
    compressor ??= frameCompressor();
    const { bytes, ...rest } = await compressor.compress(Buffer.from(`${JSON.stringify(whole)}\n`), 0);
    const id = segmentId(number, randomId(host));
    keys.push(segmentKey(stream, id));
    await blobs.put(segmentKey(stream, id), [bytes]);
    const frame = { offset: 0, length: bytes.byteLength, ...rest };
    return { id, frame, depth: base === undefined ? 0 : base.depth + 1 };
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

  async function commitChange(change: StateChange, listing?: number): Promise<Commit | undefined> {
    if (failure !== undefined) throw failure.error;
    const isChanged = states.apply(change);
    cut();
    const cutBatch = batch;
    if (cutBatch.pages === 0 && !isChanged) {
      await tail;
      return undefined;
    }
    const state = states.next();
    const written = tail.then(() => write(cutBatch, state, listing));
    tail = written;
    batch = newBatch(cutBatch.number + 1);
    // The next commit and the caller both see the error; whoever comes first must not leave it unhandled.
    tail.catch(() => undefined);
    return written;
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
      batch.bytes += page.same === undefined ? page.bytes.byteLength : 0;
      if (queue.length >= frameBytes) cut();
    },
    async ready() {
      await queue.ready();
      await batch.segments.ready();
      if (failure !== undefined) throw failure.error;
    },
    get state() {
      return states.whole();
    },
    commit: (state, listing) => commitChange(states.changeTo(state), listing),
    commitChange,
  };
}
