/** Growth that is proven twice within this is that of a bucket: windows that begin anew more often are hardly told. */
const SOON_MS = 700;

/** Measured over less than this, the pace is a guess. */
const SHORTEST_MS = 150;

/** What is left, and what may be left, of a limit; each with all requests so far added, so that sending changes neither. */
export interface Told {
  /** As if all requests that are on their way were counted already. */
  readonly least: number;
  /** As if none of them were. */
  readonly most: number;
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
  /** The lowest that `most` has been since growth was last proven. */
  let ceiling = Number.POSITIVE_INFINITY;
  let provenAt: number | undefined;
  let from: { readonly sum: number; readonly at: number } | undefined;

  return {
    get perMs() {
      return perMs;
    },
    hasGrown: ({ least }) => least > ceiling,
    saw({ least, most }, now) {
      if (least > ceiling) {
        const isSoon = provenAt !== undefined && now - provenAt < SOON_MS;
        if (!isSoon) from = { sum: least, at: now };
        provenAt = now;
        ceiling = most;
      } else ceiling = Math.min(ceiling, most);
      if (from === undefined || now - from.at < SHORTEST_MS) return;
      const isBucket = perMs > 0 || (provenAt ?? 0) > from.at;
      // A bucket that is full does not grow: the fastest that was seen is its pace.
      if (isBucket) perMs = Math.max(perMs, (least - from.sum) / (now - from.at));
    },
    begin() {
      ceiling = Number.POSITIVE_INFINITY;
      from = undefined;
      provenAt = undefined;
      perMs = 0;
    },
  };
}
