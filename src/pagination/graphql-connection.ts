import { SassyError } from '../errors/sassy-error.ts';
import type { PageRequest } from '../model/http.ts';
import { isObject } from '../util/json.ts';
import { pointerReader } from '../util/json-pointer.ts';
import { withValueAt } from './json-place.ts';
import { capOf, type PageCap, type Paginator } from './paginator.ts';

export interface GraphqlConnectionOptions extends PageCap {
  /** JSON pointer to the connection in the answer: `/data/organization/repositories`. */
  readonly at: string;
  /** The variable of the query that takes the cursor. Default `after`. */
  readonly variable?: string;
}

/**
 * A connection as GraphQL servers page it (https://relay.dev/graphql/connections.htm): `pageInfo { hasNextPage endCursor }`
 * beside the nodes, the cursor back in a variable. The query must ask for both; an answer without them is an error.
 */
export function graphqlConnection(options: GraphqlConnectionOptions): Paginator {
  const { at, variable = 'after' } = options;
  const place = `${at === '' || at.startsWith('/') ? at : `/${at}`}/pageInfo`;
  const read = pointerReader(place);
  return {
    ...capOf(options),
    reads: [place],
    next({ request, json }) {
      const info = read(json);
      const more = isObject(info) ? info['hasNextPage'] : undefined;
      const cursor = isObject(info) ? info['endCursor'] : undefined;
      if (more === false) return undefined;
      if (more !== true) throw wrong(`there is no boolean at ${at}/pageInfo/hasNextPage`);
      if (typeof cursor !== 'string' || cursor === '') throw wrong(`there is no text at ${at}/pageInfo/endCursor`);
      return { ...request, json: withValueAt(request.json, `/variables/${escaped(variable)}`, cursor) };
    },
  };
}

export interface GraphqlOptions {
  /** Below the base URL. Default `/graphql`. */
  readonly path?: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A GraphQL query as a page request. It only reads, so it may be sent again; a mutation is refused. */
export function graphqlQuery(query: string, options: GraphqlOptions = {}): PageRequest {
  const { path = '/graphql', variables = {}, headers } = options;
  if (/^\s*mutation\b/m.test(query.replaceAll(/#.*$/gm, ''))) {
    throw new SassyError('DEFINITION', {
      message: 'A GraphQL mutation is no query of a stream',
      why: 'a stream reads, and what it sends is sent again after a failure',
      fix: 'write the query, or a request of your own without idempotent',
    });
  }
  return {
    path,
    method: 'POST',
    json: { query, variables },
    idempotent: true,
    ...(headers === undefined ? {} : { headers }),
  };
}

function wrong(why: string): SassyError {
  return new SassyError('API_WRONG_ANSWER', {
    message: 'The page does not say whether there is another',
    why,
    fix: 'ask for pageInfo { hasNextPage endCursor } in the query, and set `at` to where the connection lies',
  });
}

function escaped(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}
