/** Resets are told in whole seconds, rounded up or down, or as a point in time by a clock of whole seconds. */
export const ROUNDING_MS = 1000;

/** Besides the rounding: how much later than we saw it the server may let the next request in. */
const MARGIN_MS = 60;

/** A told end that lies so much further than all before it belongs to another window. */
const JUMP_MS = 1500;

/** How many windows back what was seen counts. */
const REMEMBERED = 4;

/** An answer that tells how long a window lasts; all times are of one monotonic clock. */
export interface ToldReset {
  /** When the request left: what is told counts from there, however late the answer is read. */
  readonly sentMs: number;
  readonly now: number;
  readonly resetMs: number;
}

/** When a window ends, as exactly as the answers so far allow.*/
export interface ResetPhase {
  /** The latest time at which the window may end; Infinity while nothing is known about it. */
  latest(): number;
  /** True when an answer is of a window after the one that was told so far. */
  isNext(told: ToldReset): boolean;
  /** True when an answer is of a window before it. */
  isPast(told: ToldReset): boolean;
  /** An answer of this window told how long it lasts. */
  saw(told: ToldReset): void;
  /** The end was seen: an answer of the next window has come. */
  happened(now: number): void;
  /** A window begins, and nothing is known of its end. */
  begin(): void;
}

/**
 * The end that answers tell is `sentMs + resetMs`, which rounding moves by up to a second either way. The highest of one window
 * differs from the true end by nearly the same in each window, and by how much is seen when the window ends: from then on
 * the end is known to within the pause between two answers.
 */
export function resetPhase(): ResetPhase {
  /** The highest end that was told in this window. */
  let told: number | undefined;
  let lastSent = 0;
  /** The longest pause between two answers of this window: so much higher a told end may have been missed. */
  let gap = 0;
  /** How far beyond the highest told end the first answers of the next windows came. */
  let seen: number[] = [];

  /** An answer tells what was so when the server made it: up to so much after the request left. */
  let longestMs = 0;

  function slack(): number {
    const most = ROUNDING_MS + longestMs;
    return seen.length === 0 ? most : Math.min(most, Math.max(...seen) + Math.min(gap, ROUNDING_MS) + MARGIN_MS);
  }

  return {
    latest: () => (told === undefined ? Number.POSITIVE_INFINITY : told + slack()),
    isNext: ({ sentMs, resetMs }) => told !== undefined && sentMs + resetMs > told + JUMP_MS,
    isPast: ({ sentMs, resetMs }) => told !== undefined && sentMs + resetMs < told - 2 * JUMP_MS,
    saw({ sentMs, resetMs, now }) {
      if (told !== undefined) gap = Math.max(gap, sentMs - lastSent);
      lastSent = sentMs;
      longestMs = Math.max(longestMs, now - sentMs);
      told = Math.max(told ?? Number.NEGATIVE_INFINITY, sentMs + resetMs);
    },
    happened(now) {
      if (told !== undefined) seen = [...seen, now - told].slice(-REMEMBERED);
    },
    begin() {
      told = undefined;
      gap = 0;
      longestMs = 0;
    },
  };
}
