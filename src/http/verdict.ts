import type { HttpRequest, HttpResponse, Verdict, VerdictRule } from '../model/http.ts';
import { graphqlVerdict } from './graphql-verdict.ts';
import { limitedVerdict } from './limited-verdict.ts';
import { limitFromHeaders } from './policies/limit-headers.ts';
import { retryAfterMs } from './policies/retry-after.ts';

/** Says what a response means. Pure: the same response always means the same. */
export type Classify = (response: HttpResponse, request: HttpRequest) => Verdict;

const OK: Verdict = Object.freeze({ kind: 'ok' });

/** A cache on the way, or a server that mixes requests up: there is nothing to take the page from. */
const UNASKED = 'not modified, though it was not asked whether anything changed';

function isConditional({ headers }: HttpRequest): boolean {
  return headers['if-none-match'] !== undefined || headers['if-modified-since'] !== undefined;
}

/** Too early to answer, or broken for the moment. */
const PASSING = new Set([408, 425, 500, 502, 503, 504]);

/**
 * The first of `rules` that gives a verdict decides; else the defaults: 2xx is ok; 401 and 403 are denied, except a
 * 403 that is a rate limit; 408, 425, 429, 500, 502, 503 and 504 are tried again; a page that another led to and that is
 * gone (404, 410) or expired (400, 422 that say so) restarts its slice; errors in the answer to a GraphQL query are errors,
 * whatever the status; all others fail. Nothing is skipped but by an integration's own rule.
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
  if (status >= 200 && status < 300) return graphqlVerdict(response, request) ?? OK;
  const reason = String(status);
  if (status === 304) return isConditional(request) ? OK : { kind: 'fail', reason: UNASKED };
  if (status === 401) return { kind: 'denied', reason };
  if (status === 429 || (status === 403 && showsLimit(response))) return limitedVerdict(response);
  if (status === 403) return { kind: 'denied', reason };
  if (request.continues === true && isLostPlace(response)) return { kind: 'restart', reason };
  if (PASSING.has(status)) {
    const afterMs = retryAfterMs(response.headers['retry-after'], response.headers['date']);
    return { kind: 'retry', reason, ...(afterMs === undefined ? {} : { afterMs }) };
  }
  if (status >= 300 && status < 400) return { kind: 'fail', reason: `${status}, which leads nowhere` };
  return { kind: 'fail', reason };
}

/** Words with which APIs say that a page token is no longer good. */
const EXPIRED =
  /(cursor|page.?token|pagination.?token|next.?token|scroll|starting.?after|continuation)[^.]{0,60}(expired?|no longer|not (found|valid)|invalid|unknown|stale)|(expired?|invalid|stale|unknown)[^.]{0,30}(cursor|page.?token|pagination.?token|next.?token|scroll|continuation)/i;

function isLostPlace(response: HttpResponse): boolean {
  const { status, body } = response;
  if (status === 404 || status === 410) return true;
  return (status === 400 || status === 422) && EXPIRED.test(body.toString('utf8', 0, 4096));
}

function showsLimit({ headers }: HttpResponse): boolean {
  return headers['retry-after'] !== undefined || limitFromHeaders(headers)?.remaining === 0;
}
