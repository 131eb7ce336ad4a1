import { httpDateMs } from './retry-after.ts';

export interface LearnedLimit {
  /** What the API calls this limit; `''` where it has one. */
  readonly name: string;
  /** Requests in a whole window. */
  readonly limit?: number;
  readonly windowMs?: number;
  /** Requests left in the present window. */
  readonly remaining: number;
  /** Milliseconds, by the server's clock, until there are more. */
  readonly resetMs?: number;
}

type Headers = Readonly<Record<string, string>>;

/** Above it a reset is a point in time, in seconds since 1970; below it a number of seconds from now. */
const EPOCH_SECONDS = 1e9;
const EPOCH_MS = 1e12;

/**
 * Everything a response says about rate limits, in the forms that we know:
 * - `x-ratelimit-limit`, `-remaining`, `-reset`, also as `x-rate-limit-…` (GitHub: seconds since 1970; others: seconds
 *   from now; Jira documents ISO 8601), named by `x-ratelimit-resource`
 * - `ratelimit-limit`, `-remaining`, `-reset` (draft-ietf-httpapi-ratelimit-headers up to 02)
 * - `ratelimit: limit=100, remaining=50, reset=5` with `ratelimit-policy: 100;w=60` (up to 07)
 * - `ratelimit: "minuteRate";r=1334;t=60` with `ratelimit-policy: "minuteRate";q=5000;w=60` (from 08 on; Monday)
 *
 * @param serverDate the response's `Date` header, from which points in time are counted
 */
export function limitsFromHeaders(
  headers: Headers,
  serverDate: string | undefined = headers['date'],
): readonly LearnedLimit[] {
  const name = headers['x-ratelimit-resource'] ?? '';
  return [
    fromTriple(name, headers, 'x-ratelimit', serverDate),
    fromTriple(name, headers, 'x-rate-limit', serverDate),
    fromTriple('', headers, 'ratelimit', serverDate),
    ...fromFields(headers['ratelimit'], headers['ratelimit-policy']),
  ].filter((limit) => limit !== undefined);
}

/** The tightest of them: the fewest left, and of those the latest reset. Undefined when none is told. */
export function limitFromHeaders(headers: Headers, serverDate?: string): LearnedLimit | undefined {
  const found = limitsFromHeaders(headers, serverDate ?? headers['date']);
  return found.reduce<LearnedLimit | undefined>((tightest, limit) => tighter(tightest, limit), undefined);
}

function tighter(a: LearnedLimit | undefined, b: LearnedLimit): LearnedLimit {
  if (a === undefined || b.remaining < a.remaining) return b;
  return b.remaining === a.remaining && (b.resetMs ?? 0) > (a.resetMs ?? 0) ? b : a;
}

function fromTriple(
  name: string,
  headers: Headers,
  prefix: string,
  serverDate: string | undefined,
): LearnedLimit | undefined {
  const remaining = headers[`${prefix}-remaining`];
  const reset = headers[`${prefix}-reset`];
  if (remaining === undefined || !/^\d+$/.test(remaining)) return undefined;
  // `100, 100;w=60`: the limit, then the policies.
  const whole = /^\s*(\d+)/.exec(headers[`${prefix}-limit`] ?? '')?.[1];
  const resetMs = reset === undefined ? undefined : resetToMs(reset.trim(), serverDate);
  return limit(
    { name, remaining: Number(remaining), ...(whole === undefined ? {} : { limit: Number(whole) }) },
    resetMs,
  );
}

/** `ratelimit` and `ratelimit-policy`, whichever draft they follow. */
function fromFields(state: string | undefined, policy: string | undefined): readonly (LearnedLimit | undefined)[] {
  if (state === undefined) return [];
  const policies = (policy ?? '').split(',').map((item) => ({
    name: nameIn(item),
    requests: /;\s*q=(\d+)\b/.exec(item)?.[1] ?? /^\s*(\d+)/.exec(item)?.[1],
    seconds: /;\s*w=(\d+)\b/.exec(item)?.[1],
  }));
  const one = /\bremaining=(\d+)/.exec(state)?.[1];
  const items =
    one === undefined
      ? state.split(',').map((item) => ({
          name: nameIn(item),
          remaining: /;\s*r=(\d+)\b/.exec(item)?.[1],
          seconds: /;\s*t=(\d+)\b/.exec(item)?.[1],
        }))
      : [{ name: '', remaining: one, seconds: /\breset=(\d+)/.exec(state)?.[1] }];
  return items.map(({ name, remaining, seconds }) => {
    if (remaining === undefined) return undefined;
    const known = policies.find((item) => item.name === name && item.requests !== undefined);
    return limit(
      {
        name,
        remaining: Number(remaining),
        ...(known === undefined ? {} : { limit: Number(known.requests) }),
        ...(known?.seconds === undefined ? {} : { windowMs: Number(known.seconds) * 1000 }),
      },
      seconds === undefined ? undefined : Number(seconds) * 1000,
    );
  });
}

function nameIn(item: string): string {
  return /^\s*"([^"]*)"/.exec(item)?.[1] ?? '';
}

function limit(told: LearnedLimit, resetMs: number | undefined): LearnedLimit {
  return resetMs === undefined || resetMs < 0 ? told : { ...told, resetMs };
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
