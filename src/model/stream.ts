import type { z } from 'zod';
import type { Limit } from './limit.ts';
import type { HttpClient } from './http.ts';
import type { Page, PageToken } from './page.ts';
import type { Slice } from './slice.ts';

/** A stream as plain data: what a decorated class or `defineStream` comes down to. */
export interface StreamDefinition {
  /** Lower case, `[a-z][a-z0-9_]*`. */
  readonly name: string;
  /** The fields of a raw record that the parsers rely on. Unknown fields pass. */
  readonly record: z.ZodType;
  /** JSON pointers to the fields that tell one record from another; empty for streams of events without a key. */
  readonly primaryKey: readonly string[];
  /** Present on incremental streams. Without it each run is a full refresh. */
  readonly cursor?: CursorDefinition;
  readonly slices: SliceSource;
  readonly source: PageSource;
  /** The vendor's own JSON Schema of a record: checked before `record`. */
  readonly jsonSchema?: object;
  /** How many of its records may go to quarantine before a parse stops. Default: the integration's, else 1 % and at most 100. */
  readonly failureBudget?: Limit;
  readonly expect?: StreamExpectation;
}

/** What must be so before anything is made of a stream: else a parse stops loudly. */
export interface StreamExpectation {
  /** The least number of records: of the last complete listing, or in all for an incremental stream. */
  readonly minRecords?: number;
  /** Full-refresh streams: how many fewer records than the complete listing before. */
  readonly maxDrop?: Limit;
  /** Fields, as names or JSON pointers, that every record read has and that are not null; or the share of records that have it. */
  readonly required?: readonly string[] | Readonly<Record<string, Limit>>;
}

export interface CursorDefinition {
  /** JSON pointer to the value that orders a record in time: ISO 8601 with a zone, compared as time. */
  readonly pointer: string;
  /** How far below the highest cursor the next pass starts again, because servers commit rows late. */
  readonly lookBackMs: number;
  /**
   * The API promises this order within a slice. Each record must then prove it, and the cursor moves page by page: a pass
   * that is never finished still leaves what it has read behind it.
   */
  readonly sorted?: 'asc';
}

/** Where a stream's slices come from. */
export type SliceSource =
  | { readonly kind: 'whole' }
  | { readonly kind: 'list'; readonly slices: readonly Slice[] }
  /** One slice for each record of another stream: `{ [as]: <value at key> }`. */
  | { readonly kind: 'each'; readonly parent: string; readonly key: string; readonly as: string };

/** What a source is told about the slice to read. */
export interface ReadContext<Config = unknown> {
  readonly config: Config;
  readonly slice: Slice;
  /** Incremental streams: ask for records at or after this time (ISO 8601, UTC). Undefined on the first pass. */
  readonly since: string | undefined;
  /** The page to begin with; undefined for the first one. */
  readonly from: PageToken | undefined;
  readonly http: HttpClient;
  readonly signal: AbortSignal;
}

/** Reads the pages of one slice, in order, each when it is asked for. A method, so that a source of a typed config fits. */
export interface PageSource<Config = unknown> {
  read(context: ReadContext<Config>): AsyncIterable<Page>;
  /** The records of a stored body, by the same rule that `read` uses: what parse and restream see. */
  select(body: unknown): readonly unknown[];
  /** Where in a JSON body the array of records lies; undefined when `select` is not a pointer. */
  readonly recordsPointer: string | undefined;
}
