import { join } from 'node:path';
import { hasCode } from '../../errors/error-code.ts';
import { SassyError } from '../../errors/sassy-error.ts';
import type { Host } from '../../util/host.ts';
import { canonicalJson } from '../../util/json.ts';
import { physicalTable, readGenerations, type Generation } from '../duckdb/duckdb-catalog.ts';
import { duckDbError } from '../duckdb/duckdb-errors.ts';
import { openDuckDbSink } from '../duckdb/duckdb-sink.ts';
import { literal, quoted } from '../duckdb/duckdb-sql.ts';
import type { Batch, BatchMode, BatchTarget, EntityRow, ParserPosition, Sink } from '../sink.ts';

export interface ParquetSinkOptions {
  readonly host: Host;
  /** Absolute. Made when there is none. */
  readonly folder: string;
  /** Table → the fields whose values become folders (`severity=high/`), outermost first. */
  readonly partitionBy?: Readonly<Record<string, readonly string[]>>;
  readonly readOnly?: boolean;
}

/**
 * Entities as Parquet files for whatever reads a folder of them (DuckDB, Spark, Athena, pandas): each commit writes the whole
 * present generation of its parser to `<folder>/<table>/parser=<parser>/`, zstd-compressed, by key, partitioned below
 * that when asked for. Times are timestamps in UTC, JSON columns are text, integers have 64 bits.
 *
 * What is true lies in a DuckDB file beside them, `<folder>/_sassy/entities.duckdb`: positions, upserts and generations are its
 * own, effectively once. The files follow it: they are written aside and put in place by renaming, and
 * `_sassy.json` among them holds the position that they show. Whoever reads meanwhile sees the old files, the new ones,
 * or for a moment none of that parser; after a kill the next batch makes up for it. Hence at least once.
 *
 * A commit costs the whole table of its parser (about 2 s for a million rows): for tables that change a little all the
 * time, use the DuckDB sink.
 */
export async function openParquetSink(options: ParquetSinkOptions): Promise<Sink> {
  const { host, folder, readOnly = false } = options;
  const own = join(folder, '_sassy');
  const file = join(own, 'entities.duckdb');
  if (!readOnly) {
    await host.fs.mkdir(own).catch((error: unknown) => {
      throw duckDbError(error, file);
    });
  }
  const inner = await openDuckDbSink({ file, readOnly, host });
  const sink = new ParquetSink(options, inner, file);
  try {
    if (!readOnly) await sink.makeUp();
    return sink;
  } catch (error) {
    await sink.close();
    throw error;
  }
}

class ParquetSink implements Sink {
  readonly name = 'parquet';
  readonly promise = 'at-least-once';
  readonly #options: ParquetSinkOptions;
  readonly #inner: Sink;
  readonly #file: string;
  #lastTurn: Promise<unknown> = Promise.resolve();

  constructor(options: ParquetSinkOptions, inner: Sink, file: string) {
    this.#options = options;
    this.#inner = inner;
    this.#file = file;
  }

  position(parser: string): ReturnType<Sink['position']> {
    return this.#inner.position(parser);
  }

  tables(): ReturnType<Sink['tables']> {
    return this.#inner.tables();
  }

  read(table: string, limit?: number): AsyncIterable<EntityRow> {
    return this.#inner.read(table, limit);
  }

  async orphans(...given: Parameters<NonNullable<Sink['orphans']>>): Promise<number> {
    return (await this.#inner.orphans?.(...given)) ?? 0;
  }

  async begin(target: BatchTarget, mode: BatchMode): Promise<Batch> {
    const batch = await this.#inner.begin(target, mode);
    const { writeEncoded, repeated, lines } = batch;
    return {
      generation: batch.generation,
      write: (rows) => batch.write(rows),
      ...(lines === undefined ? {} : { lines }),
      ...(writeEncoded === undefined ? {} : { writeEncoded: (entities) => writeEncoded.call(batch, entities) }),
      ...(repeated === undefined ? {} : { repeated: (examples) => repeated.call(batch, examples) }),
      compare: (examples) => batch.compare(examples),
      abort: () => batch.abort(),
      commit: async (position, approve) => {
        const counts = await batch.commit(position, approve);
        await this.makeUp();
        return counts;
      },
    };
  }

  async rollback(parser: string): Promise<ParserPosition> {
    const position = await this.#inner.rollback(parser);
    await this.makeUp();
    return position;
  }

  async close(): Promise<void> {
    await this.#lastTurn;
    await this.#inner.close();
  }

  /** Writes the files of each parser that do not show its present generation as it is now, and removes those of none. */
  makeUp(): Promise<void> {
    const turn = this.#lastTurn.then(() => this.#export());
    this.#lastTurn = turn.catch(() => undefined);
    return turn;
  }

  async #export(): Promise<void> {
    const { host, folder } = this.#options;
    const { openDuckDb } = await import('../duckdb/duckdb-database.ts');
    try {
      const database = await openDuckDb(this.#file, { readOnly: false });
      const session = await database.session();
      try {
        const present = (await readGenerations(session)).filter((one) => one.present);
        for (const one of present) {
          if ((await this.#shown(one)) === tokenOf(one)) continue;
          const staged = join(folder, '_sassy', 'next');
          await host.fs.removeFolder(staged);
          await host.fs.mkdir(staged);
          for (const sql of this.#copies(one, staged)) await session.run(sql);
          await host.fs.writeNew(join(staged, TOKEN), [Buffer.from(`${tokenOf(one)}\n`)]);
          await this.#putInPlace(one, staged);
        }
        await this.#removeStrays(present);
      } finally {
        session.close();
        database.close();
      }
    } catch (error) {
      throw duckDbError(error, this.#file);
    }
  }

  #copies(generation: Generation, folder: string): readonly string[] {
    const { table, columns, key } = generation;
    const partitions = this.#options.partitionBy?.[table] ?? [];
    const unknown = partitions.filter((name) => !columns.some((column) => column.name === name));
    if (unknown.length > 0) {
      throw new SassyError('SINK_FAILED', {
        message: `parquet: ${table} has no field ${unknown.join(', ')} to be partitioned by`,
        fix: 'correct partitionBy in sassy.config.ts, then run parse again',
      });
    }
    const fields = columns.map(({ name, type }) =>
      type === 'json' ? `${quoted(name)}::VARCHAR AS ${quoted(name)}` : quoted(name),
    );
    const select = `SELECT ${fields.join(', ')} FROM ${physicalTable(generation)} ORDER BY ${key.map(quoted).join(', ')}`;
    const format = 'FORMAT parquet, COMPRESSION zstd';
    if (partitions.length === 0) return [`COPY (${select}) TO ${literal(join(folder, 'data_0.parquet'))} (${format})`];
    const by = partitions.map(quoted).join(', ');
    return [`COPY (${select}) TO ${literal(folder)} (${format}, PARTITION_BY (${by}), OVERWRITE_OR_IGNORE)`];
  }

  async #putInPlace(generation: Generation, staged: string): Promise<void> {
    const { host, folder } = this.#options;
    const place = this.#place(generation);
    const old = join(folder, '_sassy', 'old');
    await host.fs.mkdir(join(place, '..'));
    await host.fs.removeFolder(old);
    await host.fs.rename(place, old).catch((error: unknown) => {
      if (!hasCode(error, 'ENOENT')) throw error;
    });
    await host.fs.rename(staged, place);
    await host.fs.syncFolder(join(place, '..'));
    await host.fs.removeFolder(old);
  }

  /** Files of parsers that yield another table now. */
  async #removeStrays(present: readonly Generation[]): Promise<void> {
    const { host, folder } = this.#options;
    const places = new Set(present.map((one) => this.#place(one)));
    for (const table of await host.fs.list(folder)) {
      if (table === '_sassy') continue;
      for (const name of await host.fs.list(join(folder, table)).catch(() => [])) {
        const place = join(folder, table, name);
        if (name.startsWith('parser=') && !places.has(place)) await host.fs.removeFolder(place);
      }
    }
  }

  async #shown(generation: Generation): Promise<string | undefined> {
    try {
      return (await this.#options.host.fs.readFile(join(this.#place(generation), TOKEN))).toString('utf8').trim();
    } catch (error) {
      if (hasCode(error, 'ENOENT') || hasCode(error, 'ENOTDIR')) return undefined;
      throw error;
    }
  }

  #place({ table, parser }: Generation): string {
    return join(this.#options.folder, safeName(table), `parser=${safeName(parser)}`);
  }
}

/** Readers of Parquet folders pass over names that begin with an underscore. */
const TOKEN = '_sassy.json';

function tokenOf({ position, columns }: Generation): string {
  return canonicalJson({ position, columns });
}

function safeName(name: string): string {
  const encoded = encodeURIComponent(name.toWellFormed()).replaceAll('*', '%2A').replace(/^\./, '%2E');
  return encoded === '_sassy' ? '%5Fsassy' : encoded;
}
