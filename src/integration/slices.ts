import type { Slice } from '../model/slice.ts';
import type { StreamRef } from './define-stream.ts';
import type { Duration } from './duration.ts';
import type {
  EachSlices,
  ListSlices,
  ProductSlices,
  SliceContext,
  SliceFactor,
  WindowSlices,
} from './slices-option.ts';

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

/**
 * Reads a stream once for each of these: `slices: list([{ state: 'open' }, { state: 'closed' }])`, or, where they have one
 * field alone, `slices: list('state', ['open', 'closed'])`.
 */
export function list(slices: readonly Slice[]): ListSlices;
export function list(field: string, values: readonly string[]): ListSlices;
export function list(first: string | readonly Slice[], values: readonly string[] = []): ListSlices {
  if (typeof first === 'string') return { kind: 'list', slices: values.map((value) => ({ [first]: value })) };
  return { kind: 'list', slices: first };
}

/**
 * Reads a stream once for each slice of one with each of the others; a slice has the fields of all. No two may have a field
 * of the same name.
 *
 * @example
 * slices: product(each(Accounts), list('region', ['us-east-1', 'eu-west-1']))
 * slices: product(each(Accounts), ({ config }: SliceContext<Config>) => config.regions.map((region) => ({ region })))
 */
export function product<Config = unknown>(...factors: readonly SliceFactor<Config>[]): ProductSlices<Config> {
  return { kind: 'product', factors };
}

export interface WindowsOptions<Config> {
  /** The length of a window: `30d`. */
  readonly size: Duration;
  /** Before this time (ISO 8601 with a zone) nothing is asked for. May be taken from the connection's config. */
  readonly from: string | ((context: SliceContext<Config>) => string);
}

/**
 * Reads the past of a stream in windows of time, side by side, each once: `request` gets `since` and `until`. What lies
 * between the last whole window and now is read as usual, by the cursor, without an `until`. With slices by something
 * else: `product(each(Orgs), windows({ size: '30d', from: '2020-01-01T00:00:00Z' }))`.
 */
export function windows<Config = unknown>({ size, from }: WindowsOptions<Config>): WindowSlices<Config> {
  return { kind: 'windows', size, from };
}
