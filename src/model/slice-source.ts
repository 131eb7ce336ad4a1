import type { Slice } from './slice.ts';

/** Where a stream's slices come from. */
export type SliceSource =
  | { readonly kind: 'whole' }
  | { readonly kind: 'list'; readonly slices: readonly Slice[] }
  /** One slice for each record of another stream: `{ [as]: <value at key> }`. */
  | { readonly kind: 'each'; readonly parent: string; readonly key: string; readonly as: string }
  /** From the connection's config. What it gives is checked when it is called. */
  | { readonly kind: 'config'; readonly slices: (context: { readonly config: unknown }) => unknown }
  /** Each slice of one with each of the others, their fields together. */
  | { readonly kind: 'product'; readonly factors: readonly SliceSource[] };

/** The streams whose stored records the slices come from, each once. */
export function parentsOf(source: SliceSource): readonly string[] {
  if (source.kind === 'each') return [source.parent];
  return source.kind === 'product' ? [...new Set(source.factors.flatMap(parentsOf))] : [];
}

/** Spans of time in which the past of each slice is read. */
export interface WindowDefinition {
  readonly sizeMs: number;
  /** ISO 8601 with a zone: nothing is asked for before. A function of the connection's config is checked when it is called. */
  readonly from: string | ((context: { readonly config: unknown }) => unknown);
}
