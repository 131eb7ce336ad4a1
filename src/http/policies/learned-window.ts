import type { LearnedLimit } from './limit-headers.ts';
import type { Window } from './sliding-window.ts';

/** A reset told in whole seconds may lie up to one after the time told. */
const AFTER_RESET_MS = 1000;

/** The first part of what is left goes at once, so that short runs need not wait; the last quarter is spread. */
const SPREAD_BELOW = 0.25;

/** Rather than wait longer between two requests, what is left is used up: the wait then comes once, at the end. */
const LONGEST_SPREAD_MS = 60_000;

/** A limit that answers tell about: so many left until a time. */
export interface LearnedWindow extends Window {
  /**
   * @param inFlight requests that are sent and not answered: the server may have counted them or not
   */
  learn(limit: LearnedLimit, now: number, inFlight: number): void;
}

/**
 * Keeps a count of its own that is never above the server's: each request takes one, each answer can only lower it
 * (somebody else uses the same account), and after the reset it is full again. At nought everybody waits for the reset.
 */
export function learnedWindow(): LearnedWindow {
  let full: number | undefined;
  let left = Number.POSITIVE_INFINITY;
  let resetAt: number | undefined;
  let lastSent = Number.NEGATIVE_INFINITY;

  /** After the reset the window is as full as it was told to be; until an answer tells, its end is not known. */
  function roll(now: number): void {
    if (resetAt === undefined || now < resetAt + AFTER_RESET_MS) return;
    resetAt = undefined;
    left = full ?? Number.POSITIVE_INFINITY;
  }

  return {
    freeAt(now) {
      roll(now);
      if (resetAt === undefined) return now;
      if (left <= 0) return resetAt + AFTER_RESET_MS;
      if (full === undefined || left > full * SPREAD_BELOW) return now;
      const spacing = (resetAt - lastSent) / (left + 1);
      return spacing > LONGEST_SPREAD_MS ? now : Math.max(now, lastSent + spacing);
    },
    count(now) {
      left -= 1;
      lastSent = now;
    },
    learn({ limit, remaining, resetMs }, now, inFlight) {
      if (resetMs === undefined) return;
      roll(now);
      const isFirst = left === Number.POSITIVE_INFINITY;
      // Far more than can be explained by answers that overtook each other: the server fills up as time goes by.
      const isRefilled = remaining - 2 * inFlight - 5 > left;
      left = isFirst || isRefilled ? remaining - inFlight : Math.min(left, remaining);
      full = limit ?? Math.max(full ?? 0, remaining);
      resetAt = Math.max(resetAt ?? 0, now + resetMs);
      if (isRefilled) resetAt = now + resetMs;
    },
  };
}
