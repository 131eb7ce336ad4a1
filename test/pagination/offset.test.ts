import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PageRequest } from '../../src/model/http.ts';
import { offset, type OffsetOptions } from '../../src/pagination/offset.ts';
import { isSassyError } from '../../src/errors/sassy-error.ts';
import { answer } from './answers.ts';

const unstable = expect.objectContaining({ code: 'LIST_UNSTABLE', exitCode: 6 });

interface Row {
  readonly id: number;
}

/** Reads a list that `change` alters between the pages; gives all ids seen, each time they came. */
function readAll(
  rows: number[],
  limit: number,
  options: OffsetOptions = {},
  change: (page: number) => void = () => undefined,
): readonly number[] {
  const pages = offset(options);
  const seen: number[] = [];
  let request: PageRequest | undefined = { path: '/rows', query: { limit } };
  for (let page = 1; request !== undefined; page += 1) {
    if (page > 500) throw new Error('it does not end');
    const start = Number(request.query?.['offset'] ?? 0);
    const records: Row[] = rows.slice(start, start + limit).map((id) => ({ id }));
    const isLast = start + limit >= rows.length;
    const json = { total: rows.length, more: !isLast, last: isLast };
    const came = answer(request, json, { records, recordCount: records.length });
    const repeated = pages.overlap?.(came) ?? 0;
    request = pages.next(came);
    seen.push(...records.slice(repeated).map(({ id }) => id));
    change(page);
  }
  return seen;
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

describe('offset', () => {
  test.each([{}, { total: '/total' }, { more: '/more' }, { isLast: '/last' }, { overlap: false }] as const)(
    'reads every record once, whatever the sizes: %j',
    (options) => {
      for (const count of [0, 1, 2, 9, 10, 11, 20, 95]) {
        for (const limit of [1, 2, 3, 10, 100]) {
          expect(readAll(numbers(count), limit, options), `${count} by ${limit}`).toEqual(numbers(count));
        }
      }
    },
  );

  test('asks for the last record of the page before again, and for nothing else twice', () => {
    const records = [{ id: 'a' }, { id: 'b' }];
    const next = offset({ query: 'startAt' }).next(
      answer({ path: '/a', query: { startAt: 10, max: 2 } }, {}, { records, recordCount: 2 }),
    );
    expect(next?.query).toEqual({ startAt: 11, max: 2 });
    expect(next?.memo).toEqual({ last: expect.any(String) });
  });

  test('a record that went away or came in before the place is seen, at once', () => {
    for (const change of [(rows: number[]) => rows.shift(), (rows: number[]) => rows.unshift(-1)]) {
      for (const when of [1, 2, 3]) {
        const rows = numbers(40);
        const reading = () => readAll(rows, 10, {}, (page) => void (page === when && change(rows)));
        expect(reading).toThrow(unstable);
      }
    }
  });

  test('a list that shrinks to nothing, or whose total falls, is no end', () => {
    const emptied = numbers(40);
    expect(() => readAll(emptied, 10, {}, () => void emptied.splice(0))).toThrow(unstable);
    const fallen = numbers(40);
    expect(() => readAll(fallen, 10, { total: '/total', overlap: false }, () => void fallen.pop())).toThrow(unstable);
  });

  test('what is added behind is read, what changes in a record with a key is no other record', () => {
    const rows = numbers(12);
    expect(readAll(rows, 10, {}, (page) => void (page === 1 && rows.push(99)))).toEqual([...numbers(12), 99]);
    const pages = offset({ key: '/id' });
    const first = pages.next(answer({ path: '/a' }, {}, { records: [{ id: 1 }, { id: 2, v: 1 }], recordCount: 2 }));
    const again = answer(first ?? { path: '' }, {}, { records: [{ id: 2, v: 2 }, { id: 3 }], recordCount: 2 });
    expect(pages.next(again)?.query).toEqual({ offset: 2 });
  });

  test('a total that more than what comes is told, not taken for the end', () => {
    const came = answer({ path: '/a', query: { offset: 90 } }, { total: 100 }, { records: [], recordCount: 0 });
    expect(() => offset({ total: '/total' }).next(came)).toThrow(
      expect.objectContaining({ code: 'API_WRONG_ANSWER', why: expect.stringContaining('90 of 100') }),
    );
    expect(() => offset({ total: '/total' }).next(answer({ path: '/a' }, { total: '3' }))).toThrow(
      expect.objectContaining({ code: 'API_WRONG_ANSWER' }),
    );
  });

  test('200 lists with deletions: either nothing is missed, or it is told (D11)', () => {
    let told = 0;
    fc.assert(
      fc.property(
        fc.integer({ min: 11, max: 80 }),
        fc.integer({ min: 2, max: 15 }),
        fc.array(fc.nat({ max: 100 }), { minLength: 1, maxLength: 6 }),
        (count, limit, deletions) => {
          const rows = numbers(count);
          const gone = new Set<number>();
          const change = (page: number): void => {
            const at = deletions[page - 1];
            const [id] = at === undefined || rows.length === 0 ? [] : rows.splice(at % rows.length, 1);
            if (id !== undefined) gone.add(id);
          };
          try {
            const seen = new Set(readAll(rows, limit, {}, change));
            expect(numbers(count).filter((id) => !gone.has(id) && !seen.has(id))).toEqual([]);
          } catch (error) {
            if (!isSassyError(error, 'LIST_UNSTABLE')) throw error;
            told += 1;
          }
        },
      ),
      { numRuns: 200, seed: 7 },
    );
    expect(told).toBeGreaterThan(20);
  });
});
