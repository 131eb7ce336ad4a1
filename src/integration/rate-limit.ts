import type { RateLimit } from '../model/http.ts';

/** At most this many requests in any second. */
export function perSecond(requests: number): RateLimit {
  return { requests, windowMs: 1_000 };
}

/** At most this many requests in any minute. */
export function perMinute(requests: number): RateLimit {
  return { requests, windowMs: 60_000 };
}

/** At most this many requests in any hour. */
export function perHour(requests: number): RateLimit {
  return { requests, windowMs: 3_600_000 };
}
