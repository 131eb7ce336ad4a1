import { openRawLog } from './raw-log.ts';
import { isRemovedPage } from './page-line.ts';
import { recoverStream } from './recovery.ts';
import { type ChangedFrame, type FrameToChange, rewriteSegments, type Rewriter } from './rewrite.ts';
import { inParts, segmentUses, toRewrite } from './segment-use.ts';

/** A line in the place of another, and what is no longer there. */
export interface EditedLine {
  /** With its line feed. */
  readonly line: Buffer;
  readonly gone: ChangedFrame['gone'];
}

/** Commit → page, counted from 0 among those of the commit → what is to become of it. */
export type PageEdits<Edit> = ReadonlyMap<number, ReadonlyMap<number, Edit>>;

export interface EditedPages {
  /** Segments written anew, and the bytes that lay in them. */
  readonly segments: number;
  readonly bytes: number;
  readonly gone: ChangedFrame['gone'];
}

/** What one commit of a rewrite takes on: so much disk is needed twice. */
const PART_BYTES = 256 * 1024 * 1024;
const LF = Buffer.from('\n');

/**
 * Changes or removes stored pages: the segments that hold them are written anew, then removed with all that was in them. The
 * caller holds the run lock. Done in commits of their own, oldest segments first; killed in between, what was done stays.
 */
export async function editPages<Edit>(
  writer: Rewriter,
  edits: PageEdits<Edit>,
  apply: (line: Buffer, edit: Edit) => EditedLine,
  signal?: AbortSignal,
): Promise<EditedPages> {
  const { blobs, stream } = writer;
  await writer.guard?.();
  let head = await recoverStream(writer);
  const log = await openRawLog(blobs, stream);
  const touched = (await segmentUses(log.read({}))).filter(({ commits }) =>
    commits.some((number) => edits.has(number)),
  );
  const gone = { pages: 0, records: 0, bytes: 0 };
  const change = async (frame: FrameToChange): Promise<ChangedFrame | undefined> => {
    const own = edits.get(frame.commit);
    const changed = own === undefined ? undefined : await edited(frame, own, apply);
    gone.pages += changed?.gone.pages ?? 0;
    gone.records += changed?.gone.records ?? 0;
    gone.bytes += changed?.gone.bytes ?? 0;
    return changed;
  };
  for (const part of inParts(touched, PART_BYTES)) {
    signal?.throwIfAborted();
    if (head !== undefined) head = await rewriteSegments(writer, head, { ...toRewrite(part), change });
  }
  return { segments: touched.length, bytes: touched.reduce((sum, { bytes }) => sum + bytes, 0), gone };
}

async function edited<Edit>(
  { before, pages, lines }: FrameToChange,
  edits: ReadonlyMap<number, Edit>,
  apply: (line: Buffer, edit: Edit) => EditedLine,
): Promise<ChangedFrame | undefined> {
  if (![...edits.keys()].some((page) => page >= before && page < before + pages)) return undefined;
  const raw = await lines();
  const pieces: Buffer[] = [];
  const gone = { pages: 0, records: 0, bytes: 0 };
  let isEmpty = true;
  let page = before;
  for (let start = 0; start < raw.length; page += 1) {
    const end = raw.indexOf(LF, start) + 1;
    const line = raw.subarray(start, end);
    const edit = isRemovedPage(line) ? undefined : edits.get(page);
    const after = edit === undefined ? undefined : apply(line, edit);
    pieces.push(after?.line ?? line);
    if (!isRemovedPage(after?.line ?? line)) isEmpty = false;
    gone.pages += after?.gone.pages ?? 0;
    gone.records += after?.gone.records ?? 0;
    gone.bytes += after?.gone.bytes ?? 0;
    start = end;
  }
  return { lines: Buffer.concat(pieces), gone, isEmpty };
}
