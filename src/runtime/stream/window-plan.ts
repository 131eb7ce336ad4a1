import { holesIn, type Interval, withInterval } from '../../model/coverage.ts';
import type { OpenPass } from '../../model/state.ts';
import { toInstant } from '../../util/instant.ts';
import type { WindowSpan } from './window-pass.ts';

export interface WindowPlanOptions {
  /** What needs not be read. */
  readonly covered: readonly Interval[];
  /** Passes over windows that can be gone on with; also above `to`, because the server has said that they are over. */
  readonly open: readonly OpenPass[];
  /** Nothing below is read. */
  readonly from: string;
  /** Nothing at or above is read in windows. */
  readonly to: string;
  readonly sizeMs: number;
  /** Windows begin and end at multiples of this. */
  readonly precisionMs: number;
  /** Windows are planned in portions: how many there are depends on clocks, which may be wrong by years. */
  readonly most: number;
}

/**
 * The spans to read, oldest first: what is not covered between `from` and `to`, cut at the edges of windows that are counted
 * from `from`. Where an earlier run was within a window its own span is kept.
 */
export function planWindows(options: WindowPlanOptions): readonly WindowSpan[] {
  const { open, from, to } = options;
  const left = open.flatMap((pass): WindowSpan[] => {
    const { since, until } = pass;
    return since === undefined || until === undefined ? [] : [{ since, until, open: pass }];
  });
  const spans: WindowSpan[] = [];
  let covered = options.covered;
  for (const span of left) {
    const interval = { from: instant(span.since), to: instant(span.until) };
    if (!isHole(covered, interval)) continue;
    spans.push(span);
    covered = withInterval(covered, interval);
  }
  for (const hole of to <= from ? [] : holesIn(covered, from, to)) {
    for (const span of cut(hole.from ?? from, hole.to, options)) {
      if (spans.length >= options.most) return ordered(spans);
      spans.push(span);
    }
  }
  return ordered(spans);
}

/** The last edge of a window at or below `instant`; undefined when that is the first one, or below it. */
export function lastEdge(
  { from, sizeMs, precisionMs }: Pick<WindowPlanOptions, 'from' | 'sizeMs' | 'precisionMs'>,
  at: string,
): string | undefined {
  const windows = Math.floor((msOf(at) - msOf(from)) / sizeMs);
  if (windows < 1) return undefined;
  const edge = edgeAfter(msOf(from), windows, sizeMs, precisionMs);
  return edge <= msOf(at)
    ? iso(edge)
    : windows < 2
      ? undefined
      : iso(edgeAfter(msOf(from), windows - 1, sizeMs, precisionMs));
}

function* cut(
  low: string,
  high: string,
  { from, sizeMs, precisionMs }: WindowPlanOptions,
): Generator<WindowSpan, void, void> {
  const origin = msOf(from);
  const end = msOf(high);
  let start = msOf(low);
  for (let window = Math.floor((start - origin) / sizeMs); start < end; window += 1) {
    const edge = Math.min(end, edgeAfter(origin, window + 1, sizeMs, precisionMs));
    if (edge <= start) continue;
    yield { since: iso(start), until: iso(edge) };
    start = edge;
  }
}

function edgeAfter(origin: number, windows: number, sizeMs: number, precisionMs: number): number {
  return Math.floor((origin + windows * sizeMs) / precisionMs) * precisionMs;
}

function isHole(covered: readonly Interval[], { from, to }: { readonly from: string; readonly to: string }): boolean {
  const [hole, more] = holesIn(covered, from, to);
  return more === undefined && hole?.from === from && hole.to === to;
}

function ordered(spans: readonly WindowSpan[]): readonly WindowSpan[] {
  return spans.toSorted((a, b) => (a.since < b.since ? -1 : a.since > b.since ? 1 : 0));
}

function msOf(time: string): number {
  return Date.parse(`${instant(time).slice(0, 23)}Z`);
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

function instant(time: string): string {
  return toInstant(time) ?? time;
}
