import type { HttpResponse } from '../model/http.ts';
import type { Clock } from '../util/host.ts';
import { networkTrouble } from './network-error.ts';

export interface AdaptiveGateOptions {
  readonly clock: Pick<Clock, 'monotonicMs'>;
  /** Requests on their way at once, to begin with. Default 10. */
  readonly start?: number;
  /** Default 32. */
  readonly most?: number;
}

/** Lets as many requests be on their way at once as the API bears. */
export interface AdaptiveGate {
  /** Runs the task when there is room, in the order of asking. */
  run(task: () => Promise<HttpResponse>): Promise<HttpResponse>;
  /** How many may be on their way now. */
  limit(): number;
}

/** An API that says or shows that it is asked too much. */
const TROUBLE = new Set([429, 500, 502, 503, 504]);

/** Slower than the best round by this much: more at once would only wait longer. */
const SLOWER = 1.5;
const MUCH_SLOWER = 2.5;
/** The best round fades this slowly, so that one lucky round is not the measure for ever. */
const FORGETTING = 1.001;

/**
 * What the quicker quarter of the answers took: an API that is asked too much is slow for all of them, while a machine that
 * is busy with other things, ours or theirs, is slow for some.
 */
function quickOf(times: number[]): number {
  times.sort((a, b) => a - b);
  return times[times.length >> 2] ?? 0;
}

/**
 * Doubles with each round of good answers that come as fast as before, while more want in; once there was trouble, or
 * answers became much slower, by one. Halves on trouble, once for all requests that were on their way when it came; gives
 * back a tenth when answers become much slower, down to what it began with.
 */
export function adaptiveGate({ clock, start = 10, most = 32 }: AdaptiveGateOptions): AdaptiveGate {
  const waiting: (() => void)[] = [];
  const least = Math.min(start, most);
  let limit = least;
  let running = 0;
  let begun = 0;
  /** Requests that began before this one was begun say nothing new about trouble. */
  let judgedFrom = 0;
  let isCareful = false;
  let bestMs = Number.POSITIVE_INFINITY;
  let round: { readonly times: number[]; isFull: boolean } = { times: [], isFull: false };

  function letIn(): void {
    while (running < limit) {
      const next = waiting.shift();
      if (next === undefined) return;
      running += 1;
      next();
    }
  }

  function newRound(): void {
    round = { times: [], isFull: false };
  }

  function onTrouble(number: number): void {
    if (number < judgedFrom) return;
    limit = Math.max(1, Math.floor(limit / 2));
    isCareful = true;
    judgedFrom = begun;
    newRound();
  }

  function onAnswer(number: number, ms: number): void {
    if (number < judgedFrom) return;
    round.times.push(ms);
    round.isFull ||= waiting.length > 0;
    if (round.times.length < limit) return;
    const roundMs = quickOf(round.times);
    bestMs = Math.min(roundMs, bestMs * FORGETTING);
    if (roundMs > bestMs * MUCH_SLOWER) {
      limit = Math.max(Math.min(limit, least), Math.floor(limit * 0.9));
      isCareful = true;
    } else if (round.isFull && roundMs <= bestMs * SLOWER) {
      limit = Math.min(most, isCareful ? limit + 1 : limit * 2);
    }
    newRound();
  }

  return {
    limit: () => limit,
    async run(task) {
      if (running < limit && waiting.length === 0) running += 1;
      else await new Promise<void>((resolve) => waiting.push(resolve));
      const number = begun;
      begun += 1;
      const started = clock.monotonicMs();
      try {
        const response = await task();
        if (TROUBLE.has(response.status)) onTrouble(number);
        else onAnswer(number, clock.monotonicMs() - started);
        return response;
      } catch (error) {
        if (networkTrouble(error) === 'passing') onTrouble(number);
        throw error;
      } finally {
        running -= 1;
        letIn();
      }
    },
  };
}
