import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { holesIn, type Interval, without, withInterval } from '../../src/model/coverage.ts';
import { lookBackStart, movedTo } from '../../src/runtime/stream/look-back.ts';
import { lastEdge, planWindows } from '../../src/runtime/stream/window-plan.ts';

const DAYS = 40;
const day = (number: number): string => new Date(Date.UTC(2025, 0, 1 + number)).toISOString();
const instant = (number: number): string => day(number).replace('Z', '000000Z');
const point = fc.integer({ min: 0, max: DAYS });
const span = fc.record({ from: fc.option(point, { nil: undefined }), to: point });

function interval({ from, to }: { readonly from: number | undefined; readonly to: number }): Interval {
  return { ...(from === undefined ? {} : { from: instant(from) }), to: instant(to) };
}

/** The days that intervals hold; the day before the first stands for all of the past. */
function daysOf(intervals: readonly Interval[]): readonly number[] {
  return Array.from({ length: DAYS + 1 }, (_, at) => at - 1).filter((at) =>
    intervals.some(({ from, to }) => (from === undefined || from <= instant(at)) && instant(at) < to),
  );
}

describe('covered intervals', () => {
  const built = fc.array(span, { maxLength: 8 }).map((spans) => ({
    intervals: spans.reduce<readonly Interval[]>((all, one) => withInterval(all, interval(one)), []),
    days: daysOf(spans.map(interval)),
  }));

  it('are what was added, sorted, and never touch each other', () => {
    fc.assert(
      fc.property(built, ({ intervals, days }) => {
        expect(daysOf(intervals)).toEqual(days);
        intervals.slice(1).forEach(({ from }, at) => expect((from ?? '') > (intervals[at]?.to ?? '')).toBe(true));
      }),
    );
  });

  it('and their holes are everything between two times, each day once', () => {
    fc.assert(
      fc.property(built, fc.option(point, { nil: undefined }), point, ({ intervals, days }, from, to) => {
        fc.pre(from === undefined || from < to);
        const asked = daysOf([interval({ from, to })]);
        const holes = daysOf(holesIn(intervals, from === undefined ? undefined : instant(from), instant(to)));
        expect(holes).toEqual(asked.filter((at) => !days.includes(at)));
      }),
    );
  });

  it('lose what is taken out of them, and nothing else', () => {
    fc.assert(
      fc.property(built, fc.option(point, { nil: undefined }), point, ({ intervals, days }, from, to) => {
        const taken = daysOf([interval({ from: from ?? undefined, to })]);
        const left = without(intervals, { ...(from === undefined ? {} : { from: instant(from) }), to: instant(to) });
        expect(daysOf(left)).toEqual(days.filter((at) => !taken.includes(at)));
      }),
    );
  });
});

describe('planned windows', () => {
  it('fill every hole once, and lie within one window each', () => {
    const size = fc.integer({ min: 1, max: 9 });
    fc.assert(
      fc.property(fc.array(span, { maxLength: 6 }), point, point, size, (spans, from, to, days) => {
        const covered = spans.reduce<readonly Interval[]>((all, one) => withInterval(all, interval(one)), []);
        const sizeMs = days * 86_400_000;
        const where = { covered, open: [], from: instant(from), to: instant(to), sizeMs, precisionMs: 1, most: 99 };
        const planned = planWindows(where);
        const read = planned.map(({ since, until }) => ({
          from: since.replace('Z', '000000Z'),
          to: until.replace('Z', '000000Z'),
        }));
        const missing = from < to ? daysOf(holesIn(covered, instant(from), instant(to))) : [];
        expect(read.flatMap((one) => daysOf([one])).toSorted((a, b) => a - b)).toEqual(missing);
        for (const { since, until } of planned) {
          const window = (time: string) => Math.floor((Date.parse(time) - Date.parse(day(from))) / sizeMs);
          expect(window(new Date(Date.parse(until) - 1).toISOString())).toBe(window(since));
        }
      }),
    );
  });

  it('end at the last edge that is over', () => {
    const grid = { from: instant(0), sizeMs: 7 * 86_400_000, precisionMs: 1 };
    expect(lastEdge(grid, instant(6))).toBeUndefined();
    expect(lastEdge(grid, instant(7))).toBe(day(7));
    expect(lastEdge(grid, instant(20))).toBe(day(14));
  });
});

describe('the look-back', () => {
  const cursor = { pointer: '/at', lookBackMs: 600_000, precisionMs: 60_000 };

  it('begins at a time that the filter knows', () => {
    expect(lookBackStart(cursor, '2026-01-02T10:20:59.999999999Z')).toBe('2026-01-02T10:10:00.000Z');
  });

  it('of a position that was set by hand proves nothing', () => {
    const before = { cursor: instant(20) };
    expect(movedTo(before, instant(30), cursor).covered).toEqual([{ to: '2025-01-20T23:50:00.000000000Z' }]);
    expect(movedTo(before, instant(10), cursor)).toEqual({ cursor: instant(10) });
  });
});
