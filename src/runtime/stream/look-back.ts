import { type Interval, without, withInterval } from '../../model/coverage.ts';
import type { SliceState } from '../../model/state.ts';
import type { CursorDefinition } from '../../model/stream.ts';
import { instantMinus, toInstant } from '../../util/instant.ts';

/**
 * Where a pass begins when the slice is read up to `instant`: the look-back below it, and below that the last time that the
 * API's filter knows. ISO 8601 with milliseconds.
 */
export function lookBackStart({ lookBackMs, precisionMs = 1 }: CursorDefinition, instant: string): string {
  const start = instantMinus(instant, lookBackMs);
  if (precisionMs === 1) return start;
  return new Date(Math.floor(Date.parse(start) / precisionMs) * precisionMs).toISOString();
}

/** The same in the form that orders as text. */
export function provenUpTo(cursor: CursorDefinition, instant: string): string {
  return toInstant(lookBackStart(cursor, instant)) ?? instant;
}

/** What is proved once and for all of a slice: nobody needs to read it again. */
export function coveredOf(state: SliceState, cursor: CursorDefinition): readonly Interval[] {
  if (state.covered !== undefined) return state.covered;
  return state.cursor === undefined ? [] : [{ to: provenUpTo(cursor, state.cursor) }];
}

/** The same after a pass from `since` has moved the slice's cursor to `to`. */
export function coveredAfter(
  before: SliceState,
  since: string | undefined,
  to: string | undefined,
  cursor: CursorDefinition,
): Pick<SliceState, 'covered'> {
  if (to === undefined) return before.covered === undefined ? {} : { covered: before.covered };
  const from = since === undefined ? undefined : toInstant(since);
  const added = { ...(from === undefined ? {} : { from }), to: provenUpTo(cursor, to) };
  return stated(withInterval(coveredOf(before, cursor), added), to, cursor);
}

/** Intervals as the state holds them: not at all where they are what the cursor says. */
export function stated(
  covered: readonly Interval[],
  to: string | undefined,
  cursor: CursorDefinition,
): Pick<SliceState, 'covered'> {
  const [only] = covered;
  const isPlain = covered.length === 1 && only?.from === undefined && to !== undefined;
  return isPlain && only?.to === provenUpTo(cursor, to) ? {} : { covered: [...covered] };
}

/** The state of a slice whose position is set by hand. Nothing is proven by that. */
export function movedTo(before: SliceState, to: string, cursor: CursorDefinition): SliceState {
  const { records, listing } = before;
  const covered = without(coveredOf(before, cursor), { from: provenUpTo(cursor, to) });
  return {
    cursor: to,
    ...(records === undefined ? {} : { records }),
    ...(listing === undefined ? {} : { listing }),
    ...stated(covered, to, cursor),
  };
}
