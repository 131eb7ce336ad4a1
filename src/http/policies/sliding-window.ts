import type { RateLimit } from '../../model/http.ts';

/** Requests leave a little slower than allowed, because the server's clock and the way there are not ours. */
const STRETCH = 1.02;

/** How much of a window may be used at once, so that short runs need not wait at all. */
const BURST = 0.1;

/** One limit on requests over time. */
export interface Window {
  /** The earliest time at or after `now` at which one more request fits. */
  freeAt(now: number): number;
  count(now: number): void;
}

/** A limit that is declared: no window, wherever it begins, holds more than its requests; they are spread evenly. */
export function slidingWindow({ requests, windowMs }: RateLimit): Window {
  const stretched = windowMs * STRETCH;
  const interval = stretched / requests;
  const credit = interval * (Math.max(1, Math.floor(requests * BURST)) - 1);
  /** The times of the last `requests` requests, in a ring: the oldest is the one that the next will replace. */
  const sent = new Float64Array(requests).fill(-Infinity);
  let oldest = 0;
  /** When the next request would be due if all were spread evenly. */
  let due = -Infinity;
  return {
    freeAt: (now) => Math.max(now, (sent[oldest] ?? -Infinity) + stretched, due - credit),
    count(now) {
      sent[oldest] = now;
      oldest = (oldest + 1) % requests;
      due = Math.max(due, now) + interval;
    },
  };
}
