import type { RateLimit } from '../../model/http.ts';

/**
 * Requests leave a little slower than allowed, because the server's clock and the way there are not ours: by 1 % of the
 * window, which in longer ones than 20 s is more than any answer needs.
 */
const STRETCH = 0.01;
const LONGEST_STRETCH_MS = 200;

/** How much of a window may be used at once, so that short runs need not wait at all. */
const BURST = 0.1;

/** Time in which nothing could be sent is made up for, as far as the limit itself allows: a window, at most this. */
const LONGEST_LAG_MS = 5000;

/** One limit on requests over time. */
export interface Window {
  /** The earliest time at or after `now` at which one more request fits. */
  freeAt(now: number): number;
  count(now: number): void;
}

/** A limit that is declared: no window, wherever it begins, holds more than its requests; they are spread evenly. */
export function slidingWindow({ requests, windowMs }: RateLimit): Window {
  const stretched = windowMs + Math.min(windowMs * STRETCH, LONGEST_STRETCH_MS);
  const interval = stretched / requests;
  const credit = interval * (Math.max(1, Math.floor(requests * BURST)) - 1);
  const longestLag = Math.min(windowMs, LONGEST_LAG_MS);
  /** The times of the last `requests` requests, in a ring: the oldest is the one that the next will replace. */
  const sent = new Float64Array(requests).fill(-Infinity);
  let oldest = 0;
  /** When the next request would be due if all were spread evenly. */
  let due: number | undefined;
  return {
    freeAt: (now) => Math.max(now, (sent[oldest] ?? -Infinity) + stretched, (due ?? -Infinity) - credit),
    count(now) {
      sent[oldest] = now;
      oldest = (oldest + 1) % requests;
      due = (due === undefined ? now : Math.max(due, now - longestLag)) + interval;
    },
  };
}
