import type { Slice } from '../model/slice.ts';
import type { Duration } from './duration.ts';

/** What an author says about a stream's slices. Without it a stream is read as a whole. */
export type SlicesOption<Config = unknown> = SliceFactor<Config> | ProductSlices<Config>;

/** What a product is made of. */
export type SliceFactor<Config = unknown> = EachSlices | ListSlices | WindowSlices<Config> | ConfigSlices<Config>;

/** Slices that are known when the integration is written. */
export interface ListSlices {
  readonly kind: 'list';
  readonly slices: readonly Slice[];
}

/** One slice for each record of another stream; lowered to a `SliceSource` when the integration is loaded. */
export interface EachSlices {
  readonly kind: 'each';
  readonly parent: unknown;
  readonly key: string;
  readonly as: string | undefined;
}

/** What slices that depend on the connection are made from. */
export interface SliceContext<Config = unknown> {
  readonly config: Config;
}

/**
 * Slices from the connection's config. Called once for each run; no request can be made.
 *
 * @example
 * slices: ({ config }: SliceContext<Config>) => config.regions.map((region) => ({ region }))
 */
export type ConfigSlices<Config = unknown> = (context: SliceContext<Config>) => readonly Slice[];

/** Each slice of one with each of the others. */
export interface ProductSlices<Config = unknown> {
  readonly kind: 'product';
  readonly factors: readonly SliceFactor<Config>[];
}

/** Spans of time: no part of the slice itself, but how each slice is read. */
export interface WindowSlices<Config = unknown> {
  readonly kind: 'windows';
  readonly size: Duration;
  readonly from: string | ((context: SliceContext<Config>) => string);
}
