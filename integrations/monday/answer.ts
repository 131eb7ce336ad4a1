import { SassyError } from 'sassy';
import { markedSince } from './queries.ts';

/** Where an item says when it was changed: added to items by `itemsOf`, and in no JSON. */
export const CHANGED_AT = '__last_updated__';

/** The time of an item that tells none: older than any, so that it never moves the stream's cursor. */
const NO_TIME = '1970-01-01T00:00:00Z';

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Every `{ cursor, items }` of an answer: of boards, of their groups, and of the root. */
export function itemPages(body: unknown): readonly Readonly<Record<string, unknown>>[] {
  const data = dataOf(body);
  const boards = objects(data['boards']);
  return [
    ...[...boards, ...boards.flatMap((board) => objects(board['groups']))].map((place) => place['items_page']),
    data['next_items_page'],
    data['items_page_by_column_values'],
  ].filter(isObject);
}

/**
 * The items of a page, at or after the time that was asked for. An item without a time of its last change is always one
 * of them. Throws when there is no list of items at all; `boards: []` says that the board is gone.
 */
export function itemsOf(body: unknown): readonly unknown[] {
  const data = dataOf(body);
  const found = listedItems(body);
  if (found === undefined && !(Array.isArray(data['boards']) && data['boards'].length === 0)) throw noItems(data);
  const since = Date.parse(sinceOf(body) ?? NO_TIME);
  return (found ?? [])
    .filter((item) => !isObject(item) || !(Date.parse(changedAt(item) ?? '') < since))
    .map((item) => (isObject(item) ? withTime(item) : item));
}

/** From when on the items of this answer count; undefined when everything was asked for. */
export function sinceOf(body: unknown): string | undefined {
  return markedSince(dataOf(body));
}

/** The boards of a page. A null stands for a board that the token may not see. */
export function boardsOf(body: unknown): readonly unknown[] {
  const boards = dataOf(body)['boards'];
  if (Array.isArray(boards)) return boards.filter((board) => board !== null);
  throw new SassyError('API_WRONG_ANSWER', {
    message: 'the answer has no list of boards',
    why: `its data has ${Object.keys(dataOf(body)).join(', ') || 'no fields'}`,
  });
}

/** The records of an answer to any of our queries; undefined when it has none. */
export function recordsIn(body: unknown): readonly unknown[] | undefined {
  const data = dataOf(body);
  const isItems = Array.isArray(data['boards']) && objects(data['boards']).some((board) => 'items_page' in board);
  const list = [listedItems(body), isItems ? undefined : data['boards'], data['users'], data['teams']];
  return list.find((found) => Array.isArray(found)) ?? (isObject(data['me']) ? [data['me']] : undefined);
}

/** The items of an answer in whatever form: in pages, or as the plain lists of other queries and of before 2023-10. */
function listedItems(body: unknown): readonly unknown[] | undefined {
  const data = dataOf(body);
  const places = [data, ...objects(data['boards'])]
    .map((place) => place['items'])
    .filter((items) => items !== undefined);
  const lists = [...itemPages(body).map((page) => page['items']), ...places];
  if (lists.length === 0 || !lists.every((items) => Array.isArray(items))) return undefined;
  return lists.flat().flatMap((item) => (isParentAlone(item) ? objects(item['subitems']) : [item]));
}

/** `items { subitems { … } }`: an item of which only its subitems were asked for. */
function isParentAlone(item: unknown): item is Readonly<Record<string, unknown>> {
  return isObject(item) && Array.isArray(item['subitems']) && item['id'] === undefined;
}

/** The item itself with one field more that JSON does not show: what is stored and shown stays as the vendor sent it. */
function withTime(item: Readonly<Record<string, unknown>>): unknown {
  return Object.defineProperty({ ...item }, CHANGED_AT, { value: changedAt(item) ?? NO_TIME, enumerable: false });
}

function changedAt(item: Readonly<Record<string, unknown>>): string | undefined {
  return [item['updated_at'], item['created_at']].find(
    (time): time is string =>
      typeof time === 'string' && /(Z|[+-]\d\d:?\d\d)$/.test(time) && !Number.isNaN(Date.parse(time)),
  );
}

function dataOf(body: unknown): Readonly<Record<string, unknown>> {
  return isObject(body) && isObject(body['data']) ? body['data'] : {};
}

function objects(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function noItems(data: object): SassyError {
  return new SassyError('API_WRONG_ANSWER', {
    message: 'the answer has no list of items',
    why: `its data has ${Object.keys(data).join(', ') || 'no fields'}`,
  });
}
