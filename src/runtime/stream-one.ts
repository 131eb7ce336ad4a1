import { isSassyError } from '../errors/sassy-error.ts';
import type { Page } from '../model/page.ts';
import type { Slice } from '../model/slice.ts';
import type { StreamDefinition } from '../model/stream.ts';
import type { RunLock } from '../store/lock.ts';
import { openRawWriter, type RawWriter } from '../store/raw-writer.ts';
import { Committer } from './committer.ts';
import type { OnlineContext, RequestCounters } from './run-context.ts';
import { recordCheck } from './record-check.ts';
import { SlicePass } from './slice-pass.ts';
import { SliceStates } from './slice-states.ts';
import { listingState, openListing, type Listing } from './stream-listing.ts';

/** A slice whose list is lost or shifts is read again this often, then its error stands. */
const MOST_RESTARTS = 2;

export interface StreamOptions {
  /** Read everything again, whatever the state says. */
  readonly full: boolean;
  /** Read again from this time (ISO 8601). */
  readonly since: string | undefined;
  /** Stop after this many pages; the next run goes on there. */
  readonly maxPages: number | undefined;
  /** Slices read at once. */
  readonly concurrency: number;
}

export interface StreamTotals {
  slices: number;
  pages: number;
  records: number;
  bytes: number;
  invalid: number;
  /** Slices left out because the API says they may not be read or are gone. */
  skippedSlices: number;
  complete: boolean;
}

/** Reads one stream: its slices side by side, each page stored as it came, committed with the state it leads to. */
export class StreamReader {
  readonly totals: StreamTotals = {
    slices: 0,
    pages: 0,
    records: 0,
    bytes: 0,
    invalid: 0,
    skippedSlices: 0,
    complete: false,
  };
  readonly counters: RequestCounters = { requests: 0, retries: 0, waitedMs: 0 };
  readonly #context: OnlineContext;
  readonly #definition: StreamDefinition;
  readonly #options: StreamOptions;
  readonly #isValid: (record: unknown) => boolean;
  readonly #stop = new AbortController();
  #firstGone: unknown;
  #gone = 0;
  #states = new SliceStates({ slices: {} });

  constructor(context: OnlineContext, definition: StreamDefinition, options: StreamOptions) {
    this.#context = context;
    this.#definition = definition;
    this.#options = options;
    this.#isValid = recordCheck(definition.record);
  }

  /** Resolves when the stream is read, or as far as it was asked for. What was read before an error is committed. */
  async read(slices: readonly Slice[], lock: RunLock): Promise<void> {
    const { host, blobs, runId } = this.#context;
    const writer = await openRawWriter({
      host,
      blobs,
      stream: this.#definition.name,
      epoch: lock.epoch,
      guard: () => lock.verify(),
      runId,
    });
    const before = writer.state;
    this.#states = new SliceStates(before);
    const wasRead = Object.values(before.slices).some(({ records = 0 }) => records > 0);
    const listing =
      this.#definition.cursor === undefined ? openListing(before, host.clock.now(), this.#options.full) : undefined;
    const todo = largestFirst(
      slices.filter((slice) => listing === undefined || this.#states.of(slice).listing !== listing.number),
      (slice) => this.#states.of(slice).records,
    );
    this.totals.slices = slices.length;
    let everySliceDone = false;
    const committer = new Committer(
      writer,
      host.clock,
      () =>
        this.#states.change(
          listing === undefined
            ? {}
            : { listing: listingState(listing, everySliceDone, this.totals.skippedSlices > 0) },
        ),
      listing?.number,
    );
    try {
      await this.#readSlices(todo, writer, committer, listing);
      // When not one of them is there or ever was, it is the request that is wrong, not the world.
      if (this.#gone > 0 && this.#gone === slices.length && !wasRead) throw this.#firstGone;
      everySliceDone = !this.#stopped();
    } finally {
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

  async #readSlices(
    todo: readonly Slice[],
    writer: RawWriter,
    committer: Committer,
    listing: Listing | undefined,
  ): Promise<void> {
    const queue = [...todo];
    const worker = async (): Promise<void> => {
      for (let slice = queue.shift(); slice !== undefined && !this.#stopped(); slice = queue.shift()) {
        try {
          await this.#readSlice(slice, writer, committer, listing);
        } catch (error) {
          // The others finish the page they are at; one error ends the stream, so the first is the one to tell.
          this.#stop.abort(error);
          throw error;
        }
      }
    };
    const workers = Array.from({ length: Math.min(this.#options.concurrency, todo.length) }, worker);
    const outcomes = await Promise.allSettled(workers);
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed !== undefined) throw this.#stop.signal.reason ?? failed.reason;
  }

  async #readSlice(slice: Slice, writer: RawWriter, committer: Committer, listing: Listing | undefined): Promise<void> {
    const start = this.#options.full ? { since: undefined } : this.#asked();
    for (let restarts = 0; ; restarts += 1) {
      const pass = this.#openPass(slice, listing, start);
      try {
        return await this.#readPass(pass, writer, committer, listing);
      } catch (error) {
        const why = restarts < MOST_RESTARTS ? restartReason(error, pass, this.#definition) : undefined;
        if (why === undefined && this.#isGone(error)) {
          // Its parent was deleted after it was listed: there is nothing to read, and nothing to wait for.
          this.#gone += 1;
          this.#firstGone ??= error;
          this.totals.skippedSlices += 1;
          this.#states.leaveOut(pass);
          return;
        }
        if (why === undefined) throw error;
        this.#context.progress({ type: 'note', text: `${this.#definition.name}: ${why}; the slice is read again` });
        this.#states.forgetPage(pass);
      }
    }
  }

  async #readPass(
    pass: SlicePass,
    writer: RawWriter,
    committer: Committer,
    listing: Listing | undefined,
  ): Promise<void> {
    const { signal, config, client } = this.#context;
    const { slice, since, from } = pass;
    const pages = this.#definition.source.read({ config, slice, since, from, http: client(this.counters), signal });
    try {
      const iterator = pages[Symbol.asyncIterator]();
      try {
        while (await this.#readPage(pass, iterator, writer, listing)) {
          await committer.afterPage();
          if (this.#states.isOpen(pass) && this.#stopped()) return;
        }
      } finally {
        await iterator.return?.();
      }
    } catch (error) {
      if (!isSassyError(error, 'SLICE_SKIPPED')) throw error;
      this.totals.skippedSlices += 1;
      this.#states.leaveOut(pass);
    }
    this.#states.finish(pass);
  }

  /** A call of its own for each page: nothing holds the records of one while the next is waited for. */
  async #readPage(
    pass: SlicePass,
    pages: AsyncIterator<Page>,
    writer: RawWriter,
    listing: Listing | undefined,
  ): Promise<boolean> {
    const { value: page, done } = await pages.next();
    if (done === true) return false;
    // No await from here on: a commit must never see the page without the position after it.
    this.#store(pass, page, writer, listing, this.#context.host.clock.now());
    if (page.next === undefined) this.#states.finish(pass);
    return true;
  }

  #store(pass: SlicePass, page: Page, writer: RawWriter, listing: Listing | undefined, nowMs: number): void {
    const known = withOverlap(pass.accept(page.records, page.next, page.serverTime), page.overlap ?? 0);
    const fresh = page.records.length - known.length;
    this.totals.pages += 1;
    this.#validate(page.records);
    // A page that shows nothing new is not stored: a quiet stream costs no disk.
    if (fresh > 0) {
      writer.append(
        {
          request: page.request,
          fetchedAt: new Date(nowMs).toISOString(),
          status: page.status,
          slice: pass.slice,
          ...(listing === undefined ? {} : { listing: listing.number }),
          recordCount: page.records.length,
          ...(known.length === 0 ? {} : { known }),
          contentType: page.contentType,
          bytes: page.bytes,
          isJson: page.isJson,
        },
        fresh,
      );
      this.totals.records += fresh;
    }
    const { waitingFor } = this.counters;
    this.#context.progress({
      type: 'stream',
      stream: this.#definition.name,
      pages: this.totals.pages,
      records: this.totals.records,
      ...(waitingFor === undefined ? {} : { waitingFor }),
    });
  }

  #validate(records: readonly unknown[]): void {
    for (const record of records) if (!this.#isValid(record)) this.totals.invalid += 1;
  }

  #isGone(error: unknown): boolean {
    if (this.#definition.slices.kind !== 'each' || !isSassyError(error, 'API_REFUSED')) return false;
    return error.status === 404 || error.status === 410;
  }

  #openPass(slice: Slice, listing: Listing | undefined, start: { since: string | undefined } | undefined): SlicePass {
    const pass = new SlicePass({
      definition: this.#definition,
      slice,
      before: this.#states.of(slice),
      listing: listing?.number,
      ...(start === undefined ? {} : { start }),
      nowMs: this.#context.host.clock.now(),
    });
    this.#states.begin(pass);
    return pass;
  }

  #asked(): { since: string } | undefined {
    return this.#options.since === undefined ? undefined : { since: this.#options.since };
  }

  #stopped(): boolean {
    const { maxPages } = this.#options;
    return (
      this.#context.signal.aborted ||
      this.#stop.signal.aborted ||
      (maxPages !== undefined && this.totals.pages >= maxPages)
    );
  }
}

/** Why the slice should be read again from its first page; undefined when that would not help. */
function restartReason(error: unknown, { from }: SlicePass, { primaryKey }: StreamDefinition): string | undefined {
  const isExpired = isSassyError(error, 'PAGE_EXPIRED');
  if (from !== undefined && (isExpired || isSassyError(error, 'API_REFUSED')))
    return 'the stored page token has expired';
  // Without a key the records of both passes would stand side by side.
  if (primaryKey.length === 0 || !(isExpired || isSassyError(error, 'LIST_UNSTABLE'))) return undefined;
  return error.why ?? error.message;
}

/** The first records of a page that repeats the end of the one before are stored already. */
function withOverlap(known: readonly number[], overlap: number): readonly number[] {
  if (overlap === 0) return known;
  return [...new Set([...Array.from({ length: overlap }, (_, index) => index), ...known])];
}

/** By what the slice brought last time: the longest chain of pages then runs beside all others, not after them. */
function largestFirst(slices: readonly Slice[], recordsOf: (slice: Slice) => number | undefined): readonly Slice[] {
  const size = (slice: Slice): number => recordsOf(slice) ?? Infinity;
  return slices.toSorted((a, b) => (size(a) === size(b) ? 0 : size(b) - size(a)));
}
