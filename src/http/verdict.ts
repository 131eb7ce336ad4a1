import type { HttpRequest, HttpResponse, Verdict, VerdictRule } from '../model/http.ts';
import { limitFromHeaders } from './policies/limit-headers.ts';
import { retryAfterMs } from './policies/retry-after.ts';

/** Says what a response means. Pure: the same response always means the same. */
export type Classify = (response: HttpResponse, request: HttpRequest) => Verdict;

const OK: Verdict = Object.freeze({ kind: 'ok' });

/** Too early to answer, or broken for the moment. */
const PASSING = new Set([408, 425, 500, 502, 503, 504]);

/**
 * The first of `rules` that gives a verdict decides; else the defaults: 2xx is ok; 401 and 403 are denied, except a
 * 403 that is a rate limit; 408, 425, 429, 500, 502, 503 and 504 are tried again; all others fail. Nothing is skipped
 * but by an integration's own rule.
 */
export function classify(rules: readonly VerdictRule[] = []): Classify {
  return (response, request) => {
    for (const rule of rules) {
      const verdict = rule(response, request);
      if (verdict !== undefined) return verdict;
    }
    return defaultVerdict(response, request);
  };
}

function defaultVerdict(response: HttpResponse, request: HttpRequest): Verdict {
  const { status } = response;
  if (status >= 200 && status < 300) return OK;
  const reason = String(status);
  if (status === 401) return { kind: 'denied', reason };
  if (status === 429 || (status === 403 && showsLimit(response))) return limitedVerdict(response);
  if (status === 403) return { kind: 'denied', reason };
  if (PASSING.has(status)) {
    const afterMs = retryAfterMs(response.headers['retry-after'], response.headers['date']);
    return { kind: 'retry', reason, ...(afterMs === undefined ? {} : { afterMs }) };
  }
  if (status >= 300 && status < 400) return { kind: 'fail', reason: redirectReason(response, request) };
  return { kind: 'fail', reason };
}

/**
 * The verdict of a response that says "too many requests" in whatever form, with the wait that its headers ask for.
 * For the rules of integrations whose limits do not come as 429.
 */
export function limitedVerdict(response: HttpResponse): Verdict {
  const { headers, status } = response;
  const learned = limitFromHeaders(headers);
  const reset = learned?.remaining === 0 ? learned.resetMs : undefined;
  const afterMs =
    retryAfterMs(headers['retry-after'], headers['date']) ?? (reset === undefined ? undefined : reset + 1000);
  return { kind: 'retry', reason: String(status), limited: true, ...(afterMs === undefined ? {} : { afterMs }) };
}

function showsLimit({ headers }: HttpResponse): boolean {
  return headers['retry-after'] !== undefined || limitFromHeaders(headers)?.remaining === 0;
}

/** Where a redirect points is told only inside the same host: elsewhere it may carry a session. */
function redirectReason(response: HttpResponse, request: HttpRequest): string {
  const location = response.headers['location'];
  const target = location === undefined ? null : URL.parse(location, request.url);
  const shown = target !== null && target.host === new URL(request.url).host ? ` (to ${target.pathname})` : '';
  return `${response.status}, and redirects are not followed${shown}`;
}
