import type { EntityInfo } from '../model/entity.ts';

/**
 * Where entities go. A sink keeps, for each parser, its generations and the position (the commit of each input
 * stream up to which it has seen), and changes both in one step. A repeat of the same batch changes nothing.
 */
export interface Sink {
  readonly name: string;
  /** What a crash can leave behind, in words for `docs` and `--help`. */
  readonly promise: 'effectively-once' | 'at-least-once';
  /** The present generation of a parser; undefined before its first commit. */
  position(parser: string): Promise<ParserPosition | undefined>;
  /**
   * Opens a batch. `append` upserts into the present generation (making generation 1 when there is none);
   * `replace` fills a new generation beside the present one and switches to it on commit; `amend` does so too, and the
   * new generation begins as a copy of the present one.
   */
  begin(target: BatchTarget, mode: BatchMode): Promise<Batch>;
  /**
   * Switches back to the former generation, in one step; the one that was present becomes the former one, so a second
   * call undoes the first. Gives the position of the generation that is present now.
   * @throws SassyError NOTHING_THERE when the parser has no former generation
   */
  rollback(parser: string): Promise<ParserPosition>;
  /**
   * The entities of the present generation, in key order, as JSON can hold them: times are ISO 8601 with Z, integers
   * beyond 2^53 are text of digits, JSON columns are parsed, a field without a value is null (and left out where the column
   * is `onlyWhenSet`). Nothing for an unknown table.
   */
  read(table: string, limit?: number): AsyncIterable<EntityRow>;
  /**
   * How many entities have a value in `field` that is no key of the target's; all that have a value when there is no
   * target. For sinks that can tell without reading everything.
   */
  orphans?(
    table: string,
    field: string,
    target: { readonly table: string; readonly key: string } | undefined,
  ): Promise<number>;
  /** The tables that have a present generation. */
  tables(): Promise<readonly string[]>;
  close(): Promise<void>;
}

export type BatchMode = 'append' | 'replace' | 'amend';

export type EntityRow = Readonly<Record<string, unknown>>;

/** What a column holds: by its type text, 64-bit integer, number, boolean, time, or JSON text; null for nothing. */
export type StoredValue = string | number | bigint | boolean | Date | null;

/** An entity as `entityEncoder` makes it of a row: plain values that another thread can hand over. */
export interface StoredEntity {
  /** See `keyText`. */
  readonly key: string;
  /** In the order of the target's columns. */
  readonly values: readonly StoredValue[];
}

export interface BatchTarget {
  readonly parser: string;
  readonly entity: EntityInfo;
  /** Column name → type, in the order of the entity's fields. */
  readonly columns: readonly Column[];
}

export interface Column {
  readonly name: string;
  readonly type: 'text' | 'integer' | 'number' | 'boolean' | 'timestamp' | 'json';
  /** Not a field of the entity but one of ours: `read` leaves it out while it is null. */
  readonly onlyWhenSet?: boolean | undefined;
}

/**
 * When a complete listing no longer showed the entity; null while it is shown. The column of this name that is
 * `onlyWhenSet` is what sinks count `archived` by.
 */
export const ARCHIVED_AT: Column = { name: 'archivedAt', type: 'timestamp', onlyWhenSet: true };

export interface ParserPosition {
  readonly generation: number;
  /** Stream name → number of the last commit seen. */
  readonly commits: Readonly<Record<string, number>>;
  /** Hash of the integration's code that made this generation. */
  readonly codeHash: string;
}

export interface Batch {
  readonly generation: number;
  /** Rows validated by the entity's schema. Within a batch the last row of a key wins. */
  write(rows: readonly EntityRow[]): Promise<void>;
  /** The same for rows that were encoded by `entityEncoder` already, for sinks that encode that way. */
  writeEncoded?(entities: readonly StoredEntity[]): Promise<void>;
  /** For sinks whose rows may be made into lines of JSON elsewhere, in this form: the quickest way in. Before `compare`. */
  readonly lines?: LinesIn;
  /**
   * Keys that came more than once with different values, of which only the last was kept: most often a parser that makes one
   * entity of several records by mistake. After the last `write`; for sinks that can tell.
   */
  repeated?(examples: number): Promise<RepeatedKeys>;
  /**
   * What `commit` would change. May be called once, after the last `write`. At most `examples` examples, of changed,
   * gone and added entities in turn, each kind in key order.
   */
  compare(examples: number): Promise<BatchDiff>;
  /**
   * Makes the rows and the position visible together. `approve` is told what would change, before anything does; when it
   * throws, the sink stays as it was and the batch is over.
   */
  commit(position: Omit<ParserPosition, 'generation'>, approve?: Approve): Promise<EntityCounts>;
  /** Leaves the sink as it was. Nothing happens after `commit` or a second time. */
  abort(): Promise<void>;
}

/** How a batch wants its rows as lines of JSON. Plain data: another thread may make them. */
export interface LineForm {
  /** What the fields of a line are called, and the column that each holds, in order. Columns that the target lacks are left out. */
  readonly fields: readonly LineField[];
  /** The name of a field that holds the text of the key; undefined for none. */
  readonly key?: string;
  /** `plain`: as `read` gives them. `loadable`: times are microseconds since 1970, JSON columns texts but for lists of plain texts. */
  readonly values: 'plain' | 'loadable';
  /** The sink wants the hash of each line. Default: it does not. */
  readonly hashed?: boolean;
}

export interface LineField {
  readonly name: string;
  /** The name of the field where a JSON column does not come as the value itself but as its text. */
  readonly text?: string;
  readonly column: Column;
}

/** Rows as lines of JSON, null fields left out. In arrays of numbers alone, so that threads hand them over without a copy. */
export interface EntityLines {
  /** Line feeds included. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Where each line ends in `bytes`. */
  readonly ends: Uint32Array<ArrayBuffer>;
  /** Of the key of each line, PRINT_WORDS words. */
  readonly keys: Uint32Array<ArrayBuffer>;
  /** Of the line itself, HASH_WORDS words, of which the first is never 0; empty where the form does not ask for it. */
  readonly hashes: Uint32Array<ArrayBuffer>;
  /** 1 for each line that is archived; undefined where none can be. */
  readonly archived: Uint8Array<ArrayBuffer> | undefined;
}

export interface LinesIn {
  readonly form: LineForm;
  /** The same as `write`. */
  write(lines: EntityLines): Promise<void>;
}

export interface RepeatedKeys {
  readonly count: number;
  /** The first of them, in key order. */
  readonly examples: readonly string[];
}

export interface EntityCounts {
  /** New and not archived. */
  readonly added: number;
  /** Among them those that came back to life. */
  readonly changed: number;
  readonly unchanged: number;
  /** Entities that this batch archives: they were not archived before, or not there. */
  readonly archived: number;
}

/** `liveBefore`: the entities of the present generation that are not archived. */
export type Approve = (counts: EntityCounts, liveBefore: number) => void;

/** The new rows against the present generation. */
export interface BatchDiff {
  readonly added: number;
  /** In the present generation and not in the new one; always 0 for `append`. */
  readonly gone: number;
  readonly changed: number;
  readonly unchanged: number;
  /** Field → how many entities changed in it. */
  readonly fields: Readonly<Record<string, number>>;
  readonly examples: readonly DiffExample[];
}

export interface DiffExample {
  readonly kind: 'added' | 'gone' | 'changed';
  readonly key: string;
  /** Changed fields only. */
  readonly fields: Readonly<Record<string, { readonly before: unknown; readonly after: unknown }>>;
}
