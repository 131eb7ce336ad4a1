import type { HttpResponse } from '../../model/http.ts';
import type { Clock } from '../../util/host.ts';

/** The time as the service sees it: what is signed with a wrong time is refused. */
export interface ServerClock {
  nowMs(): number;
  /** Looks at the time of a refusal; true when ours differs from it by so much that this may be why. */
  learn(refusal: HttpResponse): boolean;
}

/** Our clock, put right by the `Date` of refusals. Dates have whole seconds, and answers take their time. */
export function serverClock(clock: Clock, toleranceMs = 30_000): ServerClock {
  let aheadMs = 0;
  const nowMs = (): number => clock.now() + aheadMs;
  return {
    nowMs,
    learn({ headers }) {
      const differenceMs = Date.parse(headers['date'] ?? '') - nowMs();
      if (!(Math.abs(differenceMs) > toleranceMs)) return false;
      aheadMs += differenceMs;
      return true;
    },
  };
}
