import type { HttpResponse, Verdict } from '../model/http.ts';
import { limitFromHeaders } from './policies/limit-headers.ts';
import { retryAfterMs } from './policies/retry-after.ts';

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
