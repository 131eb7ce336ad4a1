import { expect, it } from 'vitest';
import { bodyToken } from '../../src/pagination/body-token.ts';

const paginator = bodyToken({ from: '/R/Marker', to: '/Marker', more: '/R/IsTruncated' });
const request = { path: '/', method: 'POST' as const, form: { Action: 'ListUsers' } };
const next = (json: unknown): unknown =>
  paginator.next({ request, url: 'https://iam.amazonaws.com/', json, headers: {}, recordCount: 1 });

it('puts the token into the form of the next request', () => {
  const answer = { R: { Marker: 'abc==', IsTruncated: 'true' } };
  expect(next(answer)).toEqual({ ...request, form: { Action: 'ListUsers', Marker: 'abc==' } });
});

it.each([
  ['an XML text that says there is no more', { R: { Marker: 'abc', IsTruncated: 'false' } }],
  ['no token', { R: { IsTruncated: 'false' } }],
  ['an empty one', { R: { Marker: '', IsTruncated: 'true' } }],
])('ends at %s', (_what, answer) => {
  expect(next(answer)).toBeUndefined();
});
