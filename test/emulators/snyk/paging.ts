import { ApiError } from './api-error.ts';
import { decodeCursor, encodeCursor, endOfCollection, type Cursor } from './cursor.ts';
import type { QueryReader } from './query-reader.ts';
import { lowerBound, type World } from './world.ts';

interface Resource {
  readonly id: string;
}

interface PageRequest {
  readonly limit: number;
  readonly startingAfter?: Cursor;
  readonly endingBefore?: Cursor | typeof endOfCollection;
}

export interface Page<T extends Resource> {
  readonly items: readonly T[];
  readonly number: number;
  /** Cursors, where there is a page on that side. */
  readonly next?: string;
  readonly previous?: string;
}

/** Multiples of ten, as everywhere but at the targets. */
export const usualLimits = { min: 10, max: 100, step: 10, fallback: 10 } as const;
export const targetLimits = { min: 1, max: 100, step: 1, fallback: 10 } as const;

export function readPageRequest(query: QueryReader, limits: typeof usualLimits | typeof targetLimits): PageRequest {
  const limit = query.integer('limit', limits);
  const after = query.text('starting_after');
  const before = query.text('ending_before');
  if (after !== undefined && before !== undefined) {
    throw new ApiError(400, 'Give starting_after or ending_before, not both.', 'ending_before');
  }
  if (after !== undefined) return { limit, startingAfter: decodeCursor(after, 'starting_after') };
  if (before === endOfCollection) return { limit, endingBefore: endOfCollection };
  return before === undefined ? { limit } : { limit, endingBefore: decodeCursor(before, 'ending_before') };
}

/**
 * Cuts one page out of a collection that is sorted by id. `all` is unfiltered: cursors belong to the collection, so one
 * stays good when a filter no longer lets its record through, or when the record was removed.
 */
export function pageOf<T extends Resource>(
  world: World,
  all: readonly T[],
  matches: (item: T) => boolean,
  request: PageRequest,
): Page<T> {
  if (request.endingBefore !== undefined) return pageBefore(world, all, matches, request.limit, request.endingBefore);
  const cursor = request.startingAfter;
  const start = cursor === undefined ? 0 : placeOf(world, all, cursor, 'starting_after').after;
  const items: T[] = [];
  let place = start;
  for (; place < all.length && items.length < request.limit; place += 1) pushMatching(items, all[place], matches);
  const number = cursor?.page ?? 1;
  return page(items, number, all.slice(0, start).some(matches), someFrom(all, place, matches));
}

function pageBefore<T extends Resource>(
  world: World,
  all: readonly T[],
  matches: (item: T) => boolean,
  limit: number,
  cursor: Cursor | typeof endOfCollection,
): Page<T> {
  const isEnd = cursor === endOfCollection;
  const end = isEnd ? all.length : placeOf(world, all, cursor, 'ending_before').before;
  const items: T[] = [];
  let place = end - 1;
  for (; place >= 0 && items.length < limit; place -= 1) pushMatching(items, all[place], matches);
  const number = isEnd ? 1 : cursor.page;
  return page(items.toReversed(), number, all.slice(0, place + 1).some(matches), someFrom(all, end, matches));
}

function page<T extends Resource>(
  items: readonly T[],
  number: number,
  hasPrevious: boolean,
  hasNext: boolean,
): Page<T> {
  const first = items[0];
  const last = items.at(-1);
  return {
    items,
    number,
    ...(last && hasNext ? { next: encodeCursor({ id: last.id, page: number + 1 }) } : {}),
    ...(first && hasPrevious ? { previous: encodeCursor({ id: first.id, page: Math.max(1, number - 1) }) } : {}),
  };
}

/** The places before and after the cursor's record; refuses cursors that no page of this collection ever held. */
function placeOf(
  world: World,
  all: readonly Resource[],
  cursor: Cursor,
  parameter: string,
): { before: number; after: number } {
  const before = lowerBound(all, cursor.id);
  if (all[before]?.id === cursor.id) return { before, after: before + 1 };
  if (world.removedIds.has(cursor.id)) return { before, after: before };
  throw new ApiError(400, `The cursor in ${parameter} is not valid.`, parameter);
}

function pushMatching<T>(items: T[], item: T | undefined, matches: (item: T) => boolean): void {
  if (item !== undefined && matches(item)) items.push(item);
}

function someFrom<T>(all: readonly T[], start: number, matches: (item: T) => boolean): boolean {
  for (let place = start; place < all.length; place += 1) {
    const item = all[place];
    if (item !== undefined && matches(item)) return true;
  }
  return false;
}
