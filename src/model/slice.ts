import { canonicalJson } from '../util/json.ts';

/** A part of a stream that is read on its own: a parent's id, a window of time, both. `{}` is the whole stream. */
export type Slice = Readonly<Record<string, string>>;

/** The slice as a stable text: what state is kept under. */
export function sliceKey(slice: Slice): string {
  return canonicalJson(slice);
}
