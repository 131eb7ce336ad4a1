import type { PageRequest } from '../model/http.ts';
import type { Redact } from './redact.ts';

/** What stands in the place of a secret in a snapshot: a replay goes the way of the recording. */
const PLACEHOLDER = /(<|%3C)(secret|token)(:|%3A)\d+(>|%3E)/i;

/** The request without the pairs of its query, written or given, in which the redaction finds a secret. */
export function withoutSecrets(request: PageRequest, redact: Redact): PageRequest {
  const isClean = (text: string): boolean => redact(text) === text && !PLACEHOLDER.test(text);
  const start = request.path.indexOf('?');
  const written = start < 0 ? '' : request.path.slice(start + 1);
  const query = Object.entries(request.query ?? {});
  if (isClean(written) && query.every(([, value]) => isClean(String(value)))) return request;
  const pairs = written.split('&').filter((pair) => pair !== '' && isClean(pair));
  const path = start < 0 ? request.path : request.path.slice(0, start);
  return {
    ...request,
    path: pairs.length === 0 ? path : `${path}?${pairs.join('&')}`,
    query: Object.fromEntries(query.filter(([, value]) => isClean(String(value)))),
  };
}
