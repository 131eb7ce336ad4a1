import { SassyError } from '../../errors/sassy-error.ts';
import { shownRow } from '../generation-shape.ts';
import { openPostgresBatch } from './postgres-batch.ts';
import {
  hasCatalog,
  prepareCatalog,
  readGenerations,
  schemasOf,
  switchBack,
  type Generation,
  type PostgresSchemas,
} from './postgres-catalog.ts';
import type { PostgresSession } from './postgres-client.ts';
import { postgresErrors } from './postgres-errors.ts';
import type { PostgresPlace } from './postgres-place.ts';
import { shown } from './postgres-sql.ts';
import { commonColumns } from './postgres-view.ts';
import { plainValue } from './postgres-values.ts';
import type { Batch, EntityRow, ParserPosition, Sink } from '../sink.ts';

export interface PostgresSinkOptions {
  readonly place: PostgresPlace;
  /** The variable that holds the URL, for messages. */
  readonly variable: string;
  /** The schema that people read. */
  readonly schema: string;
  /** Whose schema it is: `snyk/acme`. Another connection is refused there. */
  readonly owner: string;
  /** Of the data folder: positions of another one are not gone on from. */
  readonly origin: string;
  /** Open what is there to look at it. */
  readonly readOnly?: boolean;
}

/** Rows that a read fetches at once. */
const BLOCK = 1_000;

/**
 * Entities in a PostgreSQL database: a view `<schema>.<table>` for each table, over the present generation of every parser
 * that yields it, with a column for each field. The rows lie in the schema `sassy_<schema>`, one table for each
 * generation; positions in `generations` there.
 *
 * Effectively once: rows, views and position change in one transaction, so a kill at any time, of sassy or of the
 * server, leaves the old or the new. A repeat of a batch changes no row. One former generation of each parser is kept.
 * Writers take turns by an advisory lock, and one that was overtaken ends with FENCED.
 *
 * Values: integers are bigint, numbers double precision, times timestamptz, JSON jsonb. A NUL, which PostgreSQL cannot
 * hold, is shown as U+2400 with U+2060 behind it, and `read` gives the NUL again. Names longer than 63 bytes end in a hash.
 *
 * @throws SassyError SINK_UNAVAILABLE, SINK_DENIED, CONFIG_INVALID; NOTHING_THERE when `readOnly` and nothing was written
 */
export async function openPostgresSink(options: PostgresSinkOptions): Promise<Sink> {
  const { place, schema, owner, variable, readOnly = false } = options;
  const schemas = schemasOf(schema, owner);
  const database = `${place.database} on ${place.host}:${place.port}`;
  const failure = postgresErrors({ database, role: place.user, variable, ...schemas });
  // Loaded here and not above: `--help` must not pay for it.
  const { openPostgres } = await import('./postgres-client.ts');
  const sink = new PostgresSink({ ...options, schemas, failure, connect: () => openPostgres(place) });
  try {
    await sink.prepare(readOnly);
    return sink;
  } catch (error) {
    await sink.close();
    throw failure(error);
  }
}

interface Inner extends Pick<PostgresSinkOptions, 'origin' | 'readOnly'> {
  readonly schemas: PostgresSchemas;
  readonly failure: (error: unknown) => SassyError;
  readonly connect: () => Promise<PostgresSession>;
}

class PostgresSink implements Sink {
  readonly name = 'postgres';
  readonly promise = 'effectively-once';
  readonly #inner: Inner;
  readonly #sessions = new Set<PostgresSession>();
  /** For single questions: one that failed is not asked again. */
  #shared: Promise<PostgresSession> | undefined;
  /** Parser → its open batch. */
  readonly #batches = new Map<string, Promise<Batch>>();
  #closed = false;

  constructor(inner: Inner) {
    this.#inner = inner;
  }

  /** Makes the sink's own tables; checks their format. */
  async prepare(readOnly: boolean): Promise<void> {
    const { schemas } = this.#inner;
    await this.#withSession(async (session) => {
      const { rows } = await session.all('SHOW server_encoding');
      if (rows[0]?.[0] !== 'UTF8') {
        throw new SassyError('CONFIG_INVALID', {
          message: `the database has the encoding ${rows[0]?.[0] ?? 'unknown'}, and entities need UTF8`,
          fix: "make one that has: CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0",
        });
      }
      if (await hasCatalog(session, schemas)) return;
      if (readOnly) {
        throw new SassyError('NOTHING_THERE', {
          message: `there are no entities in the schema ${schemas.shown} yet`,
          fix: 'sassy run <integration> parse',
        });
      }
      await prepareCatalog(session, schemas);
    });
  }

  async position(parser: string): ReturnType<Sink['position']> {
    const present = (await this.#generations()).find((one) => one.parser === parser && one.present);
    // A position that speaks of other commits is none; who appends to it is told so.
    return present?.origin === this.#inner.origin ? present.position : undefined;
  }

  async tables(): Promise<readonly string[]> {
    const present = (await this.#generations()).filter((one) => one.present);
    return [...new Set(present.map((one) => one.table))].sort();
  }

  async begin(...[target, mode]: Parameters<Sink['begin']>): Promise<Batch> {
    const { parser } = target;
    this.#refuseIfReadOnly();
    if (this.#batches.has(parser)) {
      throw new SassyError('SINK_FAILED', { message: `${parser}: another batch of this parser is still open` });
    }
    const opening = this.#openBatch(target, mode);
    this.#batches.set(parser, opening);
    try {
      return await opening;
    } catch (error) {
      this.#batches.delete(parser);
      throw this.#inner.failure(error);
    }
  }

  async rollback(parser: string): Promise<ParserPosition> {
    this.#refuseIfReadOnly();
    const session = await this.#open();
    try {
      return await switchBack(session, this.#inner.schemas, parser);
    } catch (error) {
      throw this.#inner.failure(error);
    } finally {
      await this.#end(session);
    }
  }

  async orphans(...[table, field, target]: Parameters<NonNullable<Sink['orphans']>>): Promise<number> {
    const { schemas } = this.#inner;
    const schema = shown(schemas.shown);
    const value = `t.${shown(field)}`;
    const there =
      target === undefined
        ? ''
        : ` AND NOT EXISTS (SELECT 1 FROM ${schema}.${shown(target.table)} AS o WHERE o.${shown(target.key)}::text = ${value}::text)`;
    return this.#withSession(async (session) => {
      const sql = `SELECT count(*) FROM ${schema}.${shown(table)} AS t WHERE ${value} IS NOT NULL${there}`;
      return Number((await session.all(sql)).rows[0]?.[0] ?? 0);
    });
  }

  async *read(table: string, limit?: number): AsyncIterable<EntityRow> {
    const { schemas, failure } = this.#inner;
    const session = await this.#open();
    try {
      await session.run('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
      const present = (await readGenerations(session, schemas)).filter((one) => one.present && one.table === table);
      const [first] = present;
      if (first === undefined) return;
      const columns = commonColumns(present);
      const order = first.key.map((name) => {
        const isText = columns.find((column) => column.name === name)?.type === 'text';
        return `${shown(name)}${isText ? ' COLLATE "C"' : ''}`;
      });
      const count = limit === undefined ? '' : `LIMIT ${Math.max(0, Math.floor(limit))}`;
      const fields = columns.map(({ name }) => shown(name)).join(', ');
      const from = `${shown(schemas.shown)}.${shown(table)}`;
      await session.run(
        `DECLARE entities NO SCROLL CURSOR FOR SELECT ${fields} FROM ${from} ORDER BY ${order.join(', ')} ${count}`,
      );
      for (;;) {
        const { columns: types, rows } = await session.all(`FETCH ${BLOCK} FROM entities`);
        for (const row of rows) {
          const values = columns.map(({ name }, index) => [
            name,
            plainValue(row[index] ?? null, types[index]?.type ?? 0),
          ]);
          yield shownRow(Object.fromEntries(values), columns);
        }
        if (rows.length < BLOCK) return;
      }
    } catch (error) {
      throw failure(error);
    } finally {
      await this.#end(session);
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    for (const batch of await Promise.allSettled(this.#batches.values())) {
      if (batch.status === 'fulfilled') await batch.value.abort();
    }
    await Promise.all([...this.#sessions].map((session) => this.#end(session)));
  }

  async #openBatch(...[target, mode]: Parameters<Sink['begin']>): Promise<Batch> {
    const { schemas, failure, origin } = this.#inner;
    const session = await this.#open();
    const onEnd = async (): Promise<void> => {
      this.#batches.delete(target.parser);
      await this.#end(session);
    };
    try {
      return await openPostgresBatch({ session, schemas, origin, target, mode, failure, onEnd });
    } catch (error) {
      await onEnd();
      throw error;
    }
  }

  async #generations(): Promise<readonly Generation[]> {
    return this.#withSession((session) => readGenerations(session, this.#inner.schemas));
  }

  #refuseIfReadOnly(): void {
    if (this.#inner.readOnly === true) {
      throw new SassyError('SINK_FAILED', { message: 'the sink is open for reading only' });
    }
  }

  async #open(): Promise<PostgresSession> {
    if (this.#closed) throw new Error('the sink is closed');
    try {
      const session = await this.#inner.connect();
      this.#sessions.add(session);
      return session;
    } catch (error) {
      throw this.#inner.failure(error);
    }
  }

  /** A transaction that is open ends with its connection. */
  async #end(session: PostgresSession): Promise<void> {
    if (this.#sessions.delete(session)) await session.close().catch(() => undefined);
  }

  async #withSession<T>(work: (session: PostgresSession) => Promise<T>): Promise<T> {
    const opening = (this.#shared ??= this.#open());
    try {
      return await work(await opening);
    } catch (error) {
      if (this.#shared === opening) this.#shared = undefined;
      await opening.then((session) => this.#end(session)).catch(() => undefined);
      throw this.#inner.failure(error);
    }
  }
}
