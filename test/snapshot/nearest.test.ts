import { describe, expect, test } from 'vitest';
import { nearest } from '../../src/snapshot/nearest.ts';

const request = (path: string, more: { method?: string; body?: string } = {}) => ({
  method: more.method ?? 'GET',
  url: `https://api.test${path}`,
  ...(more.body === undefined ? {} : { body: more.body }),
});
const recorded = [
  request('/orgs'),
  request('/orgs/1/issues?limit=100'),
  request('/orgs/1/issues?limit=100&starting_after=a'),
  request('/orgs/2/issues?limit=100'),
  request('/graphql', { method: 'POST', body: '{"query":"{ issues }","variables":{"first":100}}' }),
];

describe('the nearest recorded request', () => {
  test.each([
    [
      'another value',
      request('/orgs/1/issues?limit=100&starting_after=b'),
      2,
      ['query starting_after: recorded "a", asked "b"'],
    ],
    [
      'a parameter more',
      request('/orgs/2/issues?limit=100&type=code'),
      3,
      ['query type: recorded without it, asked "code"'],
    ],
    ['a parameter less', request('/orgs/2/issues'), 3, ['query limit: recorded "100", asked without it']],
    ['another path', request('/orgs/3/issues?limit=100'), 1, ['path: recorded /orgs/1/issues, asked /orgs/3/issues']],
    ['another method', request('/orgs', { method: 'POST' }), 0, ['method: recorded GET, asked POST']],
    [
      'repeated values',
      request('/orgs/2/issues?limit=100&limit=50'),
      3,
      ['query limit: recorded "100", asked "100" and "50"'],
    ],
    ['the same', request('/orgs/2/issues?limit=100'), 3, []],
  ] as const)('%s', (_name, asked, index, differences) => {
    expect(nearest(asked, recorded)).toEqual({ request: recorded[index], differences });
  });

  test('shows where two bodies part', () => {
    const asked = request('/graphql', { method: 'POST', body: '{"variables":{"first":50},"query":"{ issues }"}' });
    expect(nearest(asked, recorded)?.differences).toEqual([
      'body: recorded …variables":{"first":100}}, asked …variables":{"first":50}}',
    ]);
  });

  test('there is none when nothing is recorded', () => {
    expect(nearest(request('/a'), [])).toBeUndefined();
  });
});
