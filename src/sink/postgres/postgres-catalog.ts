import { z } from 'zod';
import { SassyError } from '../../errors/sassy-error.ts';
import type { PostgresSession } from './postgres-client.ts';
import { noFormerGeneration, StoredColumns, type GenerationShape } from '../generation-shape.ts';
import { identifier, literal, quoted } from './postgres-sql.ts';
import { writeView } from './postgres-view.ts';
import type { Column, ParserPosition } from '../sink.ts';

/** The format of the sink's own tables. A newer one is refused, never guessed at. */
const FORMAT = 1;

/** The two schemas of one connection. */
export interface PostgresSchemas {
  /** The views that people read: `snyk`. */
  readonly shown: string;
  /** Generations and positions: `sassy_snyk`. */
  readonly own: string;
  /** Whose they are: `snyk/acme`. */
  readonly owner: string;
}

export function schemasOf(shown: string, owner: string): PostgresSchemas {
  return { shown: identifier(shown), own: identifier(`sassy_${shown}`), owner };
}

/** A generation of a parser, as the table `generations` has it. */
export interface Generation extends GenerationShape {
  readonly parser: string;
  readonly entity: string;
  /** The name of the table that holds its rows. */
  readonly physical: string;
  /** What the view shows: the entity's columns as of the last commit. */
  readonly columns: readonly Column[];
  readonly position: ParserPosition;
  /** The one that the view shows. One former generation is kept beside it. */
  readonly present: boolean;
  /** Of the data folder whose commits the position speaks of. */
  readonly origin: string;
  /** Another one after each commit. */
  readonly version: string;
}

const Key = z.array(z.string());
const Commits = z.record(z.string(), z.number());

const FIELDS = 'parser, generation, entity, "table", physical, key, columns, stored, commits, code_hash, origin';

/** Makes the schemas and the sink's own tables where there are none. Asks for no right that is not needed. */
export async function prepareCatalog(session: PostgresSession, { shown, own, owner }: PostgresSchemas): Promise<void> {
  await session.run('BEGIN');
  try {
    await lockCatalog(session, own);
    for (const schema of [shown, own]) {
      const { rows } = await session.all('SELECT 1 FROM pg_namespace WHERE nspname = $1', [schema]);
      if (rows.length === 0) await session.run(`CREATE SCHEMA ${quoted(schema)}`);
    }
    if ((await session.all('SELECT to_regclass($1)', [`${quoted(own)}.meta`])).rows[0]?.[0] === null) {
      await session.run(`CREATE TABLE ${quoted(own)}.meta AS SELECT ${FORMAT} AS format, ${literal(owner)}::text AS connection, ${literal(shown)}::text AS views;
        CREATE TABLE ${quoted(own)}.generations (parser text, generation integer, entity text, "table" text, physical text,
          key text, columns text, stored text, commits text, code_hash text, origin text, present boolean, version bigint, PRIMARY KEY (parser, generation));
        CREATE SEQUENCE ${quoted(own)}.versions`);
    }
    await session.run('COMMIT');
  } catch (error) {
    await session.run('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

/**
 * True when the sink's tables are there.
 *
 * @throws SassyError STORE_VERSION when another format wrote them; CONFIG_INVALID when they are another connection's
 */
export async function hasCatalog(session: PostgresSession, { shown, own, owner }: PostgresSchemas): Promise<boolean> {
  const { rows: there } = await session.all('SELECT to_regclass($1)', [`${quoted(own)}.meta`]);
  if (there[0]?.[0] === null) return false;
  const [[format, connection] = []] = (await session.all(`SELECT format, connection FROM ${quoted(own)}.meta`)).rows;
  if (Number(format) !== FORMAT) {
    throw new SassyError('STORE_VERSION', {
      message: `the schema ${own} has format ${format}, this sassy knows ${FORMAT}`,
    });
  }
  if (connection === owner) return true;
  throw new SassyError('CONFIG_INVALID', {
    message: `the schema ${shown} holds the entities of ${connection}, not those of ${owner}`,
    fix: `give ${owner} a schema of its own in sassy.config.ts: { sink: 'postgres', schemas: { '${owner}': '…' } }`,
  });
}

/** Held to the end of the transaction: who writes to the schemas does so alone. */
export async function lockCatalog(session: PostgresSession, own: string): Promise<void> {
  await session.all('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`sassy ${own}`]);
}

/** All generations, those of one parser in order. */
export async function readGenerations(
  session: PostgresSession,
  { own }: Pick<PostgresSchemas, 'own'>,
): Promise<readonly Generation[]> {
  const { rows } = await session.all(
    `SELECT ${FIELDS}, present, version FROM ${quoted(own)}.generations ORDER BY parser COLLATE "C", generation`,
  );
  return rows.map((row) => {
    const text = (index: number): string => row[index] ?? '';
    const generation = Number(text(1));
    return {
      parser: text(0),
      generation,
      entity: text(2),
      table: text(3),
      physical: text(4),
      key: Key.parse(JSON.parse(text(5))),
      columns: StoredColumns.parse(JSON.parse(text(6))),
      stored: StoredColumns.parse(JSON.parse(text(7))),
      position: { generation, commits: Commits.parse(JSON.parse(text(8))), codeHash: text(9) },
      origin: text(10),
      present: text(11) === 't',
      version: text(12),
    };
  });
}

/** Puts a generation's row in the place of the one it has. Part of the caller's transaction. */
export async function writeGeneration(
  session: PostgresSession,
  { own }: Pick<PostgresSchemas, 'own'>,
  generation: Omit<Generation, 'version'>,
): Promise<void> {
  const { parser, position, present } = generation;
  await removeRow(session, own, generation);
  await session.run(
    `INSERT INTO ${quoted(own)}.generations (${FIELDS}, present, version)
     VALUES ($1, ${generation.generation}, $2, $3, $4, $5, $6, $7, $8, $9, $10, ${present}, nextval(${literal(`${quoted(own)}.versions`)}))`,
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
      generation.origin,
    ],
  );
}

/** Drops a generation with its rows. Part of the caller's transaction. */
export async function dropGeneration(
  session: PostgresSession,
  schemas: Pick<PostgresSchemas, 'own'>,
  generation: Generation,
): Promise<void> {
  await session.run(`DROP TABLE IF EXISTS ${physicalTable(schemas, generation)}`);
  await removeRow(session, schemas.own, generation);
}

/** Makes the former generation of a parser the present one, and the present one the former. One transaction. */
export async function switchBack(
  session: PostgresSession,
  schemas: PostgresSchemas,
  parser: string,
): Promise<ParserPosition> {
  await session.run('BEGIN');
  try {
    await lockCatalog(session, schemas.own);
    const own = (await readGenerations(session, schemas)).filter((one) => one.parser === parser);
    const former = own.findLast((one) => !one.present);
    if (former === undefined) throw noFormerGeneration(parser);
    for (const one of own) await writeGeneration(session, schemas, { ...one, present: one === former });
    for (const table of new Set(own.map((one) => one.table))) {
      await writeView(session, schemas, table, await readGenerations(session, schemas));
    }
    await session.run('COMMIT');
    return former.position;
  } catch (error) {
    await session.run('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

export function physicalTable(
  { own }: Pick<PostgresSchemas, 'own'>,
  { physical }: Pick<Generation, 'physical'>,
): string {
  return `${quoted(own)}.${quoted(physical)}`;
}

async function removeRow(
  session: PostgresSession,
  own: string,
  { parser, generation }: Generation | Omit<Generation, 'version'>,
): Promise<void> {
  await session.run(`DELETE FROM ${quoted(own)}.generations WHERE parser = $1 AND generation = ${generation}`, [
    parser,
  ]);
}
