import type { z } from 'zod';
import type { BodyFormat } from './body-format.ts';
import type { Limit } from './limit.ts';
import type { HttpClient } from './http.ts';
import type { KnownPage, Page, PageOrigin, PageToken } from './page.ts';
import type { Retention } from './retention.ts';
import type { Slice } from './slice.ts';
import type { SliceSource, WindowDefinition } from './slice-source.ts';

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
  /** The past of each slice is read in these spans of time. */
  readonly windows?: WindowDefinition;
  /** The request asks for `until` as well: the past can be loaded in chunks of this length. */
  readonly historyMs?: number;
  /** A record never changes once it is there: its key alone tells whether it is stored. */
  readonly immutable?: boolean;
  /** Incremental streams: listed in full after so many runs, or so much time since the last listing began. */
  readonly fullEvery?: { readonly runs: number } | { readonly ms: number };
  readonly source: PageSource;
  /** The vendor's own JSON Schema of a record: checked before `record`. */
  readonly jsonSchema?: object;
  /** How many of its records may go to quarantine before a parse stops. Default: the integration's, else 1 % and at most 100. */
  readonly failureBudget?: Limit;
  readonly expect?: StreamExpectation;
  /** What `retain` may remove. Default: nothing. */
  readonly retention?: Retention;
  /** Ask only whether a page changed, where the last listing got an ETag or a date with it. */
  readonly conditional?: boolean;
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
  /** Where to look in a record that has no time there, in this order. */
  readonly fallbacks?: readonly string[];
  /** How far below the highest cursor the next pass starts again, because servers commit rows late. */
  readonly lookBackMs: number;
  /** The API's filter knows no finer times: a pass begins at a multiple of this, in UTC. */
  readonly precisionMs?: number;
  /**
   * The API promises this order within a slice. Each record must then prove it, and the cursor moves page by page: a pass
   * that is never finished still leaves what it has read behind it.
   */
  readonly sorted?: 'asc';
}

/** What a source is told about the slice to read. */
export interface ReadContext<Config = unknown> {
  readonly config: Config;
  readonly slice: Slice;
  /** Incremental streams: ask for records at or after this time (ISO 8601, UTC). Undefined on the first pass. */
  readonly since: string | undefined;
  /** Ask for records before this time alone (ISO 8601, UTC). Undefined: up to now. Only where windows or history are declared. */
  readonly until?: string | undefined;
  /** The page to begin with; undefined for the first one. */
  readonly from: PageToken | undefined;
  readonly http: HttpClient;
  readonly signal: AbortSignal;
  /** There for streams with `conditional: true`: the page that the last complete listing got for this request. */
  readonly known?: (request: PageOrigin) => Promise<KnownPage | undefined>;
}

/** What is known of a page besides its body, when it comes and whenever it is read back: for records that lack their parent. */
export interface RecordPlace {
  readonly slice: Slice;
  readonly request: PageOrigin;
}

/** Reads the pages of one slice, in order, each when it is asked for. A method, so that a source of a typed config fits. */
export interface PageSource<Config = unknown> {
  read(context: ReadContext<Config>): AsyncIterable<Page>;
  /** How stored bodies are read back. Default: JSON; a body of any other type is then handed to `select` as it is. */
  readonly format?: BodyFormat;
  /** The records of a stored body, by the same rule that `read` uses: what parse and restream see. */
  select(body: unknown, place: RecordPlace): readonly unknown[];
  /** Where in a JSON body the array of records lies; undefined when `select` is not a pointer. */
  readonly recordsPointer: string | undefined;
  /** True: `select` gives the very array that lies at `recordsPointer`, and changes nothing of it. */
  readonly selectsAsIs?: boolean;
}
