import { isSassyError, SassyError } from '../errors/sassy-error.ts';
import type { DuckDbSession } from './duckdb/duckdb-database.ts';
import { duckDbError } from './duckdb/duckdb-errors.ts';
import { literal, quoted } from './duckdb/duckdb-sql.ts';
import type { EntityRow } from './sink.ts';

export interface QueryFile {
  /** The name of the integration: `select * from snyk.findings`. */
  readonly integration: string;
  /** A file of `openDuckDbSink`. */
  readonly file: string;
}

export interface Query {
  /** Runs one SELECT, EXPLAIN, DESCRIBE, SHOW or SUMMARIZE. @throws SassyError QUERY_FAILED */
  run(sql: string): Promise<QueryResult>;
  close(): Promise<void>;
}

/**
 * Values are what JSON can hold: integers and decimals are numbers where that is exact, else text; times are ISO 8601 in
 * UTC; JSON columns are parsed; NaN and Infinity are text. Two columns of one name: the second gets `:1`.
 */
export interface QueryResult {
  readonly columns: readonly string[];
  readonly rows: readonly EntityRow[];
}

/** Names that DuckDB keeps for itself. */
const RESERVED = ['memory', 'main', 'temp', 'system'];

interface Table {
  readonly database: string;
  readonly integration: string;
  readonly name: string;
}

/**
 * SQL over the entities of several connections, read-only. Each table is there by its bare name: as it is where one
 * file has it; as the rows of all files, with a first column `integration`, where several have it (`_integration` if
 * the entity has such a field itself). Each file's own tables are `<integration>.<table>`; a second file of the same
 * integration is `<integration>_2`.
 *
 * What is given to `run` can neither write a file nor read one other than these: only statements that read are
 * let through, and DuckDB's access to the file system is shut off for good.
 *
 * @throws SassyError LOCK_HELD while another process writes to one of the files; NOTHING_THERE; STORE_CORRUPT
 */
export async function openQuery(files: readonly QueryFile[]): Promise<Query> {
  const { openDuckDb } = await import('./duckdb/duckdb-database.ts');
  const database = await openDuckDb(':memory:', { readOnly: false });
  const session = await database.session();
  const close = async (): Promise<void> => {
    session.close();
    database.close();
  };
  try {
    const tables = await attach(session, files);
    await shutOff(session, files);
    const known = [...new Set(tables.map((table) => table.name))].sort();
    return { run: (sql) => run(session, sql, known), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function attach(session: DuckDbSession, files: readonly QueryFile[]): Promise<readonly Table[]> {
  const tables: Table[] = [];
  const taken = new Set(RESERVED);
  for (const { integration, file } of files) {
    const database = freeName(integration, taken);
    try {
      await session.run(`ATTACH ${literal(file)} AS ${quoted(database)} (READ_ONLY)`);
    } catch (error) {
      throw duckDbError(error, file);
    }
    const { rows } = await session.all(
      `SELECT view_name FROM duckdb_views() WHERE database_name = ? AND schema_name = 'main' AND NOT internal`,
      [database],
    );
    tables.push(...rows.map((row) => ({ database, integration, name: String(row['view_name']) })));
  }
  for (const [, same] of Map.groupBy(tables, (table) => table.name.toLowerCase())) await createView(session, same);
  return tables;
}

function freeName(integration: string, taken: Set<string>): string {
  for (let number = 1; ; number++) {
    const name = number === 1 ? integration : `${integration}_${number}`;
    if (taken.has(name.toLowerCase())) continue;
    taken.add(name.toLowerCase());
    return name;
  }
}

async function createView(session: DuckDbSession, tables: readonly Table[]): Promise<void> {
  const [first] = tables;
  if (first === undefined) return;
  const label = tables.length === 1 ? undefined : await labelColumn(session, first.name);
  const parts = tables.map(({ database, integration, name }) => {
    const from = `FROM ${quoted(database)}.main.${quoted(name)}`;
    return label === undefined ? `SELECT * ${from}` : `SELECT ${literal(integration)} AS ${label}, * ${from}`;
  });
  await session.run(`CREATE VIEW ${quoted(first.name)} AS ${parts.join(' UNION ALL BY NAME ')}`);
}

async function labelColumn(session: DuckDbSession, table: string): Promise<string> {
  const { rows } = await session.all(
    `SELECT 1 AS one FROM duckdb_columns() WHERE lower(table_name) = lower(?) AND lower(column_name) = 'integration'`,
    [table],
  );
  return rows.length === 0 ? 'integration' : '_integration';
}

/**
 * DuckDB still lets attached files be opened again, for writing too, when external access is off: so `run` looks at
 * the kind of statement as well. https://duckdb.org/docs/stable/operations_manual/securing_duckdb/overview
 */
async function shutOff(session: DuckDbSession, files: readonly QueryFile[]): Promise<void> {
  const [first] = files;
  // Large sorts spill there; by default it would be a folder in the current directory.
  if (first !== undefined) await session.run(`SET temp_directory = ${literal(`${first.file}.tmp`)}`);
  await session.run(
    `SET allow_community_extensions = false; SET enable_external_access = false; SET lock_configuration = true`,
  );
}

async function run(session: DuckDbSession, sql: string, tables: readonly string[]): Promise<QueryResult> {
  try {
    await refuseWrites(session, sql);
    return await session.all(sql);
  } catch (error) {
    throw queryError(error, tables);
  }
}

async function refuseWrites(session: DuckDbSession, sql: string): Promise<void> {
  if (sql.trim() === '') throw refusal('there is no SQL to run');
  const types = await session.statementTypes(sql);
  const [type] = types;
  if (types.length !== 1 || type === undefined) throw refusal('one statement at a time can be run');
  if (type === 'SELECT') return;
  // EXPLAIN ANALYZE runs what it explains, whatever that is.
  const explained = type === 'EXPLAIN' ? /^\s*explain\b(?:\s+analyze\b)?/i.exec(sql)?.[0] : undefined;
  if (explained !== undefined && (await session.statementTypes(sql.slice(explained.length))).join() === 'SELECT')
    return;
  throw refusal(`queries only read: ${type} is not allowed`);
}

function refusal(message: string): SassyError {
  return new SassyError('QUERY_FAILED', { message, fix: 'give one SELECT statement' });
}

function queryError(error: unknown, tables: readonly string[]): SassyError {
  if (isSassyError(error)) return error;
  const text = (error instanceof Error ? error.message : String(error)).replace(/^Failed to \w+ statements: /, '');
  if (/__pivot_enum/.test(text)) {
    return new SassyError('QUERY_FAILED', {
      message: 'PIVOT needs the values that become columns',
      fix: `name them: PIVOT … ON severity IN ('high', 'low')`,
      cause: error,
    });
  }
  const unknownTable = text.startsWith('Catalog Error: Table with name');
  const there = tables.length === 0 ? 'there are no tables yet' : `the tables there are: ${tables.join(', ')}`;
  return new SassyError('QUERY_FAILED', { message: text, ...(unknownTable ? { why: there } : {}), cause: error });
}
