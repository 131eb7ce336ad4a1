import { SassyError } from '../errors/sassy-error.ts';
import type { Commit } from '../model/commit.ts';
import { OVERLAY_FORMAT, STORE_FORMAT } from '../model/commit.ts';
import type { Host } from '../util/host.ts';
import type { BlobStore } from './blob-store.ts';
import { encodeCommit, type SealedCommit } from './commit-file.ts';
import { type CommitLog, type CommitRange, missingCommit, openCommitLog } from './commit-log.ts';
import { NO_OVERLAY, type Overlay, overlayOf, overlaySegments } from './overlay.ts';
import { readOverlayFile } from './overlay-file.ts';
import { commitKey, commitPrefix, segmentKey, segmentIdOf, segmentPrefix, segmentTargetOf } from './store-keys.ts';

/** Who writes a stream. */
export interface WriterIdentity {
  readonly host: Host;
  readonly blobs: BlobStore;
  readonly stream: string;
  /** Of the run lock. */
  readonly epoch: number;
  readonly runId: string;
}

/** A run that was fenced off may have left a segment for a commit that its rival made without one; look this far back. */
const LOOK_BACK = 32;

/**
 * Removes what dead runs left behind: temporary files, and segments that no commit names. The caller holds the run lock.
 * Returns the newest commit. May be interrupted anywhere and done again.
 */
export async function recoverStream(writer: WriterIdentity): Promise<SealedCommit | undefined> {
  const { blobs, stream } = writer;
  // Listed before the commits: a segment is only written after the commit before its own, so that one must be there.
  const segments = await blobs.list(segmentPrefix(stream));
  const log = await openCommitLog(blobs, stream);
  const last = log.head?.commit.number ?? 0;
  await blobs.sweep?.(commitPrefix(stream));
  const file = log.head?.commit.overlay;
  const overlay = file === undefined ? NO_OVERLAY : overlayOf(await readOverlayFile(blobs, stream, file));
  const orphans = await orphanSegments(writer, log, overlay, segments);
  // A writer that we take for dead may only be asleep. Were its segment removed and its commit made afterwards, the commit
  // would name nothing. So its commit number is taken first, by a commit that changes nothing.
  const head = orphans.some((key) => segmentTargetOf(key) === last + 1) ? await fence(writer, log.head) : log.head;
  // What the last compaction has put others in the place of, and did not live to remove.
  const given = new Set(overlay.obsolete.map((id) => segmentKey(stream, id)));
  for (const key of segments) if (given.has(key)) orphans.push(key);
  for (const key of new Set(orphans)) await blobs.delete(key);
  return head;
}

async function orphanSegments(
  { blobs, stream }: WriterIdentity,
  log: CommitLog,
  overlay: Overlay,
  keys: readonly string[],
): Promise<string[]> {
  const last = log.head?.commit.number ?? 0;
  const moved = overlaySegments(overlay);
  const byTarget = Map.groupBy(keys, (key) => segmentTargetOf(key) ?? 0);
  // What is not ours by its name is left alone.
  byTarget.delete(0);
  const targets = [...byTarget].filter(([target, found]) => found.length > 1 || target > last - LOOK_BACK);
  for (const [target, found] of targets) {
    if (target > last + 1)
      throw missingCommit(blobs, stream, target - 1, `${found.map(blobs.locate).join(', ')} was written after it`);
  }
  const committed = targets.map(([target]) => target).filter((target) => target <= last);
  const named = await segmentsOf(log, stream, committed);
  return targets.flatMap(([, found]) => found.filter((key) => !named.has(key) && !moved.has(segmentIdOf(key))));
}

/** The segments that these commits name. */
async function segmentsOf(log: CommitLog, stream: string, numbers: readonly number[]): Promise<Set<string>> {
  const keys = new Set<string>();
  for (const range of spansOf(numbers)) {
    for await (const { number, segments, index, overlay } of log.read(range)) {
      for (const { id } of segments) keys.add(segmentKey(stream, id));
      if (index !== undefined) keys.add(segmentKey(stream, index.id));
      if (overlay?.commit === number) keys.add(segmentKey(stream, overlay.id));
    }
  }
  return keys;
}

/** Numbers that follow each other are read together: alone, each commit is read with the one before it, as its proof. */
function spansOf(numbers: readonly number[]): readonly CommitRange[] {
  const spans: { after: number; upTo: number }[] = [];
  for (const number of numbers.toSorted((a, b) => a - b)) {
    const span = spans.at(-1);
    if (span?.upTo === number - 1) span.upTo = number;
    else spans.push({ after: number - 1, upTo: number });
  }
  return spans;
}

async function fence(writer: WriterIdentity, head: SealedCommit | undefined): Promise<SealedCommit> {
  return putCommit(writer, emptyCommit(writer, head));
}

/** A commit after `head` that changes nothing. */
export function emptyCommit(writer: WriterIdentity, head: SealedCommit | undefined): Commit {
  const { state = { slices: {} }, index } = head?.commit ?? {};
  const same = { state, ...(index === undefined ? {} : { index }) };
  return { ...nextCommit(writer, head), segments: [], pages: 0, records: 0, bytes: 0, ...same };
}

/** The fields that the commit after `head` has from its writer and from that commit. */
export function nextCommit(
  { host, stream, epoch, runId }: WriterIdentity,
  head: SealedCommit | undefined,
): Pick<Commit, 'format' | 'stream' | 'number' | 'parent' | 'epoch' | 'runId' | 'committedAt' | 'overlay'> {
  const overlay = head?.commit.overlay;
  return {
    format: overlay === undefined ? STORE_FORMAT : OVERLAY_FORMAT,
    stream,
    number: (head?.commit.number ?? 0) + 1,
    parent: head?.checksum ?? '',
    epoch,
    runId,
    committedAt: new Date(host.clock.now()).toISOString(),
    ...(overlay === undefined ? {} : { overlay }),
  };
}

/** Makes a commit visible and durable; FENCED when its number is taken by another run. */
export async function putCommit({ blobs, stream }: WriterIdentity, commit: Commit): Promise<SealedCommit> {
  const sealed = encodeCommit(commit);
  const key = commitKey(stream, commit.number);
  if (await blobs.putIfAbsent(key, [sealed.bytes])) return sealed;
  // A store that answers late and is asked again may find our own commit in the way.
  const there = await blobs.get(key);
  if (there?.equals(sealed.bytes) === true) return sealed;
  throw new SassyError('FENCED', {
    message: `another run has taken over the stream ${stream}: ${blobs.locate(key)} could not be created`,
    why:
      there === undefined
        ? 'it removed what this run was writing'
        : 'it went on from the same place and made that commit',
  });
}
