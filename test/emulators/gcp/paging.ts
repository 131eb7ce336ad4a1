import { createHash } from 'node:crypto';
import type { SeededRandom } from '../_kit/seeded-random.ts';
import { ApiError } from './api-error.ts';

export interface Page<T> {
  readonly items: readonly T[];
  readonly nextPageToken: string | undefined;
}

export interface PageOptions {
  readonly query: URLSearchParams;
  /** Name of the parameter for the size. */
  readonly sizeName: string;
  readonly defaultSize: number;
  readonly maxSize: number;
  /** What must be as in the request that gave the token. */
  readonly same: readonly string[];
  /** Fewer than `maxSize`, where the server sees fit. */
  readonly most: number;
  /** Undefined: pages are full. */
  readonly shortBy: SeededRandom | undefined;
}

/** A page of a list, by an opaque token. Pages may hold fewer items than asked for, or none, before the last one. */
export function pageOf<T>(items: readonly T[], options: PageOptions): Page<T> {
  const { query, sizeName, shortBy } = options;
  const size = sizeOf(query.get(sizeName), options);
  const check = createHash('sha256').update(JSON.stringify(options.same)).digest('hex').slice(0, 12);
  const start = startOf(query.get('pageToken'), check);
  const most = Math.min(size, options.most, items.length - start);
  const end = start + (shortBy?.chance(0.4) === true ? shortBy.int(0, most) : most);
  const token = Buffer.from(`${check}:${end}:${shortBy?.hex(4) ?? ''}`).toString('base64url');
  return { items: items.slice(start, end), nextPageToken: end < items.length ? token : undefined };
}

function sizeOf(text: string | null, { sizeName, defaultSize, maxSize }: PageOptions): number {
  if (text === null || text === '0') return defaultSize;
  const size = Number(text);
  if (!Number.isInteger(size) || size < 0) throw new ApiError(400, `Invalid value at '${sizeName}'`);
  return Math.min(size, maxSize);
}

function startOf(token: string | null, check: string): number {
  if (token === null || token === '') return 0;
  const [made, start = ''] = Buffer.from(token, 'base64url').toString('utf8').split(':');
  if (made === check && /^\d+$/.test(start)) return Number(start);
  throw new ApiError(400, 'The page token is invalid: it belongs to another request.');
}
