import { ApiError, errorBody, type ErrorFormat } from './api-error.ts';
import { execute, property } from './execute.ts';
import { GraphqlSyntaxError } from './graphql-text.ts';
import type { ItemPages } from './items-page.ts';
import type { Limits } from './limits.ts';
import type { World } from './world.ts';

export interface ApiCall {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | undefined;
  readonly apiVersion: string | undefined;
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly requestId: string;
}

export interface ApiAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: object;
}

/** What monday.com answers. */
export class Api {
  readonly #world: World;
  readonly #pages: ItemPages;
  readonly #limits: Limits;
  readonly #token: string;
  readonly #format: ErrorFormat;

  constructor(world: World, pages: ItemPages, limits: Limits, token: string, format: ErrorFormat) {
    this.#world = world;
    this.#pages = pages;
    this.#limits = limits;
    this.#token = token;
    this.#format = format;
  }

  answer(call: ApiCall): ApiAnswer {
    const version = call.apiVersion ?? '2026-10';
    try {
      return { status: 200, headers: { 'api-version': version, ...this.#limits.headers() }, body: this.#body(call) };
    } catch (error) {
      const known = error instanceof GraphqlSyntaxError ? new ApiError(error.message) : error;
      if (!(known instanceof ApiError)) throw error;
      const wait = known.retryInSeconds === undefined ? {} : { 'retry-after': String(known.retryInSeconds) };
      return {
        status: known.httpStatus,
        headers: { 'api-version': version, ...this.#limits.headers(), ...wait },
        body: errorBody(known, this.#format, call.requestId),
      };
    }
  }

  #body({ method, path, authorization, query, variables, requestId }: ApiCall): object {
    if (path !== '/v2' || method !== 'POST') throw new ApiError('Not found', { httpStatus: 404 });
    // No "Bearer": https://developer.monday.com/api-reference/docs/authentication
    if (authorization !== this.#token) {
      throw new ApiError('Not authenticated', { code: 'NOT_AUTHENTICATED', httpStatus: 401 });
    }
    this.#limits.request();
    const { data, objects, cost } = execute(query, variables, (type, field, args, parent) =>
      this.#resolve(type, field.name, args, parent),
    );
    const paid = this.#limits.pay(10 + objects);
    if (cost !== undefined) {
      data[cost.as] = Object.fromEntries(
        (cost.selections ?? []).flatMap((field) => (field.kind === 'field' ? [[field.as, paid[field.name]]] : [])),
      );
    }
    return { data, extensions: { request_id: requestId } };
  }

  #resolve(type: string, name: string, args: Readonly<Record<string, unknown>>, parent: unknown): unknown {
    if (type === 'Query') return this.#root(name, args);
    if (type === 'Board' && name === 'items_page') {
      const board = this.#world.boards.find(({ id }) => id === property(parent, 'id'));
      return board === undefined ? undefined : this.#pages.first(board, args);
    }
    if (type === 'Board' && name === 'items_count') {
      return this.#world.items.filter((item) => item.board.id === property(parent, 'id') && item.state === 'active')
        .length;
    }
    return property(parent, name);
  }

  #root(name: string, args: Readonly<Record<string, unknown>>): unknown {
    const { boards, users, teams } = this.#world;
    if (name === 'next_items_page') return this.#pages.next(args);
    if (name === 'me') return users[0];
    if (name === 'teams') return withIds(teams, args);
    if (name === 'users') {
      const statuses = args['status'] ?? ['ACTIVE', 'PENDING'];
      const allowed = users.filter(({ status }) => Array.isArray(statuses) && statuses.includes(status));
      return paged(withIds(allowed, args), args, 200, 1000);
    }
    const state = args['state'] ?? 'active';
    return paged(
      withIds(
        boards.filter((board) => state === 'all' || board.state === state),
        args,
      ),
      args,
      25,
      500,
    );
  }
}

function withIds<T extends { readonly id: string }>(
  list: readonly T[],
  { ids }: Readonly<Record<string, unknown>>,
): readonly T[] {
  return Array.isArray(ids) ? list.filter(({ id }) => ids.map(String).includes(id)) : list;
}

function paged<T>(
  list: readonly T[],
  args: Readonly<Record<string, unknown>>,
  usual: number,
  most: number,
): readonly T[] {
  const limit = Number(args['limit'] ?? usual);
  const page = Number(args['page'] ?? 1);
  if (!(limit >= 1 && limit <= most && page >= 1))
    throw new ApiError('limit or page is out of range', { code: 'InvalidArgumentException' });
  return list.slice((page - 1) * limit, page * limit);
}
