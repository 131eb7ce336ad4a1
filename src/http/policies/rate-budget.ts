import { SassyError } from '../../errors/sassy-error.ts';
import type { RateLimit } from '../../model/http.ts';
import type { Host } from '../../util/host.ts';
import { timeAfter } from '../refusal.ts';
import type { WaitReason } from '../events.ts';
import { type LearnedWindow, learnedWindow } from './learned-window.ts';
import type { LearnedLimit } from './limit-headers.ts';
import { limitScopes } from './limit-scope.ts';
import { slidingWindow, type Window } from './sliding-window.ts';

const LONGEST_WAIT_MS = 15 * 60_000;

/** Above it a policy that is told is no help: the limit is then kept by what is told to be left. */
const LONGEST_POLICY_MS = 10_000;

/** The rate limits of one connection. Made once per run and shared by all who send for it. */
export interface RateBudget {
  /**
   * Waits until one more request may be sent, in the order of asking, and counts it. `onWait` is called when each
   * wait begins. `url` chooses the limits where some are for a path alone. Rejects with RATE_LIMITED when the wait would
   * be longer than the budget allows, or with the signal's reason. Resolves with the time on the host's monotonic clock.
   */
  take(onWait?: (reason: WaitReason, ms: number) => void, signal?: AbortSignal, url?: string): Promise<number>;
  /** The request that was counted has its answer, or will have none. */
  done(url?: string): void;
  /** What the answer to a request that left at `sentMs` told about the limits; to be called before `done`. */
  learn(limits: readonly LearnedLimit[], sentMs: number, url?: string): void;
  /**
   * Nobody sends before `untilMs` on the host's monotonic clock; with the `url` of a request that has limits of its own,
   * nobody to whom these apply. Never shortens an earlier hold.
   */
  hold(untilMs: number, url?: string): void;
}

export interface RateBudgetOptions {
  /** The service, for messages. */
  readonly title?: string;
  /** A longer wait is refused with RATE_LIMITED. Default 15 minutes. */
  readonly longestWaitMs?: number;
  /** The path of the base URL, below which the paths of limits are. */
  readonly basePath?: string;
}

/** Requests for which the same limits hold wait in one line. */
interface Line {
  last: Promise<unknown>;
  /** Requests so far. */
  sent: number;
  /** Of these, the ones without an answer. */
  inFlight: number;
  heldUntil: number;
  readonly windows: readonly Window[];
  /** By what the limits are called. */
  readonly learned: Map<string, LearnedWindow>;
  readonly policies: Map<string, Window>;
}

/**
 * Keeps below all of `limits`: no window of any of them, wherever it begins, holds more than its requests. A tenth of
 * a window may go at once, the rest is spread evenly. Limits that answers tell are kept as well.
 */
export function rateBudget(limits: readonly RateLimit[], host: Host, options: RateBudgetOptions = {}): RateBudget {
  const { title = 'the API', longestWaitMs = LONGEST_WAIT_MS, basePath } = options;
  const windows = limits.map(slidingWindow);
  const scopeOf = limitScopes(limits, basePath);
  const lines = new Map<string, Line>();
  const { clock } = host;

  function lineOf(url: string | undefined): Line {
    const scope = scopeOf(url);
    const known = lines.get(scope.key);
    if (known !== undefined) return known;
    const line: Line = {
      last: Promise.resolve(),
      sent: 0,
      inFlight: 0,
      heldUntil: -Infinity,
      windows: windows.filter((_, index) => scope.limits.includes(index)),
      learned: new Map(),
      policies: new Map(),
    };
    lines.set(scope.key, line);
    return line;
  }

  async function turn(
    line: Line,
    onWait: ((reason: WaitReason, ms: number) => void) | undefined,
    signal: AbortSignal | undefined,
  ): Promise<number> {
    for (;;) {
      signal?.throwIfAborted();
      const now = clock.monotonicMs();
      const all = [...line.windows, ...line.policies.values(), ...line.learned.values()];
      const free = all.reduce((latest, window) => Math.max(latest, window.freeAt(now)), now);
      // A limit that was met where only the common limits hold is one of those: it holds everybody.
      const heldUntil = Math.max(line.heldUntil, lines.get('')?.heldUntil ?? -Infinity);
      const wait = Math.max(free, heldUntil) - now;
      if (wait <= 0) {
        for (const window of all) window.count(now);
        line.sent += 1;
        line.inFlight += 1;
        return now;
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
    async take(onWait, signal, url) {
      const line = lineOf(url);
      const mine = line.last.then(() => turn(line, onWait, signal));
      line.last = mine.catch(() => undefined);
      return mine;
    },
    done(url) {
      const line = lineOf(url);
      line.inFlight = Math.max(0, line.inFlight - 1);
    },
    learn(told, sentMs, url) {
      const line = lineOf(url);
      const now = clock.monotonicMs();
      for (const limit of told) {
        const { name, windowMs } = limit;
        if (limit.limit !== undefined && windowMs !== undefined && windowMs <= LONGEST_POLICY_MS) {
          const key = `${name} ${limit.limit} ${windowMs}`;
          if (!line.policies.has(key)) {
            line.policies.set(key, slidingWindow({ requests: Math.max(1, limit.limit), windowMs }));
          }
          if (limit.remaining > 0) continue;
        }
        const window = line.learned.get(name) ?? learnedWindow(line.sent);
        line.learned.set(name, window);
        window.learn(limit, now, { all: line.sent, inFlight: Math.max(0, line.inFlight - 1), sentMs });
      }
    },
    hold(untilMs, url) {
      const line = lineOf(url);
      line.heldUntil = Math.max(line.heldUntil, untilMs);
    },
  };
}
