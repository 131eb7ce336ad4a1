/** A span of a stream's cursor. Instants of nine digits, so that they order as text. */
export interface Interval {
  /** Inclusive; absent: since ever. */
  readonly from?: string | undefined;
  /** Exclusive. */
  readonly to: string;
}

/** More intervals are not kept for a slice: the shortest is then forgotten, and read again. */
const MOST_INTERVALS = 1_000;

/** The intervals with one more: sorted, merged where they touch. Those that are empty are left out. */
export function withInterval(intervals: readonly Interval[], added: Interval): readonly Interval[] {
  const sorted = [...intervals, added]
    .filter(({ from, to }) => from === undefined || from < to)
    .toSorted((a, b) => compare(a.from, b.from));
  const merged: Interval[] = [];
  for (const interval of sorted) {
    const last = merged.at(-1);
    if (last === undefined || (interval.from !== undefined && interval.from > last.to)) merged.push(interval);
    else if (interval.to > last.to) merged[merged.length - 1] = { ...last, to: interval.to };
  }
  return merged.length <= MOST_INTERVALS ? merged : withoutShortest(merged);
}

/** What is left of the intervals outside of a span; without `from` below nothing is left, without `to` above. */
export function without(
  intervals: readonly Interval[],
  { from, to }: { readonly from?: string | undefined; readonly to?: string | undefined },
): readonly Interval[] {
  return intervals.flatMap((interval): readonly Interval[] => {
    const below = from === undefined ? undefined : { ...interval, to: earlier(interval.to, from) };
    const above = to === undefined ? undefined : { ...interval, from: later(interval.from, to) };
    return [below, above].filter((part) => part !== undefined).filter(isSpan);
  });
}

/** The spans between `from` and `to` that no interval covers, oldest first. */
export function holesIn(intervals: readonly Interval[], from: string | undefined, to: string): readonly Interval[] {
  const holes: Interval[] = [];
  let start: string | undefined = from;
  let isBeginning = from === undefined;
  for (const interval of intervals) {
    const end = interval.from === undefined ? undefined : earlier(interval.from, to);
    if (end !== undefined && (isBeginning || (start !== undefined && start < end))) holes.push(span(start, end));
    isBeginning = false;
    start = start === undefined || interval.to > start ? interval.to : start;
  }
  if (isBeginning || start === undefined || start < to) holes.push(span(start, to));
  return holes;
}

function span(from: string | undefined, to: string): Interval {
  return from === undefined ? { to } : { from, to };
}

function isSpan({ from, to }: Interval): boolean {
  return from === undefined || from < to;
}

function withoutShortest(intervals: readonly Interval[]): readonly Interval[] {
  const lengths = intervals.map(({ from, to }) => (from === undefined ? Infinity : Date.parse(to) - Date.parse(from)));
  const shortest = lengths.indexOf(Math.min(...lengths));
  return intervals.filter((_interval, index) => index !== shortest);
}

function compare(a: string | undefined, b: string | undefined): number {
  if (a === b) return 0;
  return a === undefined || (b !== undefined && a < b) ? -1 : 1;
}

function earlier(a: string, b: string): string {
  return a < b ? a : b;
}

function later(a: string | undefined, b: string): string {
  return a === undefined || a < b ? b : a;
}
