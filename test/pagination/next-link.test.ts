import { describe, expect, test } from 'vitest';
import { isSassyError } from '../../src/errors/sassy-error.ts';
import type { PageRequest } from '../../src/model/http.ts';
import { jsonApiLinks } from '../../src/pagination/json-api-links.ts';
import { linkHeader } from '../../src/pagination/link-header.ts';
import { answer } from './answers.ts';

const REQUEST: PageRequest = { path: '/orgs/o1/issues', query: { limit: 100, updated_after: '2026-01-01T00:00:00Z' } };
const links = jsonApiLinks();

describe('links.next', () => {
  test.each([
    ['with the base path', '/rest/orgs/o1/issues?starting_after=v1.eyJ%3D%3D'],
    ['without the base path', '/orgs/o1/issues?starting_after=v1.eyJ%3D%3D'],
    ['absolute', 'https://api.snyk.io/rest/orgs/o1/issues?starting_after=v1.eyJ%3D%3D'],
    ['absolute, upper-case host and port', 'https://API.SNYK.IO:443/rest/orgs/o1/issues?starting_after=v1.eyJ%3D%3D'],
    ['the query alone', '?starting_after=v1.eyJ%3D%3D'],
  ])('%s: same page, the cursor as it was written, limit and filter kept', (_, next) => {
    const expected = { path: '/orgs/o1/issues?starting_after=v1.eyJ%3D%3D', query: REQUEST.query };
    expect(links.next(answer(REQUEST, { links: { next } }))).toEqual(expected);
    expect(links.next(answer(REQUEST, { links: { next: { href: next, meta: {} } } }))).toEqual(expected);
  });

  test.each([
    {},
    { links: {} },
    { links: { next: null } },
    { links: { next: '' } },
    { links: null },
    { links: { next: { href: null } } },
    [],
  ])('nothing in its place is the last page: %j', (json) => {
    expect(links.next(answer(REQUEST, json))).toBeUndefined();
  });

  test.each([[7], [true], [['/a']], [{ url: '/a' }], ['http://'], [`/a?${'x'.repeat(20_000)}`]])(
    'something else in its place is an error: %j',
    (next) => {
      expect(() => links.next(answer(REQUEST, { links: { next } }))).toThrow(
        expect.objectContaining({ code: 'API_WRONG_ANSWER' }),
      );
    },
  );

  test('a link to the service itself means the base URL that stands in for it, and no other host does', () => {
    const page = { ...answer(REQUEST, { links: { next: 'https://api.example.com/rest/orgs/o1/issues?a=1' } }) };
    const standIn = { ...page, serviceOrigin: 'https://api.example.com' };
    expect(links.next(standIn)).toEqual({ path: '/orgs/o1/issues?a=1', query: REQUEST.query });
    expect(() => links.next(page)).toThrow(expect.objectContaining({ code: 'EGRESS_DENIED' }));
    expect(() => links.next({ ...page, serviceOrigin: 'https://other.example.com' })).toThrow(
      expect.objectContaining({ code: 'EGRESS_DENIED' }),
    );
  });

  test('the query of the link wins; of the one before stays what the link leaves out', () => {
    const first = links.next(answer(REQUEST, { links: { next: '/orgs/o1/issues?limit=50&starting_after=a' } }));
    expect(first).toEqual({
      path: '/orgs/o1/issues?limit=50&starting_after=a',
      query: { updated_after: '2026-01-01T00:00:00Z' },
    });
    const second = links.next(
      answer(first ?? REQUEST, { links: { next: '/rest/orgs/o1/issues?starting_after=b&x=1&x=2' } }),
    );
    expect(second).toEqual({
      path: '/orgs/o1/issues?limit=50&starting_after=b&x=1&x=2',
      query: { updated_after: '2026-01-01T00:00:00Z' },
    });
  });

  test('a base URL with a path in front, and a link to another path', () => {
    const base = 'http://127.0.0.1:8080/proxy/rest';
    const next = (link: string) => links.next(answer(REQUEST, { links: { next: link } }, {}, base))?.path;
    expect(next('/rest/orgs/o1/issues?a=1')).toBe('/orgs/o1/issues?a=1');
    expect(next('/orgs/o1/issues?a=1')).toBe('/orgs/o1/issues?a=1');
    expect(next('/proxy/rest/orgs/o1/issues?a=1')).toBe('/orgs/o1/issues?a=1');
    expect(next('/rest/groups/g1/issues?a=1')).toBe('/groups/g1/issues?a=1');
    expect(next('/proxy/rest/groups/g1/issues')).toBe('/groups/g1/issues');
    expect(next('/groups/g1/issues')).toBe('/groups/g1/issues');
  });

  test('method, body and headers of the request stay', () => {
    const request: PageRequest = {
      path: '/search',
      method: 'POST',
      json: { q: 1 },
      idempotent: true,
      headers: { a: 'b' },
    };
    expect(links.next(answer(request, { links: { next: '/search?page=2' } }))).toEqual({
      ...request,
      path: '/search?page=2',
    });
  });
});

describe('a link that leaves the origin is refused by name', () => {
  test.each([
    ['//evil.com/x', 'https://evil.com'],
    ['\\\\evil.com\\x', 'https://evil.com'],
    ['/\\evil.com/x', 'https://evil.com'],
    ['\t//evil.com/x', 'https://evil.com'],
    ['https:\\\\evil.com', 'https://evil.com'],
    ['https://api.snyk.io@evil.com/', 'https://evil.com'],
    ['https://user:pw@api.snyk.io/rest/orgs/o1/issues', 'with a user name'],
    ['http://api.snyk.io/rest/orgs/o1/issues', 'http://api.snyk.io'],
    ['https://api.snyk.io:8443/rest/orgs/o1/issues', 'https://api.snyk.io:8443'],
    ['https://api.snyk.io./rest', 'https://api.snyk.io.'],
    ['https://api.snyk.io.evil.com/', 'https://api.snyk.io.evil.com'],
    ['https://\u0430pi.snyk.io/', 'https://xn--'],
    ['http://169.254.169.254/latest/meta-data', 'http://169.254.169.254'],
    ['https://2130706433/', 'https://127.0.0.1'],
    ['https://[::ffff:a9fe:a9fe]/', 'https://[::ffff:a9fe:a9fe]'],
    ['file:///etc/passwd', 'file:'],
    ['data:text/plain,x', 'data:'],
    ['javascript:alert(1)', 'javascript:'],
    ['ftp://api.snyk.io/', 'ftp://api.snyk.io'],
  ])('%s', (next, named) => {
    for (const ask of [
      () => links.next(answer(REQUEST, { links: { next } })),
      () => linkHeader().next(answer(REQUEST, {}, { headers: { link: `<${next}>; rel="next"` } })),
    ]) {
      try {
        expect(ask()).toBe('refused');
      } catch (error) {
        if (!isSassyError(error, 'EGRESS_DENIED')) throw error;
        expect(error.message).toContain(named);
        expect(`${error.message} ${error.why} ${error.fix}`).not.toContain('pw@');
        expect(error.fix).toContain('baseUrl');
      }
    }
  });
});

describe('Link header', () => {
  const request: PageRequest = { path: '/orgs/acme/repos', query: { per_page: 100 } };
  const next = (link: string) =>
    linkHeader().next(answer(request, [], { headers: { link } }, 'https://api.github.com'));

  test.each([
    [
      '<https://api.github.com/organizations/1/repos?per_page=100&page=2>; rel="next", <https://api.github.com/x?page=9>; rel="last"',
    ],
    [
      '<https://api.github.com/x?page=1>; rel="prev", <https://api.github.com/organizations/1/repos?per_page=100&page=2>; rel="next"',
    ],
    ['<https://api.github.com/organizations/1/repos?per_page=100&page=2>; title="a, b; rel=\\"x\\""; REL=next'],
    ['<https://api.github.com/organizations/1/repos?per_page=100&page=2>;rel="last next"'],
  ])('%s', (link) => {
    expect(next(link)).toEqual({ path: '/organizations/1/repos?per_page=100&page=2' });
  });

  test.each([
    '',
    '<https://api.github.com/x?page=9>; rel="last"',
    '<https://api.github.com/x>; rel="nextish"',
    '<https://api.github.com/x>',
  ])('without a next link it is the last page: %s', (link) => {
    expect(next(link)).toBeUndefined();
  });

  test('the path follows the link, below a base URL with a path', () => {
    const found = linkHeader().next(
      answer(
        request,
        [],
        { headers: { link: '<http://h/api/v3/organizations/1/repos?page=2>; rel="next"' } },
        'http://h/api/v3',
      ),
    );
    expect(found).toEqual({ path: '/organizations/1/repos?page=2', query: { per_page: 100 } });
  });
});
