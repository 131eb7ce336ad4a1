import type { Commit, Frame } from '../model/commit.ts';
import type { PageReference, StoredPage } from '../model/page.ts';
import type { StreamState } from '../model/state.ts';
import type { BlobStore } from './blob-store.ts';
import type { CommitRange } from './commit-log.ts';
import { corruptFrame, decodeFrame } from './frame.ts';
import { decodePageHead, decodePageLine, isRemovedPage, type PageHead } from './page-line.ts';
import { pageReferences, type PageReferences } from './page-references.ts';
import { openRawLog } from './raw-log.ts';
import { releaseBytes } from '../util/release.ts';
import { readAhead } from './read-ahead.ts';
import { readState } from './state-index.ts';
import { segmentKey } from './store-keys.ts';

export interface PageQuery extends CommitRange {
  /** Only pages of this listing (full-refresh streams). */
  readonly listing?: number;
  /** Leave out pages of which the server said that they are unchanged: they bring nothing new. */
  readonly changedOnly?: boolean;
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
   * frames (about 1 MiB each, or one page where a page is larger) are in memory: one is read while the other is used. A
   * page that is the same as a stored one comes with the body of that one; for these a few frames more are kept.
   */
  pages(query?: PageQuery): AsyncIterable<StoredPage>;
  /**
   * A share of the same pages, for several readers: chunks of about a megabyte, cut and numbered in the same way whoever reads.
   * A chunk may come with no pages, when none of it was asked for. Its bodies are gone when the next one is asked for.
   */
  chunks(query: PageQuery, share: Share): AsyncIterable<PageChunk>;
  /** The same, and where each lies. */
  located(query?: PageQuery): AsyncIterable<LocatedPage>;
  /** The pages without their bodies, oldest first, and where each lies. */
  heads(query?: Omit<PageQuery, 'order'>): AsyncIterable<LocatedHead>;
}

/** Which chunks a reader gets. */
export interface Share {
  /** The number of its next chunk, from 0 on; higher each time. */
  next(): number;
}

export interface PageChunk {
  readonly number: number;
  readonly pages: readonly StoredPage[];
}

export interface LocatedPage extends PageReference {
  readonly stored: StoredPage;
}

export interface LocatedHead extends PageReference {
  readonly head: PageHead;
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
  readonly commit: number;
  /** Pages of the commit before this frame. */
  readonly before: number;
}

/** The decompressed lines of a frame and where they came from. */
interface FrameLines {
  readonly raw: Buffer;
  readonly frame: Frame;
  readonly file: string;
}

const LF = 10;
const CHUNK_BYTES = 2 ** 20;

/** Opens a stream for reading; one without commits is empty. Needs no lock. */
export async function openRawStream(blobs: BlobStore, stream: string): Promise<RawStream> {
  const log = await openRawLog(blobs, stream);

  async function* frames(query: PageQuery): AsyncGenerator<FrameAt, void, void> {
    for await (const commit of log.read(query)) {
      // A commit says which listing its pages belong to, so that whole commits can be passed over.
      if (query.listing !== undefined && commit.listing !== undefined && commit.listing !== query.listing) continue;
      const found = framesOf(stream, commit);
      yield* query.order === 'newest' ? found.toReversed() : found;
    }
  }

  async function readFrame(at: FrameAt): Promise<FrameLines & FrameAt> {
    const { bytes, file } = await log.fetch(at);
    return { ...at, raw: await decodeFrame(bytes, at.frame, file), file };
  }

  async function* located(query: PageQuery = {}): AsyncGenerator<LocatedPage, void, void> {
    const references = pageReferences(log, (commit) => framesOf(stream, commit), readFrame);
    for await (const lines of readAhead(frames(query), readFrame)) yield* pagesOf(lines, query, references);
  }

  async function* pagesOf(
    lines: FrameLines & FrameAt,
    query: PageQuery,
    references: PageReferences,
  ): AsyncGenerator<LocatedPage, void, void> {
    for (const { line, index } of linesOf(lines, query.order ?? 'oldest')) {
      const stored = decoded(decodePageLine, line, lines);
      const at = { commit: lines.commit, page: lines.before + index };
      if (query.listing !== undefined && stored.listing !== query.listing) continue;
      if (stored.same === undefined) yield { ...at, stored };
      else if (query.changedOnly !== true) {
        const found = await references.find(stored.same, lines);
        yield { ...at, stored: { ...stored, body: decoded(decodePageLine, found.line, found.lines).body } };
      }
    }
  }

  async function* chunks(query: PageQuery, share: Share): AsyncGenerator<PageChunk, void, void> {
    const references = pageReferences(log, (commit) => framesOf(stream, commit), readFrame);
    const readAll = async ({ number, frames: all }: FrameChunk): Promise<ReadChunk> => {
      const read: (FrameLines & FrameAt)[] = [];
      for (const at of all) read.push(await readFrame(at));
      return { number, read };
    };
    for await (const { number, read } of readAhead(shareOf(frames(query), share), readAll)) {
      const found: StoredPage[] = [];
      for (const lines of read) for await (const { stored } of pagesOf(lines, query, references)) found.push(stored);
      yield { number, pages: found };
      // A page that is the same as another has its body elsewhere.
      for (const { raw } of read) releaseBytes(raw);
    }
  }

  async function* pages(query: PageQuery = {}): AsyncGenerator<StoredPage, void, void> {
    for await (const { stored } of located(query)) yield stored;
  }

  async function* heads(query: Omit<PageQuery, 'order'> = {}): AsyncGenerator<LocatedHead, void, void> {
    for await (const lines of readAhead(frames(query), readFrame)) {
      for (const { line, index } of linesOf(lines, 'oldest')) {
        const head = decoded(decodePageHead, line, lines);
        if (query.listing !== undefined && head.listing !== query.listing) continue;
        if (query.changedOnly === true && head.same !== undefined) continue;
        yield { commit: lines.commit, page: lines.before + index, head };
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
    head === undefined ? { slices: {} } : log.reading(() => readState(blobs, stream, head));
  return { head, state, commits: (range = {}) => log.read(range), totals, pages, chunks, located, heads };
}

interface FrameChunk {
  readonly number: number;
  readonly frames: readonly FrameAt[];
}

interface ReadChunk {
  readonly number: number;
  readonly read: readonly (FrameLines & FrameAt)[];
}

/** The frames of the chunks that are asked for. */
async function* shareOf(frames: AsyncIterable<FrameAt>, share: Share): AsyncGenerator<FrameChunk, void, void> {
  let chunk: FrameAt[] = [];
  let bytes = 0;
  let number = 0;
  let wanted = share.next();
  for await (const at of frames) {
    if (number === wanted) chunk.push(at);
    bytes += at.frame.rawLength;
    if (bytes < CHUNK_BYTES) continue;
    if (number === wanted) {
      yield { number, frames: chunk };
      wanted = share.next();
    }
    chunk = [];
    bytes = 0;
    number += 1;
  }
  if (chunk.length > 0) yield { number, frames: chunk };
}

/** All frames of a commit, in the order of its pages. */
function framesOf(stream: string, commit: Commit): readonly FrameAt[] {
  let before = 0;
  return commit.segments.flatMap(({ id, frames }) =>
    frames.map((frame) => {
      const at = { key: segmentKey(stream, id), frame, commit: commit.number, before };
      before += frame.pages;
      return at;
    }),
  );
}

/** The lines of a frame with their places in it, but for pages that were removed. Throws STORE_CORRUPT when they are not as many as the commit says. */
function* linesOf(
  { raw, frame, file }: FrameLines,
  order: 'oldest' | 'newest',
): Generator<{ readonly line: Buffer; readonly index: number }, void, void> {
  const ends: number[] = [];
  for (let at = raw.indexOf(LF); at !== -1; at = raw.indexOf(LF, at + 1)) ends.push(at);
  if (ends.length !== frame.pages || ends.at(-1) !== raw.length - 1) {
    throw corruptFrame(file, frame, `they hold ${ends.length} pages, not ${frame.pages}`);
  }
  for (let step = 0; step < ends.length; step += 1) {
    const index = order === 'newest' ? ends.length - 1 - step : step;
    const start = index === 0 ? 0 : (ends[index - 1] ?? 0) + 1;
    const line = raw.subarray(start, ends[index]);
    if (!isRemovedPage(line)) yield { line, index };
  }
}

function decoded<T>(decode: (line: Buffer) => T, line: Buffer, { frame, file }: FrameLines): T {
  try {
    return decode(line);
  } catch (error) {
    throw corruptFrame(file, frame, error instanceof Error ? error.message : 'a line is no page', error);
  }
}
