import { rm, writeFile } from 'node:fs/promises';
import type { DuckDbSession } from './duckdb-database.ts';
import { literal, quoted } from './duckdb-sql.ts';
import type { Column, EntityLines, LineForm } from '../sink.ts';
import { largestLine } from '../entity-lines.ts';

/** Rows are loaded when so much has come together. */
const LOAD_BYTES = 8 * 2 ** 20;
/** DuckDB takes two buffers of this size for each of its threads; a longer line needs more. */
const USUAL_LINE = 2 ** 20;

const KEY_FIELD = 'k';

/** Lines that DuckDB reads into a table: fields by number, because DuckDB does not tell `userId` from `userid`. */
export function loadForm(columns: readonly Column[]): LineForm {
  return {
    fields: columns.map((column, index) => ({ name: fieldOf(index), column })),
    key: KEY_FIELD,
    values: 'loadable',
  };
}

/**
 * Fills a table from lines by way of a file that DuckDB reads in its own threads: while it does, rows are made for the next
 * one. In a quarter of the time that handing over each value takes.
 */
export interface LineLoader {
  add(lines: EntityLines): Promise<void>;
  /** The table has all rows after it. */
  finish(): Promise<void>;
  /** Leaves nothing behind but what is in the table. */
  discard(): Promise<void>;
}

/** `file`: written anew and removed for each load. */
export function lineLoader(
  session: DuckDbSession,
  { table, columns, file }: { readonly table: string; readonly columns: readonly Column[]; readonly file: string },
): LineLoader {
  let waiting: Uint8Array[] = [];
  let bytes = 0;
  let longest = USUAL_LINE;
  let loading: Promise<unknown> = Promise.resolve();

  const load = async (chunks: readonly Uint8Array[], line: number): Promise<void> => {
    try {
      await writeFile(file, chunks, { mode: 0o600 });
      await session.run(loadSql(table, columns, file, line));
    } finally {
      await rm(file, { force: true });
    }
  };
  const start = async (): Promise<void> => {
    await loading;
    if (bytes === 0) return;
    loading = load(waiting, longest);
    // Its error is thrown when the next rows come, or at the end.
    loading.catch(() => undefined);
    waiting = [];
    bytes = 0;
    longest = USUAL_LINE;
  };
  return {
    async add(lines) {
      waiting.push(lines.bytes);
      bytes += lines.bytes.length;
      longest = Math.max(longest, largestLine(lines));
      if (bytes >= LOAD_BYTES) await start();
    },
    async finish() {
      await start();
      await loading;
    },
    async discard() {
      waiting = [];
      bytes = 0;
      await loading.catch(() => undefined);
    },
  };
}

function loadSql(table: string, columns: readonly Column[], file: string, longest: number): string {
  const types = columns.map(({ type }, index) => `${quoted(fieldOf(index))}: ${literal(TYPES[type])}`);
  const values = columns.map(({ type }, index) =>
    type === 'timestamp' ? `make_timestamp(${quoted(fieldOf(index))})` : quoted(fieldOf(index)),
  );
  return `INSERT INTO ${table} SELECT ${[quoted(KEY_FIELD), ...values].join(', ')}
    FROM read_json(${literal(file)}, format = 'newline_delimited', compression = 'uncompressed', maximum_object_size = ${longest + 1},
      columns = {${quoted(KEY_FIELD)}: 'VARCHAR', ${types.join(', ')}})`;
}

function fieldOf(index: number): string {
  return `c${index}`;
}

/** A JSON column comes as a text, so that its spelling stays as it is; a time in microseconds. */
const TYPES = {
  text: 'VARCHAR',
  integer: 'BIGINT',
  number: 'DOUBLE',
  boolean: 'BOOLEAN',
  timestamp: 'BIGINT',
  json: 'VARCHAR',
};
