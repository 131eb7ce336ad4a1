import { isObject } from '../util/json.ts';
import { bodyCursor } from './body-cursor.ts';
import { graphqlConnection } from './graphql-connection.ts';
import { bodyLink, jsonApiLinks } from './json-api-links.ts';
import { linkHeader, nextIn } from './link-header.ts';
import { offset } from './offset.ts';
import { pageNumber } from './page-number.ts';
import { type Paginator, singlePage } from './paginator.ts';

/** What one answer shows about how its API pages: for scaffolding, where a person looks at it. */
export interface DetectedPaginator {
  readonly paginator: Paginator;
  /** The same as an author writes it: `jsonApiLinks()`. */
  readonly code: string;
  /** What it was seen by. */
  readonly why: string;
  /** JSON pointer to the longest array of objects: the records, most likely. Undefined when there is none. */
  readonly records: string | undefined;
  /** False when nothing was seen and the answer may as well be the only page. */
  readonly isSure: boolean;
}

export interface DetectableAnswer {
  readonly json: unknown;
  /** Header names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Names of the token in the answer, and the query parameter that takes it back. The vendors' own documentation. */
const TOKENS: Readonly<Record<string, string>> = {
  nextPageToken: 'pageToken',
  next_page_token: 'page_token',
  next_cursor: 'cursor',
  nextCursor: 'cursor',
  cursor: 'cursor',
  end_cursor: 'cursor',
  endCursor: 'cursor',
  starting_after: 'starting_after',
  after: 'after',
  continuation_token: 'continuation_token',
  continuationToken: 'continuationToken',
  NextToken: 'NextToken',
  nextToken: 'nextToken',
  scroll_id: 'scroll_id',
};
const LINKS = [
  'next',
  'next_page_url',
  'nextLink',
  'next_link',
  'next_url',
  'nextPage',
  '@odata.nextLink',
  'nextPageUrl',
];
const OFFSETS = ['offset', 'startAt', 'start', 'skip'];
const TOTALS = ['total', 'total_count', 'totalCount', 'count', 'totalResults', 'total_results'];
const PAGE_TOTALS = ['total_pages', 'totalPages', 'page_count', 'pageCount', 'last_page'];
const DEEPEST = 4;

interface Place {
  readonly pointer: string;
  readonly name: string;
  readonly value: unknown;
}

/** Says which paginator fits an answer that has a next page. The first page of a long list shows most. */
export function detectPaginator({ json, headers = {} }: DetectableAnswer): DetectedPaginator {
  const places = [...placesIn(json, '', 0)];
  const found = fromHeader(headers) ?? fromBody(json, places);
  const records = recordsIn(json, places);
  if (found !== undefined) return { isSure: true, ...found, records };
  const why = 'nothing in the answer speaks of another page';
  return { paginator: singlePage(), code: 'singlePage()', why, records, isSure: false };
}

type Found = Pick<DetectedPaginator, 'paginator' | 'code' | 'why'> & { readonly isSure?: false };

function fromHeader(headers: Readonly<Record<string, string>>): Found | undefined {
  if (nextIn(headers['link'] ?? '') === undefined) return undefined;
  return { paginator: linkHeader(), code: 'linkHeader()', why: 'the Link header has rel="next"' };
}

function fromBody(json: unknown, places: readonly Place[]): Found | undefined {
  return connectionIn(places) ?? linkIn(places) ?? tokenIn(places) ?? countIn(json, places);
}

function connectionIn(places: readonly Place[]): Found | undefined {
  const info = places.find(({ name, value }) => name === 'pageInfo' && isObject(value) && 'hasNextPage' in value);
  if (info === undefined) return undefined;
  const at = info.pointer.slice(0, -'/pageInfo'.length);
  return {
    paginator: graphqlConnection({ at }),
    code: `graphqlConnection({ at: '${at}' })`,
    why: `there is a pageInfo at ${info.pointer}`,
  };
}

function linkIn(places: readonly Place[]): Found | undefined {
  const link = places.find(({ name, value }) => {
    const text = isObject(value) && typeof value['href'] === 'string' ? value['href'] : value;
    return LINKS.includes(name) && typeof text === 'string' && /^(https?:\/\/|\/|\?)/.test(text);
  });
  if (link === undefined) return undefined;
  const why = `there is a link at ${link.pointer}`;
  if (link.pointer === '/links/next') return { paginator: jsonApiLinks(), code: 'jsonApiLinks()', why };
  return { paginator: bodyLink({ at: link.pointer }), code: `bodyLink({ at: '${link.pointer}' })`, why };
}

function tokenIn(places: readonly Place[]): Found | undefined {
  const token = places.find(
    ({ name, value }) => Object.hasOwn(TOKENS, name) && typeof value === 'string' && value !== '',
  );
  if (token === undefined) return undefined;
  const [from, to] = [token.pointer, TOKENS[token.name] ?? token.name];
  const more = places.find(
    ({ name, value }) => /^(has_?more|hasMore|has_next)$/.test(name) && typeof value === 'boolean',
  );
  const options = { from, to, ...(more === undefined ? {} : { more: more.pointer }) };
  const code = Object.entries(options).map(([name, value]) => `${name}: '${value}'`);
  return {
    paginator: bodyCursor(options),
    code: `bodyCursor({ ${code.join(', ')} })`,
    why: `there is a token at ${from}; that it goes back as ${to} is a guess`,
  };
}

function countIn(json: unknown, places: readonly Place[]): Found | undefined {
  const numberAt = (names: readonly string[]): Place | undefined =>
    places.find(({ name, value }) => names.includes(name) && typeof value === 'number');
  const [pages, start, total] = [numberAt(PAGE_TOTALS), numberAt(OFFSETS), numberAt(TOTALS)];
  if (pages !== undefined) {
    return {
      paginator: pageNumber({ totalPages: pages.pointer }),
      code: `pageNumber({ totalPages: '${pages.pointer}' })`,
      why: `there is a number of pages at ${pages.pointer}`,
    };
  }
  if (start !== undefined) {
    const options = { query: start.name, ...(total === undefined ? {} : { total: total.pointer }) };
    const code = Object.entries(options).map(([name, value]) => `${name}: '${value}'`);
    return {
      paginator: offset(options),
      code: `offset({ ${code.join(', ')} })`,
      why: `there is an offset at ${start.pointer}`,
    };
  }
  if (!Array.isArray(json) || json.length < 10) return undefined;
  return {
    paginator: pageNumber(),
    code: 'pageNumber()',
    why: 'it is a bare list; most such APIs count pages',
    isSure: false,
  };
}

/** Every field that is not inside a list: what an answer says about itself. */
function* placesIn(value: unknown, pointer: string, depth: number): Generator<Place> {
  if (!isObject(value) || depth >= DEEPEST) return;
  for (const [name, item] of Object.entries(value)) {
    const at = `${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    yield { pointer: at, name, value: item };
    yield* placesIn(item, at, depth + 1);
  }
}

function recordsIn(json: unknown, places: readonly Place[]): string | undefined {
  if (Array.isArray(json)) return '';
  const lists = places.flatMap(({ pointer, value }) => (Array.isArray(value) ? [{ pointer, value }] : []));
  const ofObjects = lists.filter(({ value }) => value.some((item) => isObject(item)));
  return ofObjects.toSorted((a, b) => b.value.length - a.value.length)[0]?.pointer ?? lists[0]?.pointer;
}
