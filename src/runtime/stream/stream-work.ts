import type { StreamDefinition } from '../../model/stream.ts';
import type { RawWriter } from '../../store/raw-writer.ts';
import type { Committer } from './committer.ts';
import type { ConditionalPages } from './known-pages.ts';
import type { OnlineContext, RequestCounters } from '../run-context.ts';
import type { SliceStates } from './slice-states.ts';
import type { Listing } from './stream-listing.ts';

export interface StreamOptions {
  /** Read everything again, whatever the state says. With `until`: what lies between `since` and it. */
  readonly full: boolean;
  /** Read again from this time (ISO 8601). */
  readonly since: string | undefined;
  /** A historical load: what is missing between `since` and this time (ISO 8601), and nothing else. */
  readonly until?: string | undefined;
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
  /** Of the pages, those that the API did not send again because they are as they were. */
  unchangedPages: number;
  /** Why, each once. */
  readonly skipReasons: Set<string>;
  complete: boolean;
}

/** What the parts that read one stream in one run share. */
export interface StreamWork {
  readonly context: OnlineContext;
  readonly definition: StreamDefinition;
  readonly options: StreamOptions;
  readonly totals: StreamTotals;
  readonly counters: RequestCounters;
  readonly states: SliceStates;
  readonly writer: RawWriter;
  readonly committer: Committer;
  /** Set where the stream is listed in full by this run. */
  readonly listing: Listing | undefined;
  /** The number of the listing that pages are put to: this run's, or the last complete one where this run adds to it. */
  readonly listingOfPages: number | undefined;
  readonly conditional: ConditionalPages | undefined;
  /** When the run began, by our clock: which passes are too old to be gone on with is judged once, by all alike. */
  readonly beganMs: number;
  /** The server's time, as of the last page that told it. */
  serverTimeMs: number | undefined;
  readonly isStopped: () => boolean;
}
