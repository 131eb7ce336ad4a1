import { httpDateMs } from './retry-after.ts';

export interface LearnedLimit {
  /** Requests left in the present window, the fewest of all that are told. */
  readonly remaining: number;
  /** Milliseconds, by the server's clock, until there are more. */
  readonly resetMs?: number;
}

/** Above it a reset is a point in time, in seconds since 1970; below it a number of seconds from now. */
const EPOCH_SECONDS = 1e9;
const EPOCH_MS = 1e12;

/**
 * What a response says about the rate limit; undefined when it says nothing that we know. Understood are
 * `x-ratelimit-remaining` with `-reset` (GitHub: seconds since 1970; others: seconds from now; Jira documents ISO
 * 8601), `ratelimit-remaining` with `-reset` (seconds from now) and the newer `ratelimit: "name";r=0;t=60` (Monday).
 *
 * @param serverDate the response's `Date` header, from which points in time are counted
 */
export function limitFromHeaders(
  headers: Readonly<Record<string, string>>,
  serverDate: string | undefined = headers['date'],
): LearnedLimit | undefined {
  const found = [
    fromPair(headers['x-ratelimit-remaining'], headers['x-ratelimit-reset'], serverDate),
    fromPair(headers['ratelimit-remaining'], headers['ratelimit-reset'], serverDate),
    ...(headers['ratelimit']?.split(',').map(fromItem) ?? []),
  ].filter((limit) => limit !== undefined);
  return found.reduce<LearnedLimit | undefined>((tightest, limit) => tighter(tightest, limit), undefined);
}

function tighter(a: LearnedLimit | undefined, b: LearnedLimit): LearnedLimit {
  if (a === undefined || b.remaining < a.remaining) return b;
  return b.remaining === a.remaining && (b.resetMs ?? 0) > (a.resetMs ?? 0) ? b : a;
}

function fromPair(
  remaining: string | undefined,
  reset: string | undefined,
  serverDate: string | undefined,
): LearnedLimit | undefined {
  if (remaining === undefined || !/^\d+$/.test(remaining)) return undefined;
  return limit(Number(remaining), reset === undefined ? undefined : resetToMs(reset.trim(), serverDate));
}

/** One item of the structured field: `"minuteRate";r=1334;t=60`. */
function fromItem(item: string): LearnedLimit | undefined {
  const remaining = /;\s*r=(\d+)\b/.exec(item)?.[1];
  const seconds = /;\s*t=(\d+)\b/.exec(item)?.[1];
  if (remaining === undefined) return undefined;
  return limit(Number(remaining), seconds === undefined ? undefined : Number(seconds) * 1000);
}

function limit(remaining: number, resetMs: number | undefined): LearnedLimit {
  return resetMs === undefined || resetMs < 0 ? { remaining } : { remaining, resetMs };
}

function resetToMs(reset: string, serverDate: string | undefined): number | undefined {
  const now = httpDateMs(serverDate?.trim() ?? '');
  if (/^\d+(\.\d+)?$/.test(reset)) {
    const value = Number(reset);
    if (value < EPOCH_SECONDS) return value * 1000;
    return now === undefined ? undefined : (value < EPOCH_MS ? value * 1000 : value) - now;
  }
  // ISO 8601 with a zone; without one it could be any time.
  if (now === undefined || !/^\d{4}-\d\d-\d\dT.*(Z|[+-]\d\d:?\d\d)$/.test(reset)) return undefined;
  const at = Date.parse(reset);
  return Number.isNaN(at) ? undefined : at - now;
}
