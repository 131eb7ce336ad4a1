import type { z } from 'zod';
import type { Limit } from '../model/limit.ts';
import type { PageSource, StreamExpectation } from '../model/stream.ts';
import type { StreamClass } from './abstract-stream.ts';
import type { Duration } from './duration.ts';
import type { SlicesOption } from './slices-option.ts';

const STREAM_VALUE = Symbol.for('sassy.stream-value');

/** How a stream goes on from run to run. */
export type StreamFlow =
  'incremental' | 'full' | 'immutable' | { readonly full: { readonly every: Duration | number } };

/** What is said about a stream, as a decorator's argument or with `defineStream`. Checked when the integration is loaded. */
export interface StreamOptions<Schema extends z.ZodType = z.ZodType, Config = unknown> {
  /** Lower case with underscores. Default: the class's name in snake_case. */
  readonly name?: string;
  /** The fields of a raw record that we rely on. Unknown fields pass. */
  readonly record: Schema;
  /** The field, or fields, that tell one record from another, as names or JSON pointers; `[]` for events without a key. */
  readonly primaryKey: string | readonly string[];
  /**
   * The field that orders records in time, as a name or a JSON pointer. Makes the stream incremental. Of several the first
   * that has a time in a record counts: `['/updated_at', '/created_at']`.
   */
  readonly cursor?: string | readonly string[];
  /** How far below the newest record the next run starts again, because servers commit rows late. Default `10m`. */
  readonly lookBack?: Duration;
  /**
   * The finest time that the API's filter knows, where that is coarser than what the records have: `1m`, `1d`. `since` is
   * then a multiple of it, in UTC, and what lies between is not stored twice.
   */
  readonly precision?: Duration;
  /**
   * How the stream goes on from run to run. `incremental`: what changed (the default with a cursor). `full`: all of it each
   * run (the default without). `immutable`: what was added; a record never changes, so its key alone tells whether it is
   * stored. `{ full: { every: '7d' } }`: what changed, and every 7 days (or, as a number, so many runs) all of it: what is
   * then gone is archived.
   */
  readonly flow?: StreamFlow;
  /**
   * The request asks for records before `until` as well: `stream --since A --until B` then loads the past in chunks of this
   * length. Streams with `windows(…)` have it.
   */
  readonly history?: Duration;
  /** The API lists a slice by its cursor, oldest first. Checked on each record; the position then moves page by page. */
  readonly sorted?: 'asc';
  /** Default: the stream is read as a whole. */
  readonly slices?: SlicesOption<Config>;
  /** The vendor's own JSON Schema of a record, checked before `record`; drafts 7, 2019-09 and 2020-12. */
  readonly jsonSchema?: object;
  /** How many records may go to quarantine before a parse stops: `100` or `'1 %'`. Default: the integration's. */
  readonly failureBudget?: Limit;
  /** What must be so before anything is made of the stream: a parse stops loudly when it is not. */
  readonly expect?: StreamExpectation;
  /**
   * The API gives an ETag (or Last-Modified) that changes whenever the page does: pages of the last complete listing are
   * then only asked for if they changed, and a 304 stands for the stored page. For streams without a cursor, read by GET
   * with a paginator other than `offset`. `--full` asks for everything.
   */
  readonly conditional?: boolean;
  /**
   * How long raw versions are kept that a newer one has taken the place of: `'90d'` (`h`, `d`, `w`), or `'5 listings'` of a
   * stream without a cursor. Of a stream without keys: how long its records are kept. The newest version of each key and the
   * last complete listing always stay. `sassy run <integration> retain` removes the rest. Default: everything is kept.
   */
  readonly keep?: string;
  /** How much room the raw data may take, compressed: `'2GB'`. What a newer version has taken the place of goes, oldest first. */
  readonly maxBytes?: number | string;
}

/** A stream as a value. Made by `defineStream`, or out of a decorated class. */
export interface StreamValue<R = unknown, Config = never> extends StreamOptions<z.ZodType<R>, Config> {
  readonly [STREAM_VALUE]: true;
  readonly name: string;
  readonly source: PageSource<Config>;
}

/** A stream as other definitions refer to it. */
export type StreamRef<R = unknown, Config = never> = StreamClass<R, Config> | StreamValue<R, Config>;

/** What a record of a stream is, after the stream's schema. */
export type RecordOf<S> = S extends StreamClass<infer R> ? R : S extends StreamValue<infer R> ? R : never;

/**
 * A stream without a class. Use it where streams are only known at run time.
 *
 * @example
 * const Orgs = defineStream({ name: 'orgs', record: Org, primaryKey: 'id',
 *   source: httpSource({ request: () => ({ path: '/orgs' }), records: '/data', paginator: jsonApiLinks() }) });
 */
export function defineStream<R, Config = unknown>(
  options: StreamOptions<z.ZodType<R>, Config> & { readonly name: string; readonly source: PageSource<Config> },
): StreamValue<R, Config> {
  return Object.freeze({ ...options, [STREAM_VALUE]: true as const });
}

/** True for what `defineStream` of any copy of the package made. */
export function isStreamValue(value: unknown): value is StreamValue {
  return typeof value === 'object' && value !== null && STREAM_VALUE in value;
}
