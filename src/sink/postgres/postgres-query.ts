import { codeOf } from '../../errors/error-code.ts';
import { isSassyError, SassyError } from '../../errors/sassy-error.ts';
import { type Generation, hasCatalog, readGenerations } from './postgres-catalog.ts';
import type { PostgresSession } from './postgres-client.ts';
import { postgresErrors } from './postgres-errors.ts';
import type { PostgresPlace } from './postgres-place.ts';
import { literal, quoted, shown } from './postgres-sql.ts';
import { plainValue } from './postgres-values.ts';
import { commonColumns, unionSql } from './postgres-view.ts';
import type { Query, QueryResult } from '../query.ts';
import type { EntityRow } from '../sink.ts';

export interface PostgresQueryOptions {
  readonly place: PostgresPlace;
  /** The variable that holds the URL, for messages. */
  readonly variable: string;
  /** Says which connections are looked at: `snyk`, `snyk/acme`. */
  readonly wants: (connection: string) => boolean;
}

interface Place {
  readonly own: string;
  readonly shown: string;
  /** `snyk/acme` */
  readonly connection: string;
  readonly present: readonly Generation[];
}

/**
 * SQL over the entities of several connections of one server, in a read-only transaction. Each table is there by its bare name: as it
 * is where one connection has it; as the rows of all, with a first column `integration`, where several have it. Each
 * connection's own tables are `<schema>.<table>`; all else that the role may read is there too.
 *
 * @throws SassyError NOTHING_THERE; SINK_UNAVAILABLE, SINK_DENIED, CONFIG_INVALID
 */
export async function openPostgresQuery({ place, variable, wants }: PostgresQueryOptions): Promise<Query> {
  const database = `${place.database} on ${place.host}:${place.port}`;
  const failure = postgresErrors({ database, role: place.user, variable, shown: '…', own: 'sassy_…' });
  const { openPostgres } = await import('./postgres-client.ts');
  let session: PostgresSession | undefined;
  try {
    session = await openPostgres(place);
    const all = await placesOf(session);
    const places = all.filter(({ connection }) => wants(connection));
    if (places.length === 0) throw nothingThere(database, all);
    await unite(session, places);
    const path = [...places.map((one) => quoted(one.shown)), 'public'].join(', ');
    // Once something was read in it, a transaction cannot be made one that writes.
    await session.run(`SET search_path = ${path}; BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SELECT 1`);
    const tables = [...new Set(places.flatMap(({ present }) => present.map(({ table }) => table)))].sort();
    const open = session;
    return { run: (sql) => run(open, sql, tables, failure), close: () => open.close() };
  } catch (error) {
    await session?.close().catch(() => undefined);
    throw failure(error);
  }
}

/** Every connection that has entities here and that this role may read. */
async function placesOf(session: PostgresSession): Promise<readonly Place[]> {
  const { rows } = await session.all(
    `SELECT n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relname = 'meta' AND starts_with(n.nspname, 'sassy_') AND has_table_privilege(c.oid, 'SELECT')
       AND has_schema_privilege(n.oid, 'USAGE') ORDER BY n.nspname COLLATE "C"`,
  );
  const places: Place[] = [];
  for (const [own] of rows) {
    if (own === null || own === undefined) continue;
    const meta = await session.all(`SELECT connection, views FROM ${quoted(own)}.meta`);
    const [connection = '', views = ''] = meta.rows[0] ?? [];
    if (connection === null || views === null) continue;
    const schemas = { own, shown: views, owner: connection };
    await hasCatalog(session, schemas);
    const present = (await readGenerations(session, schemas)).filter((one) => one.present);
    places.push({ own, shown: views, connection, present });
  }
  return places;
}

/** A temporary view over the rows of all connections, for each table that several have. */
async function unite(session: PostgresSession, places: readonly Place[]): Promise<void> {
  const tables = places.flatMap((place) =>
    [...new Set(place.present.map(({ table }) => table))].map((table) => ({ table, place })),
  );
  for (const [table, same] of Map.groupBy(tables, (one) => one.table)) {
    if (same.length < 2) continue;
    const parts = same.map(({ place }) => ({ place, generations: place.present.filter((one) => one.table === table) }));
    const columns = commonColumns(parts.flatMap(({ generations }) => generations));
    const label = quoted(columns.some(({ name }) => name === 'integration') ? '_integration' : 'integration');
    const selects = parts.map(
      ({ place, generations }) =>
        `SELECT ${literal(place.connection)}::text AS ${label}, rows.* FROM (${unionSql(place.own, generations, columns)}) AS rows`,
    );
    await session.run(`CREATE TEMP VIEW ${shown(table)} AS ${selects.join(' UNION ALL ')}`);
  }
}

/** Statements that read. `COPY` could write a file on the server, `DO` and `CALL` whatever they like. */
const READS = /^(?:\s|\(|--[^\n]*\n|\/\*[^]*?\*\/)*(select|with|values|table|show|explain)\b/i;

async function run(
  session: PostgresSession,
  sql: string,
  tables: readonly string[],
  failure: (error: unknown) => SassyError,
): Promise<QueryResult> {
  if (sql.trim() === '') throw refusal('there is no SQL to run');
  if (/^\s*show\s+tables\s*;?\s*$/i.test(sql)) return { columns: ['name'], rows: tables.map((name) => ({ name })) };
  if (!READS.test(sql)) throw refusal('queries only read: this statement is not allowed');
  try {
    const answer = await session.allOfOne(sql);
    const taken = new Map<string, number>();
    const columns = answer.columns.map(({ name }) => {
      const times = taken.get(name) ?? 0;
      taken.set(name, times + 1);
      return times === 0 ? name : `${name}:${times}`;
    });
    const rows = answer.rows.map((row): EntityRow =>
      Object.fromEntries(
        columns.map((name, index) => [name, plainValue(row[index] ?? null, answer.columns[index]?.type ?? 0)]),
      ),
    );
    return { columns, rows };
  } catch (error) {
    throw queryError(error, tables, failure);
  }
}

function refusal(message: string): SassyError {
  return new SassyError('QUERY_FAILED', { message, fix: 'give one SELECT statement' });
}

/** What is wrong with the statement, by the class of the server's error; all else is the server's trouble. */
function queryError(error: unknown, tables: readonly string[], failure: (error: unknown) => SassyError): SassyError {
  const code = codeOf(error) ?? '';
  if (isSassyError(error) || !(error instanceof Error) || !/^(0A|21|22|25|42|54)/.test(code)) return failure(error);
  if (code === '25006') return refusal(`queries only read: ${error.message}`);
  if (error.message.includes('multiple commands')) return refusal('one statement at a time can be run');
  const there = tables.length === 0 ? 'there are no tables yet' : `the tables there are: ${tables.join(', ')}`;
  return new SassyError('QUERY_FAILED', {
    message: error.message,
    ...(code === '42P01' ? { why: there } : {}),
    cause: error,
  });
}

function nothingThere(database: string, all: readonly Place[]): SassyError {
  const there = all.map(({ connection }) => connection);
  return new SassyError('NOTHING_THERE', {
    message: `there are no entities of these connections in ${database}`,
    ...(there.length === 0 ? {} : { why: `there are some for: ${there.join(', ')}` }),
    fix: there.length === 0 ? 'sassy run <integration> parse' : `sassy query … --connection ${there[0] ?? ''}`,
  });
}
