import { isSassyError, SassyError } from '../errors/sassy-error.ts';
import { errorReport } from '../errors/error-report.ts';
import type { StreamResult, StreamStatus, WaitedMsBy } from '../model/results.ts';
import type { Slice } from '../model/slice.ts';
import type { StreamDefinition } from '../model/stream.ts';
import type { RunLock } from '../store/lock.ts';
import { openRawStream } from '../store/raw-stream.ts';
import { storedRecords } from './datasets.ts';
import type { OnlineContext } from './run-context.ts';
import { planSlices } from './slice-plan.ts';
import { StreamReader, type StreamOptions } from './stream-one.ts';
import { readableListing } from './stream-listing.ts';

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
  const selected = await withMissingParents(context, options.only);
  const running = new Map<string, Promise<StreamOutcome>>();
  for (const definition of selected) {
    const parent = definition.slices.kind === 'each' ? running.get(definition.slices.parent) : undefined;
    running.set(definition.name, readAfter(parent, context, definition, lock, options));
  }
  return Promise.all(running.values());
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
    if (!wanted.has(name) || slices.kind !== 'each' || wanted.has(slices.parent)) continue;
    const { head } = await openRawStream(context.blobs, slices.parent);
    const listing = head === undefined ? undefined : readableListing(head.state);
    if (head === undefined || listing?.complete === false) wanted.add(slices.parent);
  }
  return streams.filter((stream) => wanted.has(stream.name));
}

async function readAfter(
  parent: Promise<StreamOutcome> | undefined,
  context: OnlineContext,
  definition: StreamDefinition,
  lock: RunLock,
  options: StreamOptions,
): Promise<StreamOutcome> {
  const reader = new StreamReader(context, definition, options);
  const before = await parent;
  const error = before?.error === undefined ? await caught(read()) : parentFailed(definition, before);
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

function plan(context: OnlineContext, definition: StreamDefinition): Promise<readonly Slice[]> {
  return planSlices(definition, async function* parentRecords(name) {
    const parent = context.manifest.streams.find((stream) => stream.name === name);
    if (parent === undefined) return;
    const raw = await openRawStream(context.blobs, name);
    const upTo = raw.head?.number ?? 0;
    for await (const { record } of storedRecords(raw, parent, { upTo })) yield record;
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
    ...(totals.invalid === 0 ? {} : { invalid: totals.invalid }),
    ...(totals.skippedSlices === 0 ? {} : { skippedSlices: totals.skippedSlices }),
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
