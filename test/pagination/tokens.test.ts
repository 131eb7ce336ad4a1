import { describe, expect, test } from 'vitest';
import { bodyCursor } from '../../src/pagination/body-cursor.ts';
import { bodyToken } from '../../src/pagination/body-token.ts';
import { detectPaginator } from '../../src/pagination/detect-paginator.ts';
import { graphqlConnection, graphqlQuery } from '../../src/pagination/graphql-connection.ts';
import { bodyLink } from '../../src/pagination/json-api-links.ts';
import { loopGuard } from '../../src/pagination/loop-guard.ts';
import { answer } from './answers.ts';

const wrong = expect.objectContaining({ code: 'API_WRONG_ANSWER' });

describe('GraphQL connections', () => {
  const pages = graphqlConnection({ at: '/data/org/repos' });
  const request = graphqlQuery(
    'query($after: String) { org { repos(after: $after) { pageInfo { hasNextPage endCursor } } } }',
    {
      variables: { first: 100 },
    },
  );
  const info = (pageInfo: unknown) => ({ data: { org: { repos: { nodes: [], pageInfo } } } });

  test('the cursor goes back as a variable, beside the others', () => {
    const next = pages.next(answer(request, info({ hasNextPage: true, endCursor: 'Y3==' })));
    expect(next).toEqual({ ...request, json: { query: expect.any(String), variables: { first: 100, after: 'Y3==' } } });
    expect(next).toMatchObject({ method: 'POST', path: '/graphql', idempotent: true });
    expect(pages.next(answer(request, info({ hasNextPage: false, endCursor: 'Y3==' })))).toBeUndefined();
  });

  test.each([
    undefined,
    null,
    {},
    { hasNextPage: 'yes' },
    { hasNextPage: true },
    { hasNextPage: true, endCursor: null },
  ])('an answer that does not say is an error: %j', (pageInfo) =>
    expect(() => pages.next(answer(request, info(pageInfo)))).toThrow(wrong),
  );

  test('a variable of another name; a mutation is refused', () => {
    const named = graphqlConnection({ at: '/data/x', variable: 'cursor' });
    const json = { data: { x: { pageInfo: { hasNextPage: true, endCursor: 'a' } } } };
    expect(named.next(answer({ path: '/g', json: { query: '{x}' } }, json))?.json).toEqual({
      query: '{x}',
      variables: { cursor: 'a' },
    });
    expect(() => graphqlQuery('mutation { drop }')).toThrow(expect.objectContaining({ code: 'DEFINITION' }));
    expect(graphqlQuery('# a mutation?\nquery { x }').idempotent).toBe(true);
  });
});

describe('a token in the body of a POST', () => {
  const pages = bodyToken({ from: '/NextToken' });

  test('goes back at its place, on the first page too', () => {
    const next = pages.next(answer({ path: '/', method: 'POST', json: { Max: 5 } }, { NextToken: 'n' }));
    expect(next?.json).toEqual({ Max: 5, NextToken: 'n' });
    expect(pages.next(answer({ path: '/' }, { NextToken: 'n' }))?.json).toEqual({ NextToken: 'n' });
    const deep = bodyToken({ from: '/page/next', to: '/options/paging/token', more: '/page/more' });
    const request = { path: '/', json: { options: { sort: 'a' } } };
    expect(deep.next(answer(request, { page: { next: 7, more: true } }))?.json).toEqual({
      options: { sort: 'a', paging: { token: 7 } },
    });
    expect(deep.next(answer(request, { page: { next: 7, more: false } }))).toBeUndefined();
  });

  test('none is the end, anything else is an error', () => {
    for (const token of [undefined, null, '', false]) {
      expect(pages.next(answer({ path: '/' }, { NextToken: token }))).toBeUndefined();
    }
    expect(() => pages.next(answer({ path: '/' }, { NextToken: {} }))).toThrow(wrong);
    expect(() => pages.next(answer({ path: '/', json: [1] }, { NextToken: 'a' }))).toThrow(
      expect.objectContaining({ code: 'DEFINITION' }),
    );
  });

  test('a name that is special to JavaScript is a name like any other', () => {
    const json = bodyToken({ from: '/t', to: '/__proto__' }).next(answer({ path: '/' }, { t: 'x' }))?.json;
    expect(JSON.stringify(json)).toBe('{"__proto__":"x"}');
    expect('x' in {}).toBe(false);
  });
});

describe('a handle that stays the same (D3)', () => {
  test('is no loop while the answers differ, and one when an answer comes again', () => {
    const pages = bodyCursor({ from: '/scroll', to: 'scroll', stateful: true });
    expect(pages.stateful).toBe(true);
    const guard = loopGuard({ stateful: true });
    for (const body of ['a', 'b', 'c']) {
      guard.request({ path: '/s?scroll=1' });
      guard.answer(1, Buffer.from(body));
    }
    guard.request({ path: '/s?scroll=1' });
    expect(() => guard.answer(1, Buffer.from('b'))).toThrow(
      expect.objectContaining({ code: 'PAGINATION_LOOP', why: expect.stringContaining('page 4 is page 2 again') }),
    );
  });
});

describe('detection, for scaffolding', () => {
  const rows = Array.from({ length: 20 }, (_, id) => ({ id, tags: ['a'] }));
  test.each([
    [{ data: rows, links: { next: '/orgs?after=x' } }, {}, 'jsonApiLinks()', '/data'],
    [{ data: rows, links: { next: { href: '/orgs?after=x' } } }, {}, 'jsonApiLinks()', '/data'],
    [rows, { link: '<https://api.github.com/x?page=2>; rel="next"' }, 'linkHeader()', ''],
    [{ value: rows, '@odata.nextLink': 'https://h/x' }, {}, "bodyLink({ at: '/@odata.nextLink' })", '/value'],
    [{ items: rows, nextPageToken: 'abc' }, {}, "bodyCursor({ from: '/nextPageToken', to: 'pageToken' })", '/items'],
    [
      { members: rows, response_metadata: { next_cursor: 'dXNlcg==' } },
      {},
      "bodyCursor({ from: '/response_metadata/next_cursor', to: 'cursor' })",
      '/members',
    ],
    [
      { values: rows, startAt: 0, maxResults: 20, total: 99 },
      {},
      "offset({ query: 'startAt', total: '/total' })",
      '/values',
    ],
    [{ results: rows, page: 1, total_pages: 5 }, {}, "pageNumber({ totalPages: '/total_pages' })", '/results'],
    [
      { data: { org: { repos: { nodes: rows, pageInfo: { hasNextPage: true, endCursor: 'a' } } } } },
      {},
      "graphqlConnection({ at: '/data/org/repos' })",
      '/data/org/repos/nodes',
    ],
    [rows, {}, 'pageNumber()', ''],
    [{ data: rows }, {}, 'singlePage()', '/data'],
    ['text', {}, 'singlePage()', undefined],
  ])('case %#', (json, headers, code, records) => {
    const found = detectPaginator({ json, headers });
    expect([found.code, found.records, found.isSure]).toEqual([
      code,
      records,
      !/^(singlePage|pageNumber)\(\)$/.test(code),
    ]);
    expect(found.why).not.toBe('');
  });

  test('what is found works on the answer it was found in', () => {
    const json = { value: rows, '@odata.nextLink': 'https://api.snyk.io/rest/x?skip=20' };
    const next = detectPaginator({ json }).paginator.next(answer({ path: '/x' }, json));
    expect(next).toEqual(bodyLink({ at: '/@odata.nextLink' }).next(answer({ path: '/x' }, json)));
    expect(next?.path).toBe('/x?skip=20');
  });
});
