import { without } from '../../model/coverage.ts';
import type { OpenPass, SliceState } from '../../model/state.ts';
import type { StreamDefinition } from '../../model/stream.ts';
import { toInstant } from '../../util/instant.ts';
import { coveredOf, stated } from './look-back.ts';
import { abandoned, isResumable } from './open-pass.ts';
import type { StreamOptions } from './stream-work.ts';

/**
 * A slice's state at the beginning of a run: what the command says is to be read again is no longer proven, and passes that
 * cannot be gone on with are given up. The very state where nothing of this is so.
 */
export function startState(
  before: SliceState,
  definition: StreamDefinition,
  options: StreamOptions,
  nowMs: number,
): SliceState {
  if (definition.cursor === undefined) return before;
  const asked = askedState(before, definition, options);
  // Without a position, and without windows of its own, the stream is about to be read from its beginning.
  const isOverrun = before.cursor === undefined && definition.windows === undefined && options.until === undefined;
  const isLost = (pass: OpenPass): boolean => pass.next !== undefined && (isOverrun || !isResumable(pass, nowMs));
  const state = asked.open === undefined || isResumable(asked.open, nowMs) ? asked : abandoned(asked);
  if (state.windows?.some(isLost) !== true) return state;
  return {
    ...state,
    windows: state.windows.map((pass) => {
      const { next: _next, ...marker } = pass;
      return isLost(pass) ? marker : pass;
    }),
  };
}

/**
 * The commit after which pages lie that this slice may read again; undefined where there are none. They are those of passes
 * that were given up, and of such as are open and will not be gone on with: `only` windows are read, or none of them.
 */
export function givenUpAfter(
  { redo, windows = [], open }: SliceState,
  only?: 'windows' | 'forward',
): number | undefined {
  const left = only === 'forward' ? windows : windows.filter(({ next }) => next === undefined);
  const passes = only === 'windows' && open !== undefined ? [...left, open] : left;
  const all = [redo, ...passes.map(({ after }) => after)].filter((commit) => commit !== undefined);
  return all.length === 0 ? undefined : Math.min(...all);
}

function askedState(before: SliceState, { cursor, windows }: StreamDefinition, options: StreamOptions): SliceState {
  const { full, since, until } = options;
  if (cursor === undefined) return before;
  const from = since === undefined ? undefined : toInstant(since);
  const to = until === undefined ? undefined : toInstant(until);
  if (to !== undefined) {
    if (!full) return before;
    const { covered: _old, ...rest } = before;
    return { ...rest, ...stated(without(coveredOf(before, cursor), { from, to }), before.cursor, cursor) };
  }
  if (windows === undefined || (!full && from === undefined)) return before;
  // Without a cursor the covered spans alone say where to go on.
  const { records, listing } = before;
  return {
    ...(records === undefined ? {} : { records }),
    ...(listing === undefined ? {} : { listing }),
    covered: full ? [] : [...without(coveredOf(before, cursor), { from })],
  };
}
