/**
 * How long to wait after the nth failure in a row: anywhere between `baseMs` and a ceiling that doubles with each
 * failure up to `maxMs`. Never below `baseMs`, so that no wait is nothing.
 *
 * @param random in [0, 1)
 */
export function backoffMs(failures: number, baseMs: number, maxMs: number, random: number): number {
  const ceiling = Math.min(maxMs, baseMs * 2 ** Math.min(failures, 30));
  return Math.round(baseMs + random * Math.max(0, ceiling - baseMs));
}

/** Spreads what a server told many of us to do at one moment: at most a tenth of the wait and at most a second. */
export function lateness(waitMs: number, random: number): number {
  return Math.round(random * Math.min(1000, waitMs / 10));
}
