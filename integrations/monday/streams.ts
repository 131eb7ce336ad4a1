import { each, graphqlQuery, HttpStream, perMinute, Stream } from 'sassy';
import type { HttpSettings, PageRequest, Paginator, RequestContext } from 'sassy';
import { boardsOf, CHANGED_AT, isObject, itemPages, itemsOf, sinceOf } from './answer.ts';
import { mondayAuth } from './budget.ts';
import { mondayVerdict } from './errors.ts';
import { BOARDS, firstItems, nextItems, TEAMS, USERS } from './queries.ts';
import { Board, type Config, Item, Team, User } from './schema.ts';

/** 1,000 requests a minute is the least that any plan has (https://developer.monday.com/api-reference/docs/rate-limits). */
export const mondayHttp: HttpSettings<Config> = {
  baseUrl: 'https://api.monday.com',
  auth: mondayAuth,
  limits: [perMinute(1000)],
  verdicts: [mondayVerdict],
};

export function ask(config: Config, query: string, variables: Readonly<Record<string, unknown>> = {}): PageRequest {
  return graphqlQuery(query, { path: '/v2', variables, headers: { 'api-version': config.apiVersion } });
}

/** `page` counts from 1 in the variables; a page that is not full is the last. */
function countedPages(size: number): Paginator {
  return {
    next({ request, recordCount }) {
      const { page = 1 } = variablesOf(request);
      return recordCount < size ? undefined : withVariables(request, { page: Number(page) + 1 });
    },
  };
}

/** Items go on at the root, with the cursor of the page before; null means the end. */
const itemCursor: Paginator = {
  next({ request, json }) {
    const cursor = itemPages(json)
      .map((page) => page['cursor'])
      .find((found) => typeof found === 'string' && found !== '');
    if (cursor === undefined) return undefined;
    const { limit } = variablesOf(request);
    return { ...request, json: { query: nextItems(sinceOf(json)), variables: { cursor, limit } } };
  },
};

/** The boards that the token can see; documents and boards of subitems are boards as well. */
@Stream({ record: Board, primaryKey: 'id' })
export class Boards extends HttpStream<Config, Board> {
  override request({ config }: RequestContext<Config>): PageRequest {
    return ask(config, BOARDS, { limit: 100, page: 1 });
  }
  override readonly records = boardsOf;
  override readonly paginator = countedPages(100);
}

/**
 * The items of each board that changed since the last run, the newest first: what changes meanwhile moves to the front,
 * and the next run sees it.
 */
@Stream({ record: Item, primaryKey: 'id', cursor: CHANGED_AT, slices: each(Boards) })
export class Items extends HttpStream<Config, Item> {
  override request({ config, slice, since }: RequestContext<Config, 'board'>): PageRequest {
    const from = since === undefined || since < '1971' ? undefined : since;
    const order_by = [{ column_id: '__last_updated__', direction: 'desc' }];
    return ask(config, firstItems(from), {
      board: slice.board,
      limit: config.pageSize,
      query: from === undefined ? { order_by } : { rules: [changedSince(from)], order_by },
    });
  }
  override readonly records = itemsOf;
  override readonly paginator = itemCursor;
}

/** Everybody in the account, deactivated people too. */
@Stream({ record: User, primaryKey: 'id' })
export class Users extends HttpStream<Config, User> {
  override request({ config }: RequestContext<Config>): PageRequest {
    return ask(config, USERS, { limit: 200, page: 1 });
  }
  override readonly records = '/data/users';
  override readonly paginator = countedPages(200);
}

/** All at once: the API has no pages for teams. */
@Stream({ record: Team, primaryKey: 'id' })
export class Teams extends HttpStream<Config, Team> {
  override request({ config }: RequestContext<Config>): PageRequest {
    return ask(config, TEAMS);
  }
  override readonly records = '/data/teams';
}

/** A day begins 14 hours earlier to 12 hours later than in UTC, depending on the user: the day 12 hours before has it all. */
function changedSince(since: string): object {
  const day = new Date(Date.parse(since) - 12 * 3_600_000).toISOString().slice(0, 10);
  return {
    column_id: '__last_updated__',
    compare_attribute: 'UPDATED_AT',
    operator: 'greater_than_or_equals',
    compare_value: ['EXACT', day],
  };
}

function variablesOf({ json }: PageRequest): Readonly<Record<string, unknown>> {
  return isObject(json) && isObject(json['variables']) ? json['variables'] : {};
}

function withVariables(request: PageRequest, variables: Readonly<Record<string, unknown>>): PageRequest {
  const json = isObject(request.json) ? request.json : {};
  return { ...request, json: { ...json, variables: { ...variablesOf(request), ...variables } } };
}
