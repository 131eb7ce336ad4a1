import type { z } from 'zod';
import type { Limit } from '../model/limit.ts';
import type { PageSource, StreamExpectation } from '../model/stream.ts';
import type { StreamClass } from './abstract-stream.ts';
import type { Duration } from './duration.ts';
import type { SlicesOption } from './slices-option.ts';

const STREAM_VALUE = Symbol.for('sassy.stream-value');

/** What is said about a stream, as a decorator's argument or with `defineStream`. Checked when the integration is loaded. */
export interface StreamOptions<Schema extends z.ZodType = z.ZodType> {
  /** Lower case with underscores. Default: the class's name in snake_case. */
  readonly name?: string;
  /** The fields of a raw record that we rely on. Unknown fields pass. */
  readonly record: Schema;
  /** The field, or fields, that tell one record from another, as names or JSON pointers; `[]` for events without a key. */
  readonly primaryKey: string | readonly string[];
  /** The field that orders records in time, as a name or a JSON pointer. Makes the stream incremental. */
  readonly cursor?: string;
  /** How far below the newest record the next run starts again, because servers commit rows late. Default `10m`. */
  readonly lookBack?: Duration;
  /** The API lists a slice by its cursor, oldest first. Checked on each record; the position then moves page by page. */
  readonly sorted?: 'asc';
  /** Default: the stream is read as a whole. */
  readonly slices?: SlicesOption;
  /** The vendor's own JSON Schema of a record, checked before `record`; drafts 7, 2019-09 and 2020-12. */
  readonly jsonSchema?: object;
  /** How many records may go to quarantine before a parse stops: `100` or `'1 %'`. Default: the integration's. */
  readonly failureBudget?: Limit;
  /** What must be so before anything is made of the stream: a parse stops loudly when it is not. */
  readonly expect?: StreamExpectation;
}

/** A stream as a value. Made by `defineStream`, or out of a decorated class. */
export interface StreamValue<R = unknown, Config = never> extends StreamOptions<z.ZodType<R>> {
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
  options: StreamOptions<z.ZodType<R>> & { readonly name: string; readonly source: PageSource<Config> },
): StreamValue<R, Config> {
  return Object.freeze({ ...options, [STREAM_VALUE]: true as const });
}

/** True for what `defineStream` of any copy of the package made. */
export function isStreamValue(value: unknown): value is StreamValue {
  return typeof value === 'object' && value !== null && STREAM_VALUE in value;
}
