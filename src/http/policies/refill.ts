/** Growth that is proven twice within this is that of a bucket: windows that begin anew more often are hardly told. */
const SOON_MS = 700;

/** Measured over less than this, the pace is a guess: answers that were held up come all at once. */
const SHORTEST_MS = 1000;
const LONGEST_MS = 5000;

/** Too slow costs nothing, because the next answer tells; too fast is a 429. */
const CAUTION = 0.9;
const GUESS = 0.5;
const GUESS_MS = 150;

/** What is left, and what may be left, of a limit; each with all requests so far added, so that sending changes neither. */
export interface Told {
  /** As if all requests that are on their way were counted already. */
  readonly least: number;
  /** As if none of them were. */
  readonly most: number;
  /** What a bucket must bring in a millisecond at least, by when it is said to be full. */
  readonly perMs: number;
}

/** Whether a limit fills up as time goes by, and how fast. */
export interface Refill {
  /** Requests that become possible in a millisecond; 0 unless it is known to fill up. */
  readonly perMs: number;
  /** True when an answer proves that there is more than there was. */
  hasGrown(told: Told): boolean;
  saw(told: Told, now: number): void;
  /** A window began: growth is counted from here. */
  begin(): void;
}

/**
 * In a window that begins anew the sum of what is left and what was sent stays the same, and then jumps once; in a bucket it
 * grows all the time. It has grown for sure when the least it can be is more than the most it could be before.
 */
export function refill(): Refill {
  let perMs = 0;
  let slowest = 0;
  /** The lowest that `most` has been since growth was last proven. */
  let ceiling = Number.POSITIVE_INFINITY;
  let provenAt: number | undefined;
  let from: { readonly sum: number; readonly at: number } | undefined;

  return {
    get perMs() {
      return perMs;
    },
    hasGrown: ({ least }) => least > ceiling,
    saw({ least, most, perMs: told }, now) {
      slowest = Math.max(slowest, told);
      if (least > ceiling) {
        const isSoon = provenAt !== undefined && now - provenAt < SOON_MS;
        if (!isSoon) from = { sum: least, at: now };
        provenAt = now;
        ceiling = most;
      } else ceiling = Math.min(ceiling, most);
      if (from === undefined || now <= from.at) return;
      const isBucket = perMs > 0 || (provenAt ?? 0) > from.at;
      if (!isBucket) return;
      const measured = (least - from.sum) / (now - from.at);
      const trust = now - from.at >= SHORTEST_MS ? CAUTION : now - from.at >= GUESS_MS ? GUESS : 0;
      perMs = Math.max(measured * trust, slowest);
      // A bucket that is full does not grow: only the last while is measured.
      if (now - from.at > LONGEST_MS) from = { sum: least, at: now };
    },
    begin() {
      ceiling = Number.POSITIVE_INFINITY;
      from = undefined;
      provenAt = undefined;
      perMs = 0;
      slowest = 0;
    },
  };
}
