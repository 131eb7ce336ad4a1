import type { PageRequest } from '../../src/model/http.ts';
import type { PageAnswer } from '../../src/pagination/paginator.ts';

/** An answer of an API at `base` to a request, as a paginator gets it. */
export function answer(
  request: PageRequest,
  json: unknown,
  more: Partial<PageAnswer> = {},
  base = 'https://api.snyk.io/rest',
): PageAnswer {
  const query = Object.entries(request.query ?? {}).map(([name, value]) => `${name}=${String(value)}`);
  const url =
    base + request.path + (query.length === 0 ? '' : `${request.path.includes('?') ? '&' : '?'}${query.join('&')}`);
  return { request, url, json, headers: {}, recordCount: 10, ...more };
}
