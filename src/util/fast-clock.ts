import type { Clock } from './host.ts';

/** A clock on which waiting takes no time: for replays, where a recorded Retry-After need not be sat through. */
export function fastClock(clock: Clock): Clock {
  let skippedMs = 0;
  return {
    now: () => clock.now() + skippedMs,
    monotonicMs: () => clock.monotonicMs() + skippedMs,
    async sleep(ms, signal) {
      skippedMs += Math.max(0, ms);
      await clock.sleep(0, signal);
    },
  };
}
