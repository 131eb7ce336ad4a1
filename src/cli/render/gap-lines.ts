import type { GapSpan, SliceGaps, StreamGaps } from '../../runtime/stream/gaps.ts';
import { counted } from './numbers.ts';
import { printable } from './printable.ts';
import type { Style } from './style.ts';

const WIDTH = 40;
/** Slices shown of each stream, those with gaps first. */
const SHOWN = 20;
const NAME_WIDTH = 28;

/** A bar for each slice over one axis of time for the stream, and its gaps in words. */
export function gapLines(streams: readonly StreamGaps[], style: Style): readonly string[] {
  const legend = '# proven fetched   + in part   . missing   - nothing newer was there';
  const lines = streams.flatMap((stream) => {
    const { slices, gaps } = stream;
    const head = `${style.bold(printable(stream.name))}  ${howRead(stream)}, ${counted(slices.length, 'slice')}`;
    const told = gaps === 0 ? style.green('no gap') : style.yellow(counted(gaps, 'gap'));
    const shown = slices.toSorted((a, b) => b.gaps.length - a.gaps.length).slice(0, SHOWN);
    const axis = axisOf(slices);
    const more = slices.length - shown.length;
    return [
      `${head}, ${told}`,
      ...shown.map((slice) => `  ${nameOf(slice)}  ${bar(slice, axis)}${gapText(slice.gaps, style)}`),
      ...(more > 0 ? [`  … and ${counted(more, 'slice')} more: --json shows all`] : []),
      ...(axis === undefined || shown.length === 0
        ? []
        : [style.dim(`  ${' '.repeat(NAME_WIDTH)}  ${day(axis.from).padEnd(WIDTH - 10)}${day(axis.to)}`)]),
    ];
  });
  return [...lines, style.dim(legend)];
}

function howRead({ cursor, listing }: StreamGaps): string {
  if (listing === undefined) return cursor === undefined ? 'never read' : `by ${printable(cursor)}`;
  const state = listing.current === listing.complete ? 'complete' : 'not complete';
  return `${cursor === undefined ? '' : `by ${printable(cursor)}, `}listing ${listing.current} ${state}`;
}

function nameOf({ slice }: SliceGaps): string {
  const fields = Object.entries(slice).map(([name, value]) => `${name}=${value}`);
  const text = printable(fields.length === 0 ? 'all' : fields.join(' '));
  return text.length > NAME_WIDTH ? `${text.slice(0, NAME_WIDTH - 1)}…` : text.padEnd(NAME_WIDTH);
}

interface Axis {
  readonly from: number;
  readonly to: number;
}

function axisOf(slices: readonly SliceGaps[]): Axis | undefined {
  let from = Infinity;
  let to = -Infinity;
  for (const { covered, gaps } of slices) {
    for (const span of [...covered, ...gaps]) {
      for (const time of [span.from, span.to]) {
        if (time === null) continue;
        from = Math.min(from, Date.parse(time));
        to = Math.max(to, Date.parse(time));
      }
    }
  }
  return from <= to ? { from, to } : undefined;
}

/** `#` where all of a column's time is proven, `+` where some is, `.` where none is, `-` where nothing newer was there. */
function bar({ covered, gaps }: SliceGaps, axis: Axis | undefined): string {
  if (axis === undefined || axis.from === axis.to) return (gaps.length === 0 ? '#' : '.').repeat(WIDTH);
  const step = (axis.to - axis.from) / WIDTH;
  const end =
    gaps.length > 0 ? Infinity : Math.max(...covered.map(({ to }) => (to === null ? Infinity : Date.parse(to))));
  return Array.from({ length: WIDTH }, (_, column) => {
    const low = axis.from + column * step;
    const proven = covered.reduce((sum, span) => sum + within(span, low, low + step), 0);
    if (low >= end) return '-';
    return proven >= step * 0.999 || (proven > 0 && low + step > end) ? '#' : proven > 0 ? '+' : '.';
  }).join('');
}

function within({ from, to }: GapSpan, low: number, high: number): number {
  const start = Math.max(low, from === null ? -Infinity : Date.parse(from));
  const end = Math.min(high, to === null ? Infinity : Date.parse(to));
  return Math.max(0, end - start);
}

function gapText(gaps: readonly GapSpan[], style: Style): string {
  if (gaps.length === 0) return '';
  const texts = gaps.slice(0, 3).map(({ from, to }) => `${from ?? 'the beginning'} to ${to ?? 'now'}`);
  const more = gaps.length > texts.length ? `, ${gaps.length - texts.length} more` : '';
  return `  ${style.yellow('missing')} ${texts.join(', ')}${more}`;
}

function day(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
