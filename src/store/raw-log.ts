import { isSassyError, SassyError } from '../errors/sassy-error.ts';
import type { Frame } from '../model/commit.ts';
import type { BlobStore } from './blob-store.ts';
import { type CommitLog, openCommitLog } from './commit-log.ts';
import { NO_OVERLAY, type Overlay, overlayOf } from './overlay.ts';
import { readOverlayFile } from './overlay-file.ts';
import { segmentKey } from './store-keys.ts';

/** Where a reader was told that a frame lies. */
export interface FramePlace {
  readonly key: string;
  readonly frame: Frame;
  readonly commit: number;
}

/** The commits of a stream with their present segments, and the bytes in them. */
export interface RawLog extends CommitLog {
  /**
   * The compressed bytes of a frame and the file they are in. When its segment was merged into another meanwhile, they are
   * read from there; they are the same bytes. STORE_REWRITTEN when what stood there was cut or removed meanwhile.
   */
  fetch(place: FramePlace): Promise<{ readonly bytes: Buffer; readonly file: string }>;
  /** Runs what reads other files of this log; STORE_REWRITTEN when they were tidied away meanwhile. */
  reading<T>(work: () => Promise<T>): Promise<T>;
}

/** How often a frame may move on while one reader runs after it. */
const MOVES = 8;

/** Reads the names of all commits and the newest of them; the overlay only when the first commit is asked for. */
export async function openRawLog(blobs: BlobStore, stream: string): Promise<RawLog> {
  const log = await openCommitLog(blobs, stream);
  const own = log.head?.commit.overlay;
  let pinned: Promise<Overlay> | undefined;
  let newest: Overlay | undefined;

  /**
   * From the first look on always the same one: what a reader shows must all be of one moment. Where that overlay has
   * given way to a newer one before anything was read through it, the newer one is as good.
   */
  function overlay(): Promise<Overlay> {
    pinned ??= own === undefined ? Promise.resolve(NO_OVERLAY) : readOverlay(blobs, stream, log);
    return pinned;
  }

  async function fetch(place: FramePlace, moves = 0): ReturnType<RawLog['fetch']> {
    const { key, frame } = place;
    try {
      return { bytes: await blobs.range(key, frame.offset, frame.length), file: blobs.locate(key) };
    } catch (error) {
      if (!isSassyError(error, 'STORE_CORRUPT') || moves >= MOVES) throw error;
      const moved = await relocated(place);
      if (moved === undefined) throw error;
      return fetch(moved, moves + 1);
    }
  }

  /** Where the very same frame lies now; undefined when it was never said to lie elsewhere. */
  async function relocated(place: FramePlace): Promise<FramePlace | undefined> {
    const known = newest === undefined ? undefined : await find(newest, place);
    if (known !== undefined && known.key !== place.key) return known;
    const now = await openCommitLog(blobs, stream);
    if (now.head?.commit.overlay === undefined || now.head.commit.number === log.head?.commit.number) return undefined;
    newest = await readOverlay(blobs, stream, now);
    const found = await find(newest, place);
    if (found !== undefined) return found.key === place.key ? undefined : found;
    throw rewritten(stream);
  }

  async function find({ resolve }: Overlay, { commit: number, frame }: FramePlace): Promise<FramePlace | undefined> {
    for await (const commit of log.read({ after: number - 1, upTo: number })) {
      for (const { id, frames } of resolve(commit).segments) {
        const same = frames.find(({ sha256 }) => sha256 === frame.sha256);
        if (same !== undefined) return { key: segmentKey(stream, id), frame: same, commit: number };
      }
    }
    return undefined;
  }

  return {
    head: log.head,
    fetch: (place) => fetch(place),
    async reading(work) {
      try {
        return await work();
      } catch (error) {
        if (!isSassyError(error, 'STORE_CORRUPT')) throw error;
        const now = await openCommitLog(blobs, stream);
        throw now.head?.commit.overlay?.id === own?.id ? error : rewritten(stream);
      }
    },
    async *read(range) {
      const { resolve } = await overlay();
      for await (const commit of log.read(range)) yield resolve(commit);
    },
  };
}

/** The overlay that a log's newest commit names; when a newer one has taken its place meanwhile, that one. */
async function readOverlay(blobs: BlobStore, stream: string, log: CommitLog): Promise<Overlay> {
  const file = log.head?.commit.overlay;
  if (file === undefined) return NO_OVERLAY;
  try {
    return overlayOf(await readOverlayFile(blobs, stream, file));
  } catch (error) {
    if (!isSassyError(error, 'STORE_CORRUPT')) throw error;
    const now = await openCommitLog(blobs, stream);
    if (now.head?.commit.overlay === undefined || now.head.commit.overlay.id === file.id) throw error;
    return readOverlay(blobs, stream, now);
  }
}

/** STORE_REWRITTEN: the reader's snapshot is no longer there. */
function rewritten(stream: string): SassyError {
  return new SassyError('STORE_REWRITTEN', {
    message: `the raw data of ${stream} was changed while it was being read`,
    why: 'another run has removed or cut pages (erase, retain), or tidied up what this one was reading',
  });
}
