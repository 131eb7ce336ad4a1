import { rm, writeFile } from 'node:fs/promises';
import { type DuckDbSession, memoryFor, USUAL_MEMORY } from './duckdb-database.ts';
import { KEY, literal, quoted } from './duckdb-sql.ts';
import type { Column, EntityLines, LineForm } from '../sink.ts';
import { releaseBytes } from '../../util/release.ts';
import { largestLine } from '../entity-lines.ts';

/** Ends the name of a file in which rows are on their way into the database. */
export const ROWS = '.rows';
/** Rows are loaded when so much has come together. */
const LOAD_BYTES = 8 * 2 ** 20;
/** DuckDB takes two buffers of this size for each of its threads; a longer line needs more. */
const USUAL_LINE = 2 ** 20;

/** Lines that DuckDB reads into a table. A JSON column has two fields, of which one is there: the value, or its text. */
export function loadForm(columns: readonly Column[]): LineForm {
  return {
    fields: columns.map((column) => ({
      name: column.name,
      column,
      ...(column.type === 'json' ? { text: textField(column) } : {}),
    })),
    key: KEY,
    values: 'loadable',
  };
}

function textField({ name }: Column): string {
  return `${KEY}_text_${name}`;
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
  /** What gives DuckDB the memory that it needs for all that comes after: rows that were long to load are long to move. */
  memoryAfter(): string;
}

/** `file`: how the names of the files begin that are written for each load, and removed. */
export function lineLoader(
  session: DuckDbSession,
  {
    table,
    columns,
    file: path,
  }: { readonly table: string; readonly columns: readonly Column[]; readonly file: string },
): LineLoader {
  let waiting: Uint8Array[] = [];
  let bytes = 0;
  let longest = USUAL_LINE;
  /** The longest line so far that is not usual. */
  let room = 0;
  let loads = 0;
  /** The load that was begun last, and the one before it. */
  let last: Promise<unknown> = Promise.resolve();
  let before = last;

  const load = async (chunks: readonly Uint8Array[], line: number, after: Promise<unknown>): Promise<void> => {
    const file = `${path}-${(loads += 1)}${ROWS}`;
    try {
      await writeFile(file, chunks, { mode: 0o600 });
      chunks.forEach(releaseBytes);
      // A file may be there sooner than the one before it; of a key that comes twice the later row holds.
      await after;
      await session.alone(async () => {
        room = Math.max(room, line);
        await session.setMemory(memoryFor(room > USUAL_LINE ? room : 0));
        await session.run(loadSql(table, columns, file, line));
      });
    } finally {
      await rm(file, { force: true });
    }
  };
  const start = async (): Promise<void> => {
    if (bytes === 0) return;
    // One is loaded while the next is written to its file. Errors are thrown when more rows come, or at the end.
    await before;
    const made = load(waiting, longest, last);
    made.catch(() => undefined);
    before = last;
    last = made;
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
      await before;
      await last;
    },
    async discard() {
      waiting = [];
      bytes = 0;
      await Promise.allSettled([before, last]);
    },
    memoryAfter: () => (room > USUAL_LINE ? memoryFor(room) : USUAL_MEMORY),
  };
}

function loadSql(table: string, columns: readonly Column[], file: string, longest: number): string {
  const fields = columns.flatMap((column) => {
    const field = `${quoted(column.name)}: ${literal(TYPES[column.type])}`;
    return column.type === 'json' ? [field, `${quoted(textField(column))}: 'VARCHAR'`] : [field];
  });
  const values = columns.map((column) => {
    const value = quoted(column.name);
    if (column.type === 'timestamp') return `make_timestamp(${value})`;
    return column.type === 'json' ? `coalesce(${value}::VARCHAR, ${quoted(textField(column))})` : value;
  });
  return `INSERT INTO ${table} SELECT ${[quoted(KEY), ...values].join(', ')}
    FROM read_json(${literal(file)}, format = 'newline_delimited', compression = 'uncompressed',
      maximum_object_size = ${longest + 1}, columns = {${quoted(KEY)}: 'VARCHAR', ${fields.join(', ')}})`;
}

/** A time comes in microseconds. */
const TYPES = {
  text: 'VARCHAR',
  integer: 'BIGINT',
  number: 'DOUBLE',
  boolean: 'BOOLEAN',
  timestamp: 'BIGINT',
  json: 'JSON',
};
