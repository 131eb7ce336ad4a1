import { readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { SassyError } from '../../errors/sassy-error.ts';
import type { Host } from '../../util/host.ts';
import { openDuckDbBatch } from './duckdb-batch.ts';
import {
  hasCatalog,
  prepareCatalog,
  readGenerations,
  sameName,
  switchBack,
  type Generation,
} from './duckdb-catalog.ts';
import type { DuckDb, DuckDbSession } from './duckdb-database.ts';
import { duckDbError } from './duckdb-errors.ts';
import { ROWS } from './duckdb-lines.ts';
import { quoted } from './duckdb-sql.ts';
import { mergedColumns, shownRow } from '../generation-shape.ts';
import type { Batch, BatchMode, BatchTarget, Column, EntityRow, ParserPosition, Sink } from '../sink.ts';

export interface DuckDbSinkOptions {
  /** The database file; its folder exists. One file per connection: DuckDB lets one process at a time write it. */
  readonly file: string;
  /** Open what is there to look at it. Several processes may, while none writes. */
  readonly readOnly?: boolean;
  /** With it a new file appears whole or not at all, whenever the process is killed. */
  readonly host?: Host;
}

/**
 * Entities in a DuckDB file, for SQL at once: a view `main.<table>` for each table, over the present generation of
 * every parser that yields it. The rows lie in `sassy."<table>__<parser>__g<N>"`; positions in `sassy.generations`.
 *
 * Effectively once: rows, views and position change in one transaction of that file, so a kill at any time leaves the
 * old or the new. A repeat of a batch changes no row. One former generation of each parser is kept.
 *
 * Values: text as given (a lone surrogate becomes U+FFFD), integers of 64 bits, times as TIMESTAMP in UTC, JSON columns
 * as canonical JSON. `read` gives integers beyond 2^53 as text of digits and times as ISO 8601.
 *
 * @throws SassyError LOCK_HELD when another process has the file open; NOTHING_THERE when `readOnly` and there is none;
 *   STORE_CORRUPT, STORE_VERSION, DATA_DIR, DISK_FULL
 */
export async function openDuckDbSink({ file, readOnly = false, host }: DuckDbSinkOptions): Promise<Sink> {
  const failure = (error: unknown): SassyError => duckDbError(error, file);
  // Loaded here and not above: the library takes 100 ms, which `--help` must not pay.
  const { openDuckDb } = await import('./duckdb-database.ts');
  const open = async (): Promise<DuckDb> => {
    if (!readOnly && host !== undefined) {
      const { makeDuckDbFile } = await import('./duckdb-new-file.ts');
      await makeDuckDbFile(host.fs, file);
    }
    return openDuckDb(file, { readOnly });
  };
  const database = await open().catch((error: unknown) => {
    throw failure(error);
  });
  const sink = new DuckDbSink(database, { file, readOnly }, failure);
  try {
    await sink.prepare();
    return sink;
  } catch (error) {
    await sink.close();
    throw failure(error);
  }
}

class DuckDbSink implements Sink {
  readonly name = 'duckdb';
  readonly promise = 'effectively-once';
  readonly #database: DuckDb;
  readonly #file: string;
  readonly #readOnly: boolean;
  readonly #failure: (error: unknown) => SassyError;
  readonly #sessions = new Set<DuckDbSession>();
  /** Parser → its open batch. */
  readonly #batches = new Map<string, Promise<Batch>>();
  #lastTurn: Promise<unknown> = Promise.resolve();
  /** Batches that were ever opened. */
  #opened = 0;
  #closed = false;

  constructor(database: DuckDb, options: DuckDbSinkOptions, failure: (error: unknown) => SassyError) {
    this.#database = database;
    this.#file = options.file;
    this.#readOnly = options.readOnly === true;
    this.#failure = failure;
  }

  /** Makes the sink's own tables; checks their format. */
  async prepare(): Promise<void> {
    if (!this.#readOnly) await removeRows(this.#file);
    await this.#withSession(async (session) => {
      if (!(await hasCatalog(session)) && !this.#readOnly) await prepareCatalog(session);
    });
  }

  async position(parser: string): ReturnType<Sink['position']> {
    return (await this.#generations()).find((one) => one.parser === parser && one.present)?.position;
  }

  async tables(): Promise<readonly string[]> {
    const present = (await this.#generations()).filter((one) => one.present);
    return [...new Set(present.map((one) => one.table))].sort();
  }

  async begin(...[target, mode]: Parameters<Sink['begin']>): Promise<Batch> {
    const { parser } = target;
    if (this.#readOnly) throw new SassyError('SINK_FAILED', { message: 'the sink is open for reading only' });
    if (this.#batches.has(parser)) {
      throw new SassyError('SINK_FAILED', { message: `${parser}: another batch of this parser is still open` });
    }
    const opening = this.#openBatch(target, mode);
    this.#batches.set(parser, opening);
    try {
      return await opening;
    } catch (error) {
      this.#batches.delete(parser);
      throw this.#failure(error);
    }
  }

  async rollback(parser: string): Promise<ParserPosition> {
    if (this.#readOnly) throw new SassyError('SINK_FAILED', { message: 'the sink is open for reading only' });
    return this.#inTurn(() => this.#withSession((session) => switchBack(session, parser)));
  }

  async orphans(...[table, field, target]: Parameters<NonNullable<Sink['orphans']>>): Promise<number> {
    const value = `t.${quoted(field)}`;
    const there =
      target === undefined
        ? ''
        : ` AND NOT EXISTS (SELECT 1 FROM main.${quoted(target.table)} AS o WHERE o.${quoted(target.key)}::VARCHAR = ${value}::VARCHAR)`;
    return this.#withSession(async (session) => {
      const sql = `SELECT count(*) AS n FROM main.${quoted(table)} AS t WHERE ${value} IS NOT NULL${there}`;
      return Number((await session.all(sql)).rows[0]?.['n'] ?? 0);
    });
  }

  async #openBatch(target: BatchTarget, mode: BatchMode): Promise<Batch> {
    const generations = (await this.#generations()).filter((one) => one.parser === target.parser);
    const session = await this.#open();
    const onEnd = (): void => {
      this.#batches.delete(target.parser);
      if (this.#sessions.delete(session)) session.close();
    };
    try {
      const inTurn = <T>(work: () => Promise<T>): Promise<T> => this.#inTurn(work);
      this.#opened += 1;
      const own = { session, target, mode, generations, file: `${this.#file}.${this.#opened}` };
      return await openDuckDbBatch({ ...own, inTurn, failure: this.#failure, onEnd });
    } catch (error) {
      onEnd();
      throw error;
    }
  }

  async *read(table: string, limit?: number): AsyncIterable<EntityRow> {
    const present = (await this.#generations()).filter((one) => one.present && sameName(one.table, table));
    const [first] = present;
    if (first === undefined) return;
    const columns = present.reduce<readonly Column[]>((all, one) => mergedColumns(all, one.columns), []);
    const order = first.key.map(quoted).join(', ');
    const count = limit === undefined ? '' : `LIMIT ${Math.max(0, Math.floor(limit))}`;
    const session = await this.#open();
    try {
      for await (const rows of session.blocks(`SELECT * FROM main.${quoted(table)} ORDER BY ${order} ${count}`))
        for (const row of rows) yield shownRow(row, columns);
    } catch (error) {
      throw this.#failure(error);
    } finally {
      if (this.#sessions.delete(session)) session.close();
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#lastTurn;
    // What is open would keep the file locked.
    for (const batch of await Promise.allSettled(this.#batches.values())) {
      if (batch.status === 'fulfilled') await batch.value.abort();
    }
    for (const session of this.#sessions) session.close();
    this.#sessions.clear();
    this.#database.close();
  }

  async #generations(): Promise<readonly Generation[]> {
    return this.#withSession(async (session) => ((await hasCatalog(session)) ? readGenerations(session) : []));
  }

  async #open(): Promise<DuckDbSession> {
    if (this.#closed) throw new Error('the sink is closed');
    const session = await this.#database.session();
    this.#sessions.add(session);
    return session;
  }

  async #withSession<T>(work: (session: DuckDbSession) => Promise<T>): Promise<T> {
    const session = await this.#open();
    try {
      return await work(session);
    } catch (error) {
      throw this.#failure(error);
    } finally {
      if (this.#sessions.delete(session)) session.close();
    }
  }

  /** Transactions of two parsers would collide at the shared tables. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#lastTurn.then(work);
    this.#lastTurn = turn.catch(() => undefined);
    return turn;
  }
}

/** What a run that was killed has left; nobody else has the database open. */
async function removeRows(file: string): Promise<void> {
  const name = `${basename(file)}.`;
  for (const found of await readdir(dirname(file))) {
    if (found.startsWith(name) && found.endsWith(ROWS)) await rm(join(dirname(file), found), { force: true });
  }
}
