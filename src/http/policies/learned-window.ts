import type { LearnedLimit } from './limit-headers.ts';
import { refill } from './refill.ts';
import { resetPhase, ROUNDING_MS } from './reset-phase.ts';
import { slidingWindow, type Window } from './sliding-window.ts';

/** The first part of what is left goes at once, so that short runs need not wait; the last quarter is spread. */
const SPREAD_BELOW = 0.25;

/** Rather than wait longer between two requests, what is left is used up: the wait then comes once, at the end. */
const LONGEST_SPREAD_MS = 60_000;

/** While many requests are on their way, answers tell too little rather than too much: the most of so many counts. */
const RECENT = 8;

/** So many must be left in a bucket for one more request: the server's clock is not ours. */
const BUCKET_FLOOR = 2;

/**
 * A limit of so few in so short a time may be a bucket or a window, and there is no time to find out: evenly spread
 * requests fit both.
 */
const FEW = 30;
const SHORT_MS = 2000;

/** Requests of one line: all that were sent, and those without an answer. */
export interface Sent {
  readonly all: number;
  readonly inFlight: number;
  /** When the request left whose answer has come: a time that is told counts from there, however late the answer is read. */
  readonly sentMs: number;
}

/** A limit that answers tell about: so many left until a time. */
export interface LearnedWindow extends Window {
  /** `sent.inFlight` without the request that was answered. */
  learn(limit: LearnedLimit, now: number, sent: Sent): void;
}

/**
 * Keeps a count that is never above the server's: what an answer says is left, less the requests on their way. In a window
 * that begins anew, its end is told in whole seconds and learned more exactly by watching it come: what is left is spread
 * up to then, so that nobody waits for it. A bucket that fills up as time goes by is known by its growing: requests then
 * follow its pace.
 */
export function learnedWindow(sentSoFar: number): LearnedWindow {
  const phase = resetPhase();
  const bucket = refill();
  let sent = sentSoFar;
  let full: number | undefined;
  /** The sums of what is left and what was sent that the last answers of this window told; see `Told`. */
  let sums: number[] = [];
  /** Of a few in a short time. */
  let even: { readonly window: Window; readonly requests: number; readonly windowMs: number } | undefined;
  let longestMs = 0;
  let lastAnswer = 0;
  let lastSent = Number.NEGATIVE_INFINITY;

  function begin(sum: number | undefined): void {
    sums = sum === undefined ? [] : [sum];
    phase.begin();
    bucket.begin();
  }

  /** After the reset the window is as full as it was told to be; until an answer tells, its end is not known. */
  function roll(now: number): void {
    if (now >= phase.latest()) begin(full === undefined ? undefined : sent + full);
  }

  /** `before`: requests that were sent a moment ago, when nothing was known. */
  function keepEven(requests: number, now: number, before: number): void {
    if (requests < 1 || requests > FEW || longestMs > SHORT_MS || longestMs === 0) even = undefined;
    else if (even?.requests !== requests || even.windowMs !== longestMs) {
      even = { window: slidingWindow({ requests, windowMs: longestMs }), requests, windowMs: longestMs };
      for (let index = 0; index < before; index += 1) even.window.count(now);
    }
  }

  return {
    freeAt(now) {
      roll(now);
      if (even !== undefined) return even.window.freeAt(now);
      if (sums.length === 0) return now;
      const left = Math.max(...sums) - sent;
      const { perMs } = bucket;
      if (perMs > 0) {
        const missing = BUCKET_FLOOR - left - (now - lastAnswer) * perMs;
        return missing <= 0 ? now : now + Math.ceil(missing / perMs);
      }
      const end = phase.latest();
      if (left <= 0) return end === Number.POSITIVE_INFINITY ? now : end;
      if (full === undefined || left > full * SPREAD_BELOW || end === Number.POSITIVE_INFINITY) return now;
      const spacing = (end - lastSent) / (left + 1);
      return spacing > LONGEST_SPREAD_MS ? now : Math.max(now, lastSent + spacing);
    },
    count(now) {
      even?.window.count(now);
      sent += 1;
      lastSent = now;
    },
    learn({ limit, remaining, resetMs }, now, { all, inFlight, sentMs }) {
      if (resetMs === undefined) return;
      const reset = { sentMs, now, resetMs };
      sent = all;
      roll(now);
      lastAnswer = now;
      full = limit ?? Math.max(full ?? 0, remaining);
      longestMs = Math.max(longestMs, resetMs);
      keepEven(full, now, inFlight + 1);
      const told = {
        least: remaining + all - inFlight,
        most: remaining + all,
        perMs: Math.max(0, full - remaining) / (resetMs + ROUNDING_MS),
      };
      if (phase.isNext(reset)) {
        phase.happened(now);
        begin(undefined);
      }
      // An answer of the window before that was overtaken says nothing about this one.
      if (phase.isPast(reset)) return;
      bucket.saw(told, now);
      phase.saw(reset);
      sums = [...sums, told.least].slice(-RECENT);
    },
  };
}
