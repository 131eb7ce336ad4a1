import { ApiError } from './api-error.ts';
import { property } from './execute.ts';
import type { MondayBoard, MondayItem } from './types.ts';
import type { World } from './world.ts';

const CURSOR_LIFE_MS = 3_600_000;
const MOST_ITEMS = 500;

interface OpenList {
  readonly ids: readonly string[];
  readonly offset: number;
  readonly openedMs: number;
}

export interface ItemsResponse {
  readonly cursor: string | null;
  readonly items: readonly MondayItem[];
}

/** Lists of items that are being paged through: the API keeps the order of the first page under its cursor. */
export class ItemPages {
  readonly #world: World;
  readonly #utcOffsetMs: number;
  readonly #nowMs: () => number;
  #open = new Map<string, OpenList>();
  #made = 0;

  constructor(world: World, utcOffsetHours: number, nowMs: () => number) {
    this.#world = world;
    this.#utcOffsetMs = utcOffsetHours * 3_600_000;
    this.#nowMs = nowMs;
  }

  /** `boards { items_page(limit, query_params) }`, or with a cursor the page after another. */
  first(board: MondayBoard, args: Readonly<Record<string, unknown>>): ItemsResponse {
    if (typeof args['cursor'] === 'string') return this.next(args);
    const filter = args['query_params'];
    const wanted = this.#world.items.filter(
      (item) =>
        item.board.id === board.id &&
        item.state === 'active' &&
        rulesOf(filter).every((rule) => this.#allows(rule, item)),
    );
    const ids = ordered(wanted, filter).map(({ id }) => id);
    return this.#page({ ids, offset: 0, openedMs: this.#nowMs() }, limitOf(args));
  }

  /** `next_items_page(cursor, limit)` */
  next(args: Readonly<Record<string, unknown>>): ItemsResponse {
    const list = this.#open.get(String(args['cursor']));
    if (list === undefined) throw new ApiError('The cursor is invalid', { code: 'CursorException', statusCode: 200 });
    if (this.#nowMs() - list.openedMs >= CURSOR_LIFE_MS) {
      throw new ApiError(
        'The cursor provided for pagination has expired. Please refresh your query and obtain a new cursor',
        {
          code: 'CursorExpiredError',
          statusCode: 200,
        },
      );
    }
    return this.#page(list, limitOf(args));
  }

  expireAll(): void {
    this.#open = new Map([...this.#open].map(([cursor, list]) => [cursor, { ...list, openedMs: -Infinity }]));
  }

  #page(list: OpenList, limit: number): ItemsResponse {
    const end = list.offset + limit;
    const byId = new Map(this.#world.items.map((item) => [item.id, item]));
    const items = list.ids.slice(list.offset, end).flatMap((id) => byId.get(id) ?? []);
    if (end >= list.ids.length) return { cursor: null, items };
    this.#made += 1;
    const cursor = Buffer.from(`1,${this.#made},${list.ids.length},${end},|${this.#made * 7919}`).toString('base64url');
    this.#open.set(cursor, { ...list, offset: end });
    return { cursor, items };
  }

  /** https://developer.monday.com/api-reference/reference/last-updated: whole days of the user's own time zone. */
  #allows(rule: unknown, item: MondayItem): boolean {
    const column = property(rule, 'column_id');
    const values = property(rule, 'compare_value');
    const operator = property(rule, 'operator');
    if (
      column !== '__last_updated__' ||
      property(rule, 'compare_attribute') !== 'UPDATED_AT' ||
      !Array.isArray(values)
    ) {
      throw new ApiError(`Filter is not supported for column ${String(column)}`, { code: 'InvalidArgumentException' });
    }
    const [kind, day]: readonly unknown[] = values;
    if (kind !== 'EXACT' || typeof day !== 'string' || !/^\d{4}-\d\d-\d\d$/.test(day)) {
      throw new ApiError('compare_value is invalid', { code: 'InvalidArgumentException', statusCode: 200 });
    }
    const start = Date.parse(`${day}T00:00:00Z`) - this.#utcOffsetMs;
    const at = Date.parse(item.updated_at);
    if (operator === 'greater_than_or_equals') return at >= start;
    if (operator === 'lower_than') return at < start;
    if (operator === 'any_of') return at >= start && at < start + 86_400_000;
    throw new ApiError(`Operator ${String(operator)} is not supported`, { code: 'InvalidArgumentException' });
  }
}

function rulesOf(filter: unknown): readonly unknown[] {
  const rules = property(filter, 'rules');
  return Array.isArray(rules) ? rules : [];
}

function ordered(items: readonly MondayItem[], filter: unknown): readonly MondayItem[] {
  const order = property(filter, 'order_by');
  const [first]: readonly unknown[] = Array.isArray(order) ? order : [];
  if (first === undefined) return items;
  if (property(first, 'column_id') !== '__last_updated__')
    throw new ApiError('order_by is not emulated for this column');
  const sign = property(first, 'direction') === 'desc' ? -1 : 1;
  return items.toSorted((a, b) => sign * (Date.parse(a.updated_at) - Date.parse(b.updated_at)));
}

function limitOf(args: Readonly<Record<string, unknown>>): number {
  const limit = Number(args['limit'] ?? 25);
  if (Number.isInteger(limit) && limit >= 1 && limit <= MOST_ITEMS) return limit;
  throw new ApiError(`Limit must be between 1 and ${MOST_ITEMS}`, {
    code: 'InvalidArgumentException',
    statusCode: 200,
  });
}
