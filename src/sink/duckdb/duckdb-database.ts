import {
  DuckDBDataChunk,
  DuckDBDecimalValue,
  DuckDBInstance,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  JsonDuckDBValueConverter,
  StatementType,
  BIGINT,
  BOOLEAN,
  DOUBLE,
  TIMESTAMP,
  VARCHAR,
  type DuckDBConnection,
  type DuckDBType,
  type DuckDBValue,
  type DuckDBValueConverter,
  type Json,
} from '@duckdb/node-api';
import type { StoredValue } from '../entity-encoder.ts';
import type { Column, EntityRow } from '../sink.ts';
import { integerJson } from '../stored-json.ts';

/**
 * All that sassy asks of DuckDB, as plain values. The one file that imports the library, which takes 100 ms to load:
 * import this file dynamically. Errors are DuckDB's own; `duckDbError` names them.
 */
export interface DuckDb {
  /** A connection: temporary tables and transactions are its own. */
  session(): Promise<DuckDbSession>;
  /** Writes what is left in the log into the file and frees its lock. Sessions are closed before. */
  close(): void;
}

export interface DuckDbSession {
  /** Runs one or more statements; gives the number of rows that the last one changed. */
  run(sql: string, values?: readonly string[]): Promise<number>;
  all(sql: string, values?: readonly string[]): Promise<DuckDbRows>;
  /** The result stays in DuckDB's memory; its rows come out in blocks. */
  blocks(sql: string): AsyncIterable<readonly EntityRow[]>;
  /** Fills a temporary table whose columns have these types, in order. */
  loader(table: string, types: readonly Column['type'][]): Promise<DuckDbLoader>;
  /** `SELECT`, `INSERT`, … of each statement in the text, without running any. */
  statementTypes(sql: string): Promise<readonly string[]>;
  /** Sets the memory that the whole database may take, as `memoryFor` spells it. */
  setMemory(setting: string): Promise<void>;
  /** Work for which that is measured out: of all sessions it is done one after the other. */
  alone<T>(work: () => Promise<T>): Promise<T>;
  close(): void;
}

export interface DuckDbRows {
  readonly columns: readonly string[];
  readonly rows: readonly EntityRow[];
}

export interface DuckDbLoader {
  append(rows: readonly (readonly StoredValue[])[]): void;
  /** The table has all rows after it. Once. */
  finish(): void;
  /** Forgets what is not in the table yet. An open loader would hold the file open. */
  discard(): void;
}

/** DuckDB moves rows in vectors of this size. https://duckdb.org/docs/stable/internals/vector */
const VECTOR_SIZE = 2048;

/**
 * DuckDB would take most of the machine's memory; above this it goes on in files beside the database. The order of rows is
 * said where it matters, so it need not be kept, which would cost memory too.
 */
const BOUNDED = { memory_limit: '160MB', preserve_insertion_order: 'false' };

/**
 * How much memory DuckDB may take while rows come in, of which the longest line is known: small rows need little, and a long
 * one is held several times over (16 times has been enough for rows of 60 MiB).
 */
export function memoryFor(longestBytes: number): string {
  return `SET memory_limit = '${64 + Math.ceil((16 * longestBytes) / 2 ** 20)}MiB'`;
}

/** What it may take for all else. */
export const USUAL_MEMORY = `SET memory_limit = '${BOUNDED.memory_limit}'`;

const NO_DOWNLOADS = { autoinstall_known_extensions: 'false', autoload_known_extensions: 'false' };

/**
 * Opens a database file, made when there is none, or `:memory:`. Through the library's cache: a second opening in the same process
 * shares the first or is refused, where two independent ones would write over each other (file locks do not hold
 * inside one process).
 */
export async function openDuckDb(file: string, options: { readonly readOnly: boolean }): Promise<DuckDb> {
  // A look at a database takes what its rows need, which may be long.
  const access = options.readOnly ? { access_mode: 'READ_ONLY', memory_limit: '1GB' } : {};
  const room = file === ':memory:' ? {} : { ...BOUNDED, temp_directory: `${file}.tmp` };
  const instance = await DuckDBInstance.fromCache(file, { ...NO_DOWNLOADS, ...room, ...access });
  const shared: Shared = { alone: oneAfterTheOther(), memory: undefined };
  return {
    session: async () => sessionOf(await instance.connect(), shared),
    close: () => instance.closeSync(),
  };
}

/** What the sessions of one database have in common. */
interface Shared {
  readonly alone: DuckDbSession['alone'];
  /** What it was told last. */
  memory: string | undefined;
}

function oneAfterTheOther(): DuckDbSession['alone'] {
  let last: Promise<unknown> = Promise.resolve();
  return async (work) => {
    const mine = last.then(work);
    last = mine.catch(() => undefined);
    return mine;
  };
}

function sessionOf(connection: DuckDBConnection, shared: Shared): DuckDbSession {
  return {
    run: async (sql, values = []) => (await connection.run(sql, [...values])).rowsChanged,
    async all(sql, values = []) {
      const reader = await connection.runAndReadAll(sql, [...values]);
      const columns = reader.deduplicatedColumnNames();
      return { columns, rows: plainRows(reader.getRows(), columns, reader.columnTypes()) };
    },
    async *blocks(sql) {
      // Not `connection.stream`: a stream that is left half read holds the file open until it is collected as garbage.
      const result = await connection.run(sql);
      const [columns, types] = [result.deduplicatedColumnNames(), result.columnTypes()];
      for await (const rows of result.yieldRows()) yield plainRows(rows, columns, types);
    },
    async loader(table, types) {
      const appender = await connection.createAppender(table, null, 'temp');
      const chunk = DuckDBDataChunk.create(types.map(duckDbType));
      return {
        append(rows) {
          for (let start = 0; start < rows.length; start += VECTOR_SIZE) {
            const block = rows.slice(start, start + VECTOR_SIZE);
            chunk.reset();
            chunk.rowCount = block.length;
            chunk.setRows(block.map((row) => row.map(duckDbValue)));
            appender.appendDataChunk(chunk);
          }
        },
        finish: () => appender.closeSync(),
        discard() {
          appender.clear();
          appender.closeSync();
        },
      };
    },
    async statementTypes(sql) {
      const statements = await connection.extractStatements(sql);
      const types: string[] = [];
      for (let index = 0; index < statements.count; index++) {
        const prepared = await statements.prepare(index);
        types.push(StatementType[prepared.statementType]);
        prepared.destroySync();
      }
      return types;
    },
    async setMemory(setting) {
      if (shared.memory === setting) return;
      await connection.run(setting);
      shared.memory = setting;
    },
    alone: shared.alone,
    close: () => connection.closeSync(),
  };
}

/** With the types of the result: those of the vectors inside do not tell JSON from text. */
function plainRows(
  rows: readonly (readonly DuckDBValue[])[],
  columns: readonly string[],
  types: readonly DuckDBType[],
): readonly EntityRow[] {
  const fields = columns.map((name, index) => ({ name, type: types[index] ?? VARCHAR }));
  return rows.map((row) =>
    Object.fromEntries(fields.map(({ name, type }, index) => [name, plainValue(row[index] ?? null, type, plainValue)])),
  );
}

/** JSON is text to the loader: the encoder made it. */
function duckDbType(type: Column['type']): DuckDBType {
  const types = {
    text: VARCHAR,
    json: VARCHAR,
    integer: BIGINT,
    number: DOUBLE,
    boolean: BOOLEAN,
    timestamp: TIMESTAMP,
  };
  return types[type];
}

function duckDbValue(value: StoredValue): DuckDBValue {
  return value instanceof Date ? new DuckDBTimestampValue(BigInt(value.getTime()) * 1000n) : value;
}

/**
 * A DuckDB value as JSON can hold it without rounding: integers and decimals are numbers where the number is exact and
 * text where it is not; times are ISO 8601 in UTC; JSON columns are parsed; NaN and Infinity are text.
 */
const plainValue: DuckDBValueConverter<Json> = (value, type, converter) => {
  if (typeof value === 'bigint') return integerJson(value);
  if (typeof value === 'string') return type.alias === 'JSON' ? parseJson(value) : value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (value instanceof DuckDBDecimalValue) return decimalJson(value.toString());
  if (value instanceof DuckDBTimestampValue || value instanceof DuckDBTimestampTZValue) return isoTime(value);
  return JsonDuckDBValueConverter(value, type, converter);
};

/** Integers that a number would round are given as text: the reviver sees their own digits. */
function parseJson(text: string): Json {
  if (!/\d{16}/.test(text)) return plainJson(text);
  return plainJson(text, (_key, value, context) =>
    typeof value === 'number' && /^-?\d+$/.test(context?.source ?? '')
      ? integerJson(BigInt(context?.source ?? 0))
      : value,
  );
}

function plainJson(
  text: string,
  reviver?: (key: string, value: unknown, context?: { source?: string }) => unknown,
): Json {
  const parsed: Json = JSON.parse(text, reviver);
  return parsed;
}

function decimalJson(text: string): number | string {
  const shortest = text.includes('.') ? text.replace(/\.?0+$/, '') : text;
  return String(Number(text)) === shortest ? Number(text) : text;
}

function isoTime(value: DuckDBTimestampValue | DuckDBTimestampTZValue): string {
  const beyondMs = ((value.micros % 1000n) + 1000n) % 1000n;
  const date = new Date(Number((value.micros - beyondMs) / 1000n));
  // DuckDB's infinity lies outside of what a Date can hold.
  if (Number.isNaN(date.getTime())) return value.toString();
  return beyondMs === 0n
    ? date.toISOString()
    : date.toISOString().replace('Z', `${String(beyondMs).padStart(3, '0')}Z`);
}
