import type { Slice } from '../../model/slice.ts';
import { sliceKey } from '../../model/slice.ts';
import type { StreamState } from '../../model/state.ts';
import type { StreamDefinition } from '../../model/stream.ts';
import type { RunLock } from '../../store/lock.ts';
import { openRawWriter } from '../../store/raw-writer.ts';
import { Committer } from './committer.ts';
import { conditionalPages } from './known-pages.ts';
import type { OnlineContext, RequestCounters } from '../run-context.ts';
import { largestFirst } from './slice-plan.ts';
import { SliceReader } from './slice-reader.ts';
import { givenUpAfter, startState } from './slice-start.ts';
import { SliceStates } from './slice-states.ts';
import { storedVersions } from './stored-versions.ts';
import { continuedListing, isListingDue, listingState, openListing, type Listing } from './stream-listing.ts';
import type { StreamOptions, StreamTotals, StreamWork } from './stream-work.ts';
import { TaskQueue } from './task-queue.ts';

/** Reads one stream: its slices side by side, each page stored as it came, committed with the state it leads to. */
export class StreamReader {
  readonly totals: StreamTotals = {
    slices: 0,
    pages: 0,
    records: 0,
    bytes: 0,
    invalid: 0,
    skippedSlices: 0,
    unchangedPages: 0,
    skipReasons: new Set(),
    complete: false,
  };
  readonly counters: RequestCounters = { requests: 0, retries: 0, waitedMs: 0 };
  readonly #context: OnlineContext;
  readonly #definition: StreamDefinition;
  readonly #options: StreamOptions;
  readonly #stop = new AbortController();

  constructor(context: OnlineContext, definition: StreamDefinition, options: StreamOptions) {
    this.#context = context;
    this.#definition = definition;
    this.#options = options;
  }

  /** Resolves when the stream is read, or as far as it was asked for. What was read before an error is committed. */
  async read(slices: readonly Slice[], lock: RunLock): Promise<void> {
    const { host, blobs, runId } = this.#context;
    const definition = this.#definition;
    const writer = await openRawWriter({
      host,
      blobs,
      stream: definition.name,
      epoch: lock.epoch,
      guard: () => lock.verify(),
      runId,
    });
    const before = writer.state;
    const states = new SliceStates(before);
    const wasRead = Object.values(before.slices).some(({ records = 0 }) => records > 0);
    const listing = this.#listing(before);
    const listingOfPages = listing?.number ?? before.listing?.complete;
    const todo = largestFirst(
      slices.filter((slice) => listing === undefined || states.of(slice).listing !== listing.number),
      (slice) => states.of(slice).records,
    );
    this.totals.slices = slices.length;
    let everySliceDone = false;
    const rest = (): { readonly listing?: StreamState['listing'] } => {
      const { fullEvery } = definition;
      const now =
        listing === undefined
          ? continuedListing(before.listing, everySliceDone, fullEvery !== undefined && 'runs' in fullEvery)
          : listingState(listing, everySliceDone, this.totals.skippedSlices > 0);
      return now === undefined ? {} : { listing: now };
    };
    const committer = new Committer(writer, host.clock, () => states.change(rest()), listingOfPages);
    const conditional = conditionalPages(blobs, definition, this.#options.full ? undefined : listing?.complete);
    const work: StreamWork = {
      context: this.#context,
      definition,
      options: this.#options,
      totals: this.totals,
      counters: this.counters,
      states,
      writer,
      committer,
      listing,
      listingOfPages,
      conditional,
      beganMs: host.clock.now(),
      serverTimeMs: undefined,
      isStopped: () => this.#isStopped(),
    };
    try {
      const reader = await this.#readSlices(work, todo);
      // When not one of them is there or ever was, it is the request that is wrong, not the world.
      if (reader.gone.count > 0 && reader.gone.count === slices.length && !wasRead) throw reader.gone.first;
      everySliceDone = reader.finished === todo.length;
    } finally {
      conditional?.close();
      // A run that was refused at its first request leaves no trace: there is nothing to go on from.
      try {
        if (this.totals.pages > 0 || everySliceDone) await committer.commit();
      } finally {
        // Also where the commit failed: what was fetched and not committed must not be told as kept.
        this.totals.records = committer.totals.records;
        this.totals.bytes = committer.totals.bytes;
      }
    }
    this.totals.complete = everySliceDone;
    this.#context.signal.throwIfAborted();
  }

  async #readSlices(work: StreamWork, todo: readonly Slice[]): Promise<SliceReader> {
    const stored = await this.#begin(work, todo);
    const queue = new TaskQueue(
      () => Math.min(this.#options.concurrency, (this.#options.maxPages ?? Infinity) - this.totals.pages),
      () => this.#isStopped(),
      // The others finish the page they are at; one error ends the stream, so the first is the one to tell.
      (error) => this.#stop.abort(error),
    );
    const reader = new SliceReader(work, queue);
    for (const slice of todo) queue.add(() => reader.read(slice, stored.get(sliceKey(slice))));
    await queue.run();
    return reader;
  }

  /** Brings the slices to where this run begins. Gives what passes have stored that cannot be gone on with. */
  async #begin({ states, context, beganMs }: StreamWork, todo: readonly Slice[]): ReturnType<typeof storedVersions> {
    const after = new Map<string, number>();
    for (const slice of todo) {
      const before = states.of(slice);
      const state = startState(before, this.#definition, this.#options, beganMs);
      if (state !== before) states.set(slice, state);
      const only =
        this.#options.until !== undefined ? 'windows' : this.#definition.windows === undefined ? 'forward' : undefined;
      const commit = givenUpAfter(state, only);
      if (commit !== undefined) after.set(sliceKey(slice), commit);
    }
    return storedVersions(context.blobs, this.#definition, after);
  }

  /** The listing that this run reads; undefined where it only adds what is new. */
  #listing(before: StreamState): Listing | undefined {
    const { cursor, fullEvery } = this.#definition;
    const { full, until } = this.#options;
    const nowMs = this.#context.host.clock.now();
    const isListed =
      cursor === undefined ||
      (fullEvery !== undefined && until === undefined && (full || isListingDue(fullEvery, before, nowMs)));
    return isListed ? openListing(before, nowMs, full) : undefined;
  }

  #isStopped(): boolean {
    const { maxPages } = this.#options;
    return (
      this.#context.signal.aborted ||
      this.#stop.signal.aborted ||
      (maxPages !== undefined && this.totals.pages >= maxPages)
    );
  }
}
