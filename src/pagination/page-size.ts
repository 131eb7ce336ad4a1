import { codeOf } from '../errors/error-code.ts';
import { isSassyError } from '../errors/sassy-error.ts';
import type { PageRequest } from '../model/http.ts';
import { pointerReader } from '../util/json-pointer.ts';
import { withValueAt } from './json-place.ts';
import type { PageSize } from './paginator.ts';

/** A page that may shrink is asked for this often before it does. */
const TRIES_OF_ONE_SIZE = 3;

/** What servers answer to a page that they cannot make in time, or that is too large for them. */
const TOO_MUCH = new Set([413, 500, 502, 503, 504]);
const TOO_LATE = new Set(['ETIMEDOUT', 'ESOCKETTIMEDOUT', 'TOO_SLOW']);

/** The request with the size that the pages of this pass have come down to, and as many tries as are right for it. */
export function withPageSize(request: PageRequest, pageSize: PageSize | undefined): PageRequest {
  if (pageSize === undefined) return request;
  const size = request.memo?.['size'];
  const sized = typeof size === 'number' ? withSize(request, pageSize, size) : request;
  return halfSize(request, pageSize) === undefined ? sized : { ...sized, attempts: TRIES_OF_ONE_SIZE };
}

/** The request with half the size, noted in its memo for those after it; undefined when a smaller page would not help. */
export function smallerPage(
  request: PageRequest,
  error: unknown,
  pageSize: PageSize | undefined,
): PageRequest | undefined {
  if (pageSize === undefined || !isTooMuch(error)) return undefined;
  const size = halfSize(request, pageSize);
  return size === undefined ? undefined : { ...request, memo: { ...request.memo, size } };
}

function isTooMuch(error: unknown): boolean {
  if (!isSassyError(error, 'API_UNAVAILABLE') && !isSassyError(error, 'API_REFUSED')) return false;
  if (error.status !== undefined) return TOO_MUCH.has(error.status);
  return TOO_LATE.has(codeOf(error.cause) ?? '');
}

function halfSize(request: PageRequest, pageSize: PageSize): number | undefined {
  const size = request.memo?.['size'] ?? askedSize(request, pageSize);
  const half = Math.floor(Number(size) / 2);
  const smaller = Math.max(half, pageSize.least ?? 1);
  return Number.isSafeInteger(smaller) && smaller < Number(size) ? smaller : undefined;
}

/** As it stands in the query, in the path's own query, or in the body. */
function askedSize(request: PageRequest, { query, json }: PageSize): unknown {
  if (json !== undefined) return pointerReader(json)(request.json);
  if (query === undefined) return undefined;
  return request.query?.[query] ?? new URLSearchParams(request.path.split('?')[1] ?? '').get(query) ?? undefined;
}

/** A link's own query gives way to a size in `query`: see `pageUrl`. */
function withSize(request: PageRequest, { query, json }: PageSize, size: number): PageRequest {
  if (json !== undefined) return { ...request, json: withValueAt(request.json, json, size) };
  return query === undefined ? request : { ...request, query: { ...request.query, [query]: size } };
}
