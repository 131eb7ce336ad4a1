import { isSassyError, SassyError } from '../../errors/sassy-error.ts';
import { errorReport } from '../../errors/error-report.ts';
import type { StreamResult, StreamStatus, WaitedMsBy } from '../../model/results.ts';
import type { Slice } from '../../model/slice.ts';
import { parentsOf } from '../../model/slice-source.ts';
import type { StreamDefinition } from '../../model/stream.ts';
import type { RunLock } from '../../store/lock.ts';
import { openRawStream } from '../../store/raw-stream.ts';
import { compactWhereWorth } from '../upkeep/compact-run.ts';
import { storedRecords } from '../dataset/datasets.ts';
import type { OnlineContext } from '../run-context.ts';
import { planSlices } from './slice-plan.ts';
import { StreamReader } from './stream-one.ts';
import type { StreamOptions } from './stream-work.ts';
import { readableListing } from '../dataset/readable-listing.ts';

/** So many different reasons are told; they are alike where they are many. */
const MOST_REASONS = 3;

export interface StreamRunOptions extends StreamOptions {
  /** The streams asked for; undefined for all. */
  readonly only: readonly string[] | undefined;
}

/** How one stream ended: what the command shows, and the error that decides the exit code. */
export interface StreamOutcome {
  readonly result: StreamResult;
  readonly error: unknown;
}

/**
 * Reads the streams of an integration, each as soon as its parent is read. One that fails does not stop the others;
 * its children are left out, because their slices come from it.
 */
export async function runStreams(
  context: OnlineContext,
  lock: RunLock,
  options: StreamRunOptions,
): Promise<readonly StreamOutcome[]> {
  const selected =
    options.until === undefined
      ? await withMissingParents(context, options.only)
      : withHistory(context, options.only, { since: options.since, until: options.until });
  const running = new Map<string, Promise<StreamOutcome>>();
  for (const definition of selected) {
    const parents = parentsOf(definition.slices).flatMap((parent) => running.get(parent) ?? []);
    running.set(definition.name, readAfter(parents, context, definition, lock, options));
  }
  const outcomes = await Promise.all(running.values());
  await compactWhereWorth(context, lock, [...running.keys()]);
  return outcomes;
}

/**
 * The streams of a historical load: those asked for, or all that can be asked for a span. Their parents are not read; they
 * are driven from what is stored. USAGE for a span that is none, and for streams that know no `until`.
 */
function withHistory(
  { manifest }: OnlineContext,
  only: readonly string[] | undefined,
  { since, until }: { readonly since: string | undefined; readonly until: string },
): readonly StreamDefinition[] {
  const wanted = manifest.streams.filter(({ name }) => only === undefined || only.includes(name));
  const able = wanted.filter(({ windows, historyMs }) => windows !== undefined || historyMs !== undefined);
  const unable = wanted.filter((stream) => !able.includes(stream)).map(({ name }) => name);
  if (since === undefined ? able.some(({ windows }) => windows === undefined) : since >= until) {
    throw new SassyError('USAGE', {
      message: since === undefined ? '--until needs --since' : `nothing lies between ${since} and ${until}`,
      fix: `sassy run ${manifest.name} stream --since 2024-01-01 --until 2025-01-01`,
    });
  }
  if (able.length > 0 && (only === undefined || unable.length === 0)) return able;
  throw new SassyError('USAGE', {
    message: `--until is not known to ${unable.join(', ')}`,
    why: 'the requests of these streams do not ask for an end, so they would bring everything',
    fix: "let the stream's request use `until`, and say so with history: '30d' (or slices: windows({ … }))",
  });
}

/** The streams asked for and, before them, the parents of which nothing complete is stored yet. */
async function withMissingParents(
  context: OnlineContext,
  only: readonly string[] | undefined,
): Promise<readonly StreamDefinition[]> {
  const { streams } = context.manifest;
  if (only === undefined) return streams;
  const wanted = new Set(only);
  // Parents come before their children, so from the end backwards every child is seen before its parent.
  for (const { name, slices } of streams.toReversed()) {
    if (!wanted.has(name)) continue;
    for (const parent of parentsOf(slices)) {
      if (wanted.has(parent)) continue;
      const { head } = await openRawStream(context.blobs, parent);
      const listing = head === undefined ? undefined : readableListing(head.state);
      if (head === undefined || listing?.complete === false) wanted.add(parent);
    }
  }
  return streams.filter((stream) => wanted.has(stream.name));
}

async function readAfter(
  parents: readonly Promise<StreamOutcome>[],
  context: OnlineContext,
  definition: StreamDefinition,
  lock: RunLock,
  options: StreamOptions,
): Promise<StreamOutcome> {
  const reader = new StreamReader(context, definition, options);
  const failed = (await Promise.all(parents)).find((parent) => parent.error !== undefined);
  const error = failed === undefined ? await caught(read()) : parentFailed(definition, failed);
  const ended = outcome(reader, definition.name, error);
  context.progress({ type: 'stream-end', stream: definition.name, outcome: ended.result.status });
  return ended;

  async function read(): Promise<void> {
    await reader.read(await plan(context, definition), lock);
  }
}

/** What a promise was rejected with; undefined when it was not. */
async function caught(work: Promise<void>): Promise<unknown> {
  try {
    await work;
    return undefined;
  } catch (error) {
    return error;
  }
}

function plan(context: OnlineContext, { name: stream, slices }: StreamDefinition): Promise<readonly Slice[]> {
  return planSlices(slices, {
    stream,
    config: context.config,
    async *parentRecords(name) {
      const parent = context.manifest.streams.find((other) => other.name === name);
      if (parent === undefined) return;
      const raw = await openRawStream(context.blobs, name);
      const upTo = raw.head?.number ?? 0;
      for await (const { record } of storedRecords(raw, parent, { upTo })) yield record;
    },
  });
}

function parentFailed(definition: StreamDefinition, parent: StreamOutcome): unknown {
  if (isSassyError(parent.error) && parent.error.retryable) return parent.error;
  return new SassyError('PARENT_NOT_READ', {
    message: `${definition.name} was not read, because ${parent.result.name} was not`,
    why: `the slices of ${definition.name} come from ${parent.result.name}`,
    fix: `mend ${parent.result.name} first (its error is above), then run the same command again`,
  });
}

function outcome(reader: StreamReader, name: string, error: unknown): StreamOutcome {
  const { totals, counters } = reader;
  const result: StreamResult = {
    name,
    status: statusOf(totals.complete, error),
    slices: totals.slices,
    pages: totals.pages,
    records: totals.records,
    bytes: totals.bytes,
    requests: counters.requests,
    retries: counters.retries,
    waitedMs: Math.round(counters.waitedMs),
    ...(counters.waitedMsBy === undefined ? {} : { waitedMsBy: rounded(counters.waitedMsBy) }),
    ...(totals.unchangedPages === 0 ? {} : { unchangedPages: totals.unchangedPages }),
    ...(totals.invalid === 0 ? {} : { invalid: totals.invalid }),
    ...(totals.skippedSlices === 0
      ? {}
      : { skippedSlices: totals.skippedSlices, skipReasons: [...totals.skipReasons].slice(0, MOST_REASONS) }),
    ...(error === undefined ? {} : { error: errorReport(error) }),
  };
  return { result, error };
}

function rounded(by: WaitedMsBy): WaitedMsBy {
  return Object.fromEntries(Object.entries(by).map(([reason, ms]) => [reason, Math.round(ms)]));
}

function statusOf(complete: boolean, error: unknown): StreamStatus {
  if (error === undefined) return complete ? 'complete' : 'partial';
  if (!isSassyError(error)) return 'failed';
  if (error.code === 'PERMISSION_DENIED' || error.code === 'PARENT_NOT_READ') return 'skipped';
  return error.retryable || error.code === 'INTERRUPTED' || error.code === 'TERMINATED' ? 'partial' : 'failed';
}
