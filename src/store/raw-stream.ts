import type { Commit, Frame } from '../model/commit.ts';
import type { StoredPage } from '../model/page.ts';
import type { StreamState } from '../model/state.ts';
import type { BlobStore } from './blob-store.ts';
import { openCommitLog, type CommitRange } from './commit-log.ts';
import { corruptFrame, decodeFrame } from './frame.ts';
import { decodePageLine } from './page-line.ts';
import { readAhead } from './read-ahead.ts';
import { readState } from './state-index.ts';
import { segmentKey } from './store-keys.ts';

export interface PageQuery extends CommitRange {
  /** Only pages of this listing (full-refresh streams). */
  readonly listing?: number;
}

/**
 * The committed pages and state of a stream, as they were when it was opened: one consistent snapshot, also while another
 * process goes on writing. Nothing is ever modified. Data that is not what was written is STORE_CORRUPT, with the file.
 */
export interface RawStream {
  /** The newest commit; undefined before the first. Its state has no slices when they are many: see `state`. */
  readonly head: Commit | undefined;
  /** The whole state after the newest commit. */
  state(): Promise<StreamState>;
  /** Commits, read as they are asked for: a history of many runs is never loaded to read its last few. */
  commits(range?: CommitRange): AsyncIterable<Commit>;
  /** Sums over all commits: reads each commit file, no page. */
  totals(): Promise<StreamTotals>;
  /**
   * Pages of the commits asked for, and of no others. Newest first is the exact reverse of oldest first. At most two
   * frames (about 1 MiB each, or one page where a page is larger) are in memory: one is read while the other is used.
   */
  pages(query?: PageQuery): AsyncIterable<StoredPage>;
}

export interface StreamTotals {
  readonly pages: number;
  readonly records: number;
  /** The vendor's. */
  readonly bytes: number;
}

interface FrameAt {
  readonly key: string;
  readonly frame: Frame;
}

/** The decompressed lines of a frame and where they came from. */
interface FrameLines {
  readonly raw: Buffer;
  readonly frame: Frame;
  readonly file: string;
}

const LF = 10;

/** Opens a stream for reading; one without commits is empty. Needs no lock. */
export async function openRawStream(blobs: BlobStore, stream: string): Promise<RawStream> {
  const log = await openCommitLog(blobs, stream);

  async function* frames(query: PageQuery): AsyncGenerator<FrameAt, void, void> {
    for await (const commit of log.read(query)) {
      // A commit says which listing its pages belong to, so that whole commits can be passed over.
      if (query.listing !== undefined && commit.listing !== undefined && commit.listing !== query.listing) continue;
      const found = commit.segments.flatMap(({ id, frames: all }) =>
        all.map((frame) => ({ key: segmentKey(stream, id), frame })),
      );
      yield* query.order === 'newest' ? found.toReversed() : found;
    }
  }

  async function readFrame({ key, frame }: FrameAt): Promise<FrameLines> {
    const file = blobs.locate(key);
    return { raw: await decodeFrame(await blobs.range(key, frame.offset, frame.length), frame, file), frame, file };
  }

  async function* pages(query: PageQuery = {}): AsyncGenerator<StoredPage, void, void> {
    for await (const lines of readAhead(frames(query), readFrame)) {
      for (const page of pagesOf(lines, query.order ?? 'oldest')) {
        if (query.listing === undefined || page.listing === query.listing) yield page;
      }
    }
  }

  async function totals(): Promise<StreamTotals> {
    const sum = { pages: 0, records: 0, bytes: 0 };
    for await (const commit of log.read({})) {
      sum.pages += commit.pages;
      sum.records += commit.records;
      sum.bytes += commit.bytes;
    }
    return sum;
  }

  const head = log.head?.commit;
  const state = async (): Promise<StreamState> =>
    head === undefined ? { slices: {} } : readState(blobs, stream, head);
  return { head, state, commits: (range = {}) => log.read(range), totals, pages };
}

function* pagesOf({ raw, frame, file }: FrameLines, order: 'oldest' | 'newest'): Generator<StoredPage, void, void> {
  const ends: number[] = [];
  for (let at = raw.indexOf(LF); at !== -1; at = raw.indexOf(LF, at + 1)) ends.push(at);
  if (ends.length !== frame.pages || ends.at(-1) !== raw.length - 1) {
    throw corruptFrame(file, frame, `they hold ${ends.length} pages, not ${frame.pages}`);
  }
  for (let step = 0; step < ends.length; step += 1) {
    const index = order === 'newest' ? ends.length - 1 - step : step;
    const start = index === 0 ? 0 : (ends[index - 1] ?? 0) + 1;
    yield pageOf(raw.subarray(start, ends[index]), frame, file);
  }
}

function pageOf(line: Buffer, frame: Frame, file: string): StoredPage {
  try {
    return decodePageLine(line);
  } catch (error) {
    throw corruptFrame(file, frame, error instanceof Error ? error.message : 'a line is no page', error);
  }
}
