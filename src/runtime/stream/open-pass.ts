import type { OpenPass, SliceState } from '../../model/state.ts';

/** A page token older than this is not trusted: the pass starts again. */
export const MAX_PASS_AGE_MS = 24 * 60 * 60 * 1000;

/** True for a pass of an earlier run that can be gone on with. */
export function isResumable(open: OpenPass | undefined, nowMs: number): open is OpenPass {
  return open?.next !== undefined && nowMs - Date.parse(open.startedAt) < MAX_PASS_AGE_MS;
}

/** A pass that is given up: what it stored of the look-back window is known to the next one. */
export function abandoned({ open, ...state }: SliceState): SliceState {
  if (open === undefined) return state;
  const rest = { ...state, ...redoFrom(state, [open]) };
  if (open.boundary === undefined) return rest;
  const boundaryTo = later(later(state.boundaryTo, open.boundaryTo), open.cursor);
  const boundary = [...new Set([...(state.boundary ?? []), ...open.boundary])];
  return { ...rest, boundary, ...(boundaryTo === undefined ? {} : { boundaryTo }) };
}

/** From which commit on pages lie that will be read again, with these passes given up as well. */
export function redoFrom({ redo }: SliceState, givenUp: readonly OpenPass[]): Pick<SliceState, 'redo'> {
  const all = [redo, ...givenUp.map(({ after }) => after)].filter((commit) => commit !== undefined);
  return all.length === 0 ? {} : { redo: Math.min(...all) };
}

/** The later of two instants. */
export function later(a: string | undefined, b: string | undefined): string | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a > b ? a : b;
}
