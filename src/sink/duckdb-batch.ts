import { SassyError } from '../errors/sassy-error.ts';
import {
  dropGeneration,
  physicalTable,
  readGenerations,
  sameName,
  writeGeneration,
  writeView,
  type Generation,
} from './duckdb-catalog.ts';
import type { DuckDbLoader, DuckDbSession } from './duckdb-database.ts';
import { duckDbDiff } from './duckdb-diff.ts';
import {
  comparisons,
  countSql,
  declared,
  type FieldComparison,
  KEY,
  mergeSql,
  names,
  ORDINAL,
  rewriteSql,
} from './duckdb-sql.ts';
import { entityEncoder } from './entity-encoder.ts';
import { appendedColumns, isArchivedAt, mergedColumns } from './generation-shape.ts';
import type {
  Approve,
  Batch,
  BatchMode,
  BatchTarget,
  Column,
  EntityCounts,
  ParserPosition,
  StoredEntity,
} from './sink.ts';

export interface DuckDbBatchOptions {
  /** The batch's own. */
  readonly session: DuckDbSession;
  readonly target: BatchTarget;
  readonly mode: BatchMode;
  /** All generations of the parser. */
  readonly generations: readonly Generation[];
  /** Runs one transaction at a time. */
  readonly inTurn: <T>(work: () => Promise<T>) => Promise<T>;
  /** Names what DuckDB threw. */
  readonly failure: (error: unknown) => SassyError;
  /** Closes the session. */
  readonly onEnd: () => void;
}

const MANY_CHANGES = 100_000;

const STAGE = 'temp.stage';
const WINNERS = 'temp.winners';

/** Rows go to a temporary table; `commit` moves them, the position and the views in one transaction. */
export async function openDuckDbBatch(options: DuckDbBatchOptions): Promise<Batch> {
  const { session, target, mode, generations } = options;
  const present = generations.find((one) => one.present);
  const stored = mode !== 'replace' && present !== undefined ? appendedColumns(present, target) : target.columns;
  refuseEqualNames(target, stored);
  await session.run(
    `CREATE TEMP TABLE stage (${KEY} VARCHAR, ${ORDINAL} BIGINT, ${target.columns.map(declared).join(', ')})`,
  );
  const loader = await session.loader('stage', ['text', 'integer', ...target.columns.map((column) => column.type)]);
  return new DuckDbBatch(options, present, stored, loader);
}

class DuckDbBatch implements Batch {
  readonly generation: number;
  readonly #options: DuckDbBatchOptions;
  readonly #present: Generation | undefined;
  /** The columns that the generation has after the commit. */
  readonly #stored: readonly Column[];
  readonly #loader: DuckDbLoader;
  readonly #encode: ReturnType<typeof entityEncoder>;
  #rows = 0n;
  #loaded = false;
  /** The table of the last row of each key, once all rows are there. */
  #source: string | undefined;
  #ended = false;

  constructor(
    options: DuckDbBatchOptions,
    present: Generation | undefined,
    stored: readonly Column[],
    loader: DuckDbLoader,
  ) {
    const newest = Math.max(0, ...options.generations.map((one) => one.generation));
    this.generation = options.mode === 'append' && present !== undefined ? present.generation : newest + 1;
    this.#options = options;
    this.#present = present;
    this.#stored = stored;
    this.#loader = loader;
    this.#encode = entityEncoder(options.target);
  }

  async write(rows: Parameters<Batch['write']>[0]): Promise<void> {
    await this.writeEncoded(rows.map(this.#encode));
  }

  async writeEncoded(entities: readonly StoredEntity[]): Promise<void> {
    if (this.#ended || this.#source !== undefined) throw new Error('write after compare, commit or abort');
    await this.#try(async () => this.#loader.append(entities.map(({ key, values }) => [key, this.#rows++, ...values])));
  }

  async compare(examples: number): ReturnType<Batch['compare']> {
    const { mode, session } = this.#options;
    const present = this.#present;
    const fields = comparisons(present?.stored ?? [], this.#options.target.columns);
    return this.#try(async () => {
      const source = await this.#winners();
      const base = present === undefined ? undefined : physicalTable(present);
      return duckDbDiff(session, { base, source, fields, examples, complete: mode === 'replace' });
    });
  }

  async commit(position: Omit<ParserPosition, 'generation'>, approve?: Approve): Promise<EntityCounts> {
    const { session, inTurn } = this.#options;
    if (this.#ended) throw new Error('commit after commit or abort');
    try {
      return await this.#try(async () => {
        const source = await this.#winners();
        return inTurn(() => transaction(session, () => this.#change(source, position, approve)));
      });
    } finally {
      await this.abort();
    }
  }

  async abort(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    if (!this.#loaded) this.#loader.discard();
    this.#options.onEnd();
  }

  async #change(
    source: string,
    position: Omit<ParserPosition, 'generation'>,
    approve: Approve | undefined,
  ): Promise<EntityCounts> {
    const { session, target, mode, generations } = this.#options;
    await this.#refuseIfOvertaken();
    const counts = await this.#counts(source);
    if (approve !== undefined) approve(counts, await this.#liveBefore());
    const next: Generation = {
      parser: target.parser,
      generation: this.generation,
      entity: target.entity.name,
      table: target.entity.table,
      physical: `${target.entity.table}__${target.parser}__g${this.generation}`,
      key: target.entity.key,
      columns: target.columns,
      stored: this.#stored,
      position: { ...position, generation: this.generation },
      present: true,
    };
    const present = this.#present;
    if (mode === 'append' && present !== undefined) {
      await this.#upsert(present, present.stored, source, counts);
      await writeGeneration(session, { ...next, physical: present.physical });
      if (namesOf(present.columns) !== namesOf(next.columns)) await writeView(session, next.table);
      return counts;
    }
    if (mode === 'amend' && present !== undefined) {
      await session.run(`CREATE TABLE ${physicalTable(next)} AS SELECT * FROM ${physicalTable(present)}`);
      await this.#upsert(next, present.stored, source, counts);
    } else {
      await session.run(`CREATE TABLE ${physicalTable(next)} AS SELECT ${KEY}, ${names(next.columns)} FROM ${source}`);
    }
    for (const old of generations) if (!old.present) await dropGeneration(session, old);
    if (present !== undefined) await writeGeneration(session, { ...present, present: false });
    await writeGeneration(session, next);
    await writeView(session, next.table);
    if (present !== undefined && !sameName(present.table, next.table)) await writeView(session, present.table);
    return counts;
  }

  /** `there`: the columns that the table has already. */
  async #upsert(into: Generation, there: readonly Column[], source: string, counts: EntityCounts): Promise<void> {
    const { session, target } = this.#options;
    for (const column of this.#stored.slice(there.length)) {
      await session.run(`ALTER TABLE ${physicalTable(into)} ADD COLUMN ${declared(column)}`);
    }
    const changes = counts.added + counts.changed + counts.archived;
    if (changes === 0) return;
    const table = physicalTable(into);
    // Rows that are changed in place are kept twice in memory until the commit: many are sooner written anew.
    if (changes < MANY_CHANGES) await session.run(mergeSql(table, source, this.#stored, target.columns));
    else await session.run(rewriteSql(into.physical, source, this.#stored, target.columns));
  }

  /** How the column that archives is compared; undefined where neither side has one. */
  #archived(): FieldComparison | undefined {
    const columns = [this.#present?.stored ?? [], this.#options.target.columns].map((all) => all.filter(isArchivedAt));
    return comparisons(columns[0] ?? [], columns[1] ?? [])[0];
  }

  async #liveBefore(): Promise<number> {
    const present = this.#present;
    if (present === undefined) return 0;
    const column = present.stored.find(isArchivedAt);
    const live = column === undefined ? '' : ` WHERE ${names([column])} IS NULL`;
    const { rows } = await this.#options.session.all(`SELECT count(*) AS live FROM ${physicalTable(present)}${live}`);
    return Number(rows[0]?.['live'] ?? 0);
  }

  async #counts(source: string): Promise<EntityCounts> {
    const { session, target } = this.#options;
    const present = this.#present;
    const fields = comparisons(present?.stored ?? [], target.columns);
    const archived = this.#archived();
    const dead = archived === undefined ? 'false' : `${archived.after} IS NOT NULL`;
    const sql =
      present === undefined
        ? `SELECT count(*) FILTER (NOT (${dead})) AS added, count(*) FILTER (${dead}) AS archived FROM ${source} AS n`
        : countSql(physicalTable(present), source, fields, false, archived);
    const [row] = (await session.all(sql)).rows;
    const count = (name: string): number => Number(row?.[name] ?? 0);
    return {
      added: count('added'),
      changed: count('changed'),
      unchanged: count('unchanged'),
      archived: count('archived'),
    };
  }

  /** The generation that this batch was opened against must still be the present one. */
  async #refuseIfOvertaken(): Promise<void> {
    const { session, target } = this.#options;
    const now = (await readGenerations(session)).find((one) => one.parser === target.parser && one.present);
    if (JSON.stringify(now?.position) === JSON.stringify(this.#present?.position)) return;
    throw new SassyError('FENCED', { message: `${target.parser}: another run has committed to the sink meanwhile` });
  }

  /** The last row of each key. Copied only where a key came twice. */
  async #winners(): Promise<string> {
    if (this.#source !== undefined) return this.#source;
    const { session } = this.#options;
    this.#loader.finish();
    this.#loaded = true;
    const twice = await session.all(`SELECT 1 AS one FROM ${STAGE} GROUP BY ${KEY} HAVING count(*) > 1 LIMIT 1`);
    if (twice.rows.length === 0) return (this.#source = STAGE);
    await session.run(
      `CREATE TEMP TABLE winners AS SELECT * FROM ${STAGE} WHERE ${ORDINAL} IN (SELECT max(${ORDINAL}) FROM ${STAGE} GROUP BY ${KEY});
       DROP TABLE ${STAGE}`,
    );
    return (this.#source = WINNERS);
  }

  async #try<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw this.#options.failure(error);
    }
  }
}

async function transaction<T>(session: DuckDbSession, work: () => Promise<T>): Promise<T> {
  await session.run('BEGIN');
  try {
    const result = await work();
    await session.run('COMMIT');
    return result;
  } catch (error) {
    // A failed COMMIT has rolled back already, and then there is nothing to roll back: the first error is the one to tell.
    await session.run('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

function namesOf(columns: readonly Column[]): string {
  return JSON.stringify(columns.map((column) => column.name));
}

/** DuckDB cannot tell `userId` from `userid`. */
function refuseEqualNames({ entity, columns }: BatchTarget, stored: readonly Column[]): void {
  const seen = new Map([KEY, ORDINAL].map((name) => [name, name]));
  for (const { name } of mergedColumns(stored, columns)) {
    const other = seen.get(name.toLowerCase());
    if (other !== undefined) {
      throw new SassyError('SINK_FAILED', {
        message: `${entity.name}: DuckDB cannot tell the fields ${other} and ${name} apart`,
        fix: 'rename one of them',
      });
    }
    seen.set(name.toLowerCase(), name);
  }
}
