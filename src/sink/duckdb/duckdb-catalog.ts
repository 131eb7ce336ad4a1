import { z } from 'zod';
import { SassyError } from '../../errors/sassy-error.ts';
import type { DuckDbSession } from './duckdb-database.ts';
import { names, quoted, SCHEMA } from './duckdb-sql.ts';
import { noFormerGeneration, StoredColumns, type GenerationShape } from '../generation-shape.ts';
import type { Column, ParserPosition } from '../sink.ts';

/** The format of the sink's own tables. A newer one is refused, never guessed at. */
const FORMAT = 1;

/** A generation of a parser, as the table `sassy.generations` has it. */
export interface Generation extends GenerationShape {
  readonly parser: string;
  readonly entity: string;
  /** The name, in the schema `sassy`, of the table that holds its rows. */
  readonly physical: string;
  /** What the view shows: the entity's columns as of the last commit. */
  readonly columns: readonly Column[];
  readonly position: ParserPosition;
  /** The one that the view shows. One former generation is kept beside it. */
  readonly present: boolean;
}

const Row = z.object({
  parser: z.string(),
  generation: z.number(),
  entity: z.string(),
  table: z.string(),
  physical: z.string(),
  key: z.string(),
  columns: z.string(),
  stored: z.string(),
  commits: z.string(),
  codeHash: z.string(),
  present: z.boolean(),
});

const Key = z.array(z.string());
const Commits = z.record(z.string(), z.number());
const FormatRow = z.object({ format: z.number() });

/** Makes the sink's own tables where there are none. */
export async function prepareCatalog(session: DuckDbSession): Promise<void> {
  await session.run(`BEGIN;
    CREATE SCHEMA IF NOT EXISTS ${SCHEMA};
    CREATE TABLE IF NOT EXISTS ${SCHEMA}.meta AS SELECT ${FORMAT} AS format;
    CREATE TABLE IF NOT EXISTS ${SCHEMA}.generations (parser VARCHAR, generation INTEGER, entity VARCHAR, "table" VARCHAR,
      physical VARCHAR, key VARCHAR, columns VARCHAR, stored VARCHAR, commits VARCHAR, "codeHash" VARCHAR, present BOOLEAN);
    COMMIT`);
}

/** True when the file has the sink's tables. @throws SassyError STORE_VERSION when another format wrote them */
export async function hasCatalog(session: DuckDbSession): Promise<boolean> {
  const found = await session.all(
    `SELECT 1 AS one FROM duckdb_tables() WHERE schema_name = '${SCHEMA}' AND table_name = 'meta'`,
  );
  if (found.rows.length === 0) return false;
  const [meta] = (await session.all(`SELECT format FROM ${SCHEMA}.meta`)).rows;
  const { format } = FormatRow.parse(meta);
  if (format === FORMAT) return true;
  throw new SassyError('STORE_VERSION', { message: `the sink has format ${format}, this sassy knows ${FORMAT}` });
}

/** All generations, those of one parser in order. */
export async function readGenerations(session: DuckDbSession): Promise<readonly Generation[]> {
  const { rows } = await session.all(`SELECT * FROM ${SCHEMA}.generations ORDER BY parser, generation`);
  return rows.map((row) => {
    const { key, columns, stored, commits, codeHash, ...rest } = Row.parse(row);
    return {
      ...rest,
      key: Key.parse(JSON.parse(key)),
      columns: StoredColumns.parse(JSON.parse(columns)),
      stored: StoredColumns.parse(JSON.parse(stored)),
      position: { generation: rest.generation, commits: Commits.parse(JSON.parse(commits)), codeHash },
    };
  });
}

/** Puts a generation's row in the place of the one it has. Part of the caller's transaction. */
export async function writeGeneration(session: DuckDbSession, generation: Generation): Promise<void> {
  const { parser, position, present } = generation;
  await session.run(`DELETE FROM ${SCHEMA}.generations WHERE parser = ? AND generation = ${generation.generation}`, [
    parser,
  ]);
  await session.run(
    `INSERT INTO ${SCHEMA}.generations VALUES (?, ${generation.generation}, ?, ?, ?, ?, ?, ?, ?, ?, ${present})`,
    [
      parser,
      generation.entity,
      generation.table,
      generation.physical,
      JSON.stringify(generation.key),
      JSON.stringify(generation.columns),
      JSON.stringify(generation.stored),
      JSON.stringify(position.commits),
      position.codeHash,
    ],
  );
}

/** Drops a generation with its rows. Part of the caller's transaction. */
export async function dropGeneration(session: DuckDbSession, generation: Generation): Promise<void> {
  await session.run(`DROP TABLE IF EXISTS ${physicalTable(generation)}`);
  await session.run(`DELETE FROM ${SCHEMA}.generations WHERE parser = ? AND generation = ${generation.generation}`, [
    generation.parser,
  ]);
}

/** Makes the former generation of a parser the present one, and the present one the former. One transaction. */
export async function switchBack(session: DuckDbSession, parser: string): Promise<ParserPosition> {
  const own = (await readGenerations(session)).filter((one) => one.parser === parser);
  const former = own.findLast((one) => !one.present);
  if (former === undefined) throw noFormerGeneration(parser);
  await session.run('BEGIN');
  try {
    for (const one of own) await writeGeneration(session, { ...one, present: one === former });
    for (const table of new Set(own.map((one) => one.table))) await writeView(session, table);
    await session.run('COMMIT');
  } catch (error) {
    await session.run('ROLLBACK').catch(() => undefined);
    throw error;
  }
  return former.position;
}

/** Makes the view that users read: the present generation of every parser that yields this table. */
export async function writeView(session: DuckDbSession, table: string): Promise<void> {
  const present = (await readGenerations(session)).filter((one) => one.present && sameName(one.table, table));
  const view = `main.${quoted(table)}`;
  // Without the database's name inside: the view must also work where the file is attached under another name.
  const parts = present.map((one) => `SELECT ${names(one.columns)} FROM ${physicalTable(one)}`);
  await session.run(
    parts.length === 0
      ? `DROP VIEW IF EXISTS ${view}`
      : `CREATE OR REPLACE VIEW ${view} AS ${parts.join(' UNION ALL BY NAME ')}`,
  );
}

export function physicalTable(generation: Pick<Generation, 'physical'>): string {
  return `${SCHEMA}.${quoted(generation.physical)}`;
}

/** DuckDB's own sense of equal names. */
export function sameName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
