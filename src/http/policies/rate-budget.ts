import { SassyError } from '../../errors/sassy-error.ts';
import type { RateLimit } from '../../model/http.ts';
import type { Host } from '../../util/host.ts';
import { timeAfter } from '../refusal.ts';
import type { WaitReason } from '../events.ts';

/** Requests leave a little slower than allowed, because the server's clock and the way there are not ours. */
const STRETCH = 1.02;

/** How much of a window may be used at once, so that short runs need not wait at all. */
const BURST = 0.1;

const LONGEST_WAIT_MS = 15 * 60_000;

/** The rate limits of one connection. Made once per run and shared by all who send for it. */
export interface RateBudget {
  /**
   * Waits until one more request may be sent, in the order of asking, and counts it. `onWait` is called when each
   * wait begins. Rejects with RATE_LIMITED when the wait would be longer than the budget allows, or with the signal's reason.
   */
  take(onWait?: (reason: WaitReason, ms: number) => void, signal?: AbortSignal): Promise<void>;
  /** Nobody sends before `untilMs` on the host's monotonic clock. Never shortens an earlier hold. */
  hold(untilMs: number): void;
}

export interface RateBudgetOptions {
  /** The service, for messages. */
  readonly title?: string;
  /** A longer wait is refused with RATE_LIMITED. Default 15 minutes. */
  readonly longestWaitMs?: number;
}

/**
 * Keeps below all of `limits`: no window of any of them, wherever it begins, holds more than its requests. A tenth of
 * a window may go at once, the rest is spread evenly.
 */
export function rateBudget(limits: readonly RateLimit[], host: Host, options: RateBudgetOptions = {}): RateBudget {
  const { title = 'the API', longestWaitMs = LONGEST_WAIT_MS } = options;
  const windows = limits.map(slidingWindow);
  const { clock } = host;
  let heldUntil = -Infinity;
  let lastInLine: Promise<unknown> = Promise.resolve();

  async function turn(onWait: ((reason: WaitReason, ms: number) => void) | undefined, signal: AbortSignal | undefined) {
    for (;;) {
      signal?.throwIfAborted();
      const now = clock.monotonicMs();
      const free = windows.reduce((latest, window) => Math.max(latest, window.freeAt(now)), now);
      const wait = Math.max(free, heldUntil) - now;
      if (wait <= 0) {
        for (const window of windows) window.count(now);
        return;
      }
      if (wait > longestWaitMs) throw usedUp(wait);
      onWait?.(heldUntil > free ? 'limit' : 'pacing', wait);
      await clock.sleep(wait, signal);
    }
  }

  function usedUp(waitMs: number): SassyError {
    return new SassyError('RATE_LIMITED', {
      message: `The rate limit of ${title} is used up`,
      why: `the next request would have to wait ${Math.round(waitMs / 1000)} s, and ${Math.round(longestWaitMs / 1000)} s is the longest that a run waits`,
      ...timeAfter(host, waitMs),
    });
  }

  return {
    async take(onWait, signal) {
      if (windows.length === 0 && heldUntil <= clock.monotonicMs()) return;
      const mine = lastInLine.then(() => turn(onWait, signal));
      lastInLine = mine.catch(() => undefined);
      await mine;
    },
    hold(untilMs) {
      heldUntil = Math.max(heldUntil, untilMs);
    },
  };
}

interface SlidingWindow {
  /** The earliest time at or after `now` at which one more request fits. */
  freeAt(now: number): number;
  count(now: number): void;
}

function slidingWindow({ requests, windowMs }: RateLimit): SlidingWindow {
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
