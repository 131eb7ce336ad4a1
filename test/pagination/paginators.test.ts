import { expect, test } from 'vitest';
import { bodyCursor } from '../../src/pagination/body-cursor.ts';
import { loopGuard } from '../../src/pagination/loop-guard.ts';
import { pageNumber } from '../../src/pagination/page-number.ts';
import { singlePage } from '../../src/pagination/paginator.ts';
import type { PageRequest } from '../../src/model/http.ts';
import { answer } from './answers.ts';

const wrong = expect.objectContaining({ code: 'API_WRONG_ANSWER' });
const looped = expect.objectContaining({ code: 'PAGINATION_LOOP' });

test('a single page has no next', () => {
  expect(singlePage().next(answer({ path: '/a' }, { links: { next: '/b' } }))).toBeUndefined();
});

test('page numbers go on until an empty page, whatever a page holds', () => {
  const pages = pageNumber();
  const second = pages.next(answer({ path: '/a', query: { limit: 10 } }, {}, { recordCount: 3 }));
  expect(second).toEqual({ path: '/a', query: { limit: 10, page: 2 } });
  expect(pages.next(answer(second ?? { path: '' }, {}, { recordCount: 1 }))?.query).toEqual({ limit: 10, page: 3 });
  expect(pages.next(answer({ path: '/a', query: { page: 3 } }, {}, { recordCount: 0 }))).toBeUndefined();
});

test('page numbers with a first of 0, a page size that is promised, a total and a flag', () => {
  const next = (options: Parameters<typeof pageNumber>[0], json: unknown, recordCount: number, page: number) =>
    pageNumber(options).next(answer({ path: '/a', query: { p: page } }, json, { recordCount }))?.query;
  expect(next({ query: 'p', first: 0, fullPage: 10 }, {}, 10, 0)).toEqual({ p: 1 });
  expect(next({ query: 'p', fullPage: 10 }, {}, 9, 1)).toBeUndefined();
  expect(next({ query: 'p', totalPages: '/total' }, { total: 3 }, 0, 2)).toEqual({ p: 3 });
  expect(next({ query: 'p', totalPages: '/total' }, { total: 3 }, 10, 3)).toBeUndefined();
  expect(next({ query: 'p', first: 0, totalPages: '/total' }, { total: 3 }, 10, 2)).toBeUndefined();
  expect(next({ query: 'p', more: '/more' }, { more: true }, 0, 1)).toEqual({ p: 2 });
  expect(next({ query: 'p', more: '/more' }, { more: false }, 10, 1)).toBeUndefined();
  expect(() => next({ query: 'p', more: '/more' }, {}, 10, 1)).toThrow(wrong);
  expect(() => next({ query: 'p', totalPages: '/total' }, { total: '3' }, 10, 1)).toThrow(wrong);
});

test('a token in the body is sent back, also after an empty page', () => {
  const pages = bodyCursor({ from: '/meta/next', to: 'cursor', more: '/meta/more' });
  const request: PageRequest = { path: '/a', query: { cursor: 'old', limit: 5 } };
  const next = (meta: unknown) => pages.next(answer(request, { meta }, { recordCount: 0 }));
  expect(next({ next: 'a+/=' })?.query).toEqual({ cursor: 'a+/=', limit: 5 });
  expect(next({ next: 0 })?.query).toEqual({ cursor: 0, limit: 5 });
  for (const meta of [{}, { next: null }, { next: '' }, { next: 'x', more: false }]) expect(next(meta)).toBeUndefined();
  expect(() => next({ next: { a: 1 } })).toThrow(wrong);
});

test.each([1, 2, 3, 7, 50])('a cycle of %i pages is found at its first repeat, with both numbers', (period) => {
  const guard = loopGuard();
  const ask = (i: number) => guard.request({ path: '/a', query: { cursor: `c${i % period}` } });
  for (let i = 0; i < period; i++) ask(i);
  expect(() => ask(period)).toThrow(looped);
  expect(() => ask(period)).toThrow(
    expect.objectContaining({ why: expect.stringContaining(`page ${period + 1} would be page 1 again`) }),
  );
});

test('a cycle after 10 000 pages is found; unique pages never are one', () => {
  const guard = loopGuard();
  for (let i = 0; i < 10_000; i++) guard.request({ path: `/a?cursor=${i}` });
  expect(() => guard.request({ path: '/a?cursor=9998' })).toThrow(
    expect.objectContaining({ why: expect.stringContaining('page 10001 would be page 9999 again') }),
  );
});

test('the same request in another spelling is the same; another body is another', () => {
  const guard = loopGuard();
  guard.request({ path: '/a?x=1&y=2' });
  expect(() => guard.request({ path: '/a', query: { y: 2, x: '1' } })).toThrow(looped);
  guard.request({ path: '/graphql', method: 'POST', json: { after: 'a' } });
  guard.request({ path: '/graphql', method: 'POST', json: { after: 'b' } });
  expect(() => guard.request({ path: '/graphql', method: 'POST', json: { after: 'a' } })).toThrow(looped);
});

test('empty pages without end are an error, 100 of them are not', () => {
  const guard = loopGuard();
  const page = (i: number, records: number) => {
    guard.request({ path: `/a?i=${i}` });
    guard.answer(records);
  };
  page(0, 5);
  for (let i = 1; i <= 100; i++) page(i, 0);
  page(101, 1);
  for (let i = 102; i <= 201; i++) page(i, 0);
  expect(() => page(202, 0)).toThrow(
    expect.objectContaining({ code: 'PAGINATION_LOOP', why: expect.stringContaining('pages 103 to 203 are empty') }),
  );
});
