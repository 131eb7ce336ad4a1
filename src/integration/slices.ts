import type { Slice } from '../model/slice.ts';
import type { StreamRef } from './define-stream.ts';
import type { EachSlices, SlicesOption } from './slices-option.ts';

export interface EachOptions {
  /** The slice's field. Default: the parent's name in the singular, `orgs` → `org`. */
  readonly as?: string;
  /** JSON pointer to the value in the parent's records. Default `/id`. */
  readonly key?: string;
}

/** Reads a stream once for each record of `parent`: `slices: each(Orgs)` gives `slice.org`, the org's `id`. */
export function each(parent: StreamRef, options: EachOptions = {}): EachSlices {
  return { kind: 'each', parent, key: options.key ?? '/id', as: options.as };
}

/** Reads a stream once for each of these: `slices: list([{ state: 'open' }, { state: 'closed' }])`. */
export function list(slices: readonly Slice[]): SlicesOption {
  return { kind: 'list', slices };
}
