import type { StreamState } from '../../model/state.ts';
import type { StreamDefinition } from '../../model/stream.ts';
import { MAX_PASS_AGE_MS } from './open-pass.ts';

export interface Listing {
  readonly number: number;
  readonly startedAt: string;
  /** The last listing that showed everything. */
  readonly complete: number | undefined;
  /** Slices of this listing were left out by an earlier run. */
  readonly skipping: boolean;
  /** Slices were left out of the last complete one. */
  readonly holes: boolean;
}

/**
 * The listing that a full-refresh stream reads now: the one an earlier run left unfinished, while it is fresh enough
 * to be one picture, else a new one.
 */
export function openListing(state: StreamState | undefined, nowMs: number, startAgain: boolean): Listing {
  const last = state?.listing;
  const unfinished = last !== undefined && last.complete !== last.current;
  if (unfinished && !startAgain && nowMs - Date.parse(last.startedAt) < MAX_PASS_AGE_MS) {
    const { current, startedAt, complete, skipping = false, holes = false } = last;
    return { number: current, startedAt, complete, skipping, holes };
  }
  return {
    number: (last?.current ?? 0) + 1,
    startedAt: new Date(nowMs).toISOString(),
    complete: last?.complete,
    skipping: false,
    holes: last?.holes ?? false,
  };
}

/**
 * True when an incremental stream is to be listed in full: nothing of it was ever listed, a listing is unfinished, or it is
 * time again. By our own clock: nothing but the day of the listing hangs on it.
 */
export function isListingDue(
  every: NonNullable<StreamDefinition['fullEvery']>,
  { listing }: StreamState,
  nowMs: number,
): boolean {
  if (listing?.complete === undefined || listing.complete !== listing.current) return true;
  if ('runs' in every) return (listing.runs ?? 0) + 1 >= every.runs;
  return nowMs - Date.parse(listing.startedAt) >= every.ms;
}

/** The listing of an incremental stream after a run that added to it. */
export function continuedListing(
  listing: StreamState['listing'],
  isComplete: boolean,
  countsRuns: boolean,
): StreamState['listing'] {
  if (listing === undefined || !isComplete || !countsRuns) return listing;
  return { ...listing, runs: (listing.runs ?? 0) + 1 };
}

/** The listing as it is committed. `hasSkipped`: slices were left out of it in this run. */
export function listingState(listing: Listing, isComplete: boolean, hasSkipped: boolean): StreamState['listing'] {
  const skipping = listing.skipping || hasSkipped;
  const complete = isComplete ? listing.number : listing.complete;
  const holes = isComplete ? skipping : listing.holes;
  return {
    current: listing.number,
    startedAt: listing.startedAt,
    ...(complete === undefined ? {} : { complete }),
    ...(skipping ? { skipping } : {}),
    ...(holes ? { holes } : {}),
  };
}
