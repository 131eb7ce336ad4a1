import type { Slice } from '../model/slice.ts';

/** What an author says about a stream's slices. Without it a stream is read as a whole. */
export type SlicesOption = EachSlices | { readonly kind: 'list'; readonly slices: readonly Slice[] };

/** One slice for each record of another stream; lowered to a `SliceSource` when the integration is loaded. */
export interface EachSlices {
  readonly kind: 'each';
  readonly parent: unknown;
  readonly key: string;
  readonly as: string | undefined;
}
