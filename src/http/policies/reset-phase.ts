/** Resets are told in whole seconds, rounded up or down, or as a point in time by a clock of whole seconds. */
export const ROUNDING_MS = 1000;

/** Besides the rounding: how much later than we saw it the server may let the next request in. */
const MARGIN_MS = 60;

/** A told end that lies so much further than all before it belongs to another window. */
const JUMP_MS = 1500;

/** How many windows back what was seen counts. */
const REMEMBERED = 4;

/** When a window ends, as exactly as the answers so far allow. All times are of one monotonic clock. */
export interface ResetPhase {
  /** The latest time at which the window may end; Infinity while nothing is known about it. */
  latest(): number;
  /** True when an answer is of a window after the one that was told so far. */
  isNext(now: number, resetMs: number): boolean;
  /** True when an answer is of a window before it. */
  isPast(now: number, resetMs: number): boolean;
  /** An answer of this window told how long it lasts. */
  saw(now: number, resetMs: number): void;
  /** The end was seen: an answer of the next window has come. */
  happened(now: number): void;
  /** A window begins, and nothing is known of its end. */
  begin(): void;
}

/**
 * The end that answers tell is `now + resetMs`, which rounding moves by up to a second either way. The highest of one window
 * differs from the true end by nearly the same in each window, and by how much is seen when the window ends: from then on
 * the end is known to within the pause between two answers.
 */
export function resetPhase(): ResetPhase {
  /** The highest end that was told in this window. */
  let told: number | undefined;
  let lastAnswer = 0;
  /** The longest pause between two answers of this window: so much higher a told end may have been missed. */
  let gap = 0;
  /** How far beyond the highest told end the first answers of the next windows came. */
  let seen: number[] = [];

  const slack = (): number =>
    seen.length === 0 ? ROUNDING_MS : Math.min(ROUNDING_MS, Math.max(...seen) + Math.min(gap, ROUNDING_MS) + MARGIN_MS);

  return {
    latest: () => (told === undefined ? Number.POSITIVE_INFINITY : told + slack()),
    isNext: (now, resetMs) => told !== undefined && now + resetMs > told + JUMP_MS,
    isPast: (now, resetMs) => told !== undefined && now + resetMs < told - 2 * JUMP_MS,
    saw(now, resetMs) {
      if (told !== undefined) gap = Math.max(gap, now - lastAnswer);
      lastAnswer = now;
      told = Math.max(told ?? Number.NEGATIVE_INFINITY, now + resetMs);
    },
    happened(now) {
      if (told !== undefined) seen = [...seen, now - told].slice(-REMEMBERED);
    },
    begin() {
      told = undefined;
      gap = 0;
    },
  };
}
