import { SassyError } from '../../errors/sassy-error.ts';
import {
  dropGeneration,
  physicalTable,
  readGenerations,
  sameName,
  writeGeneration,
  writeView,
  type Generation,
} from './duckdb-catalog.ts';
import type { DuckDbSession } from './duckdb-database.ts';
import { duckDbDiff } from './duckdb-diff.ts';
import { type RowsIn, rowsIn } from './duckdb-rows-in.ts';
import { type DuckDbStage, openDuckDbStage } from './duckdb-stage.ts';
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
import { appendedColumns, isArchivedAt, mergedColumns } from '../generation-shape.ts';
import type {
  Approve,
  Batch,
  BatchMode,
  BatchTarget,
  Column,
  EntityCounts,
  ParserPosition,
  RepeatedKeys,
} from '../sink.ts';

export interface DuckDbBatchOptions {
  /** The batch's own. */
  readonly session: DuckDbSession;
  readonly target: BatchTarget;
  readonly mode: BatchMode;
  /** All generations of the parser. */
  readonly generations: readonly Generation[];
  /** Runs one transaction at a time. */
  readonly inTurn: <T>(work: () => Promise<T>) => Promise<T>;
  /** Where rows lie on their way into a new table. */
  readonly file: string;
  /** Names what DuckDB threw. */
  readonly failure: (error: unknown) => SassyError;
  /** Closes the session. */
  readonly onEnd: () => void;
}

const MANY_CHANGES = 100_000;

/** So many keys that came with different values are kept as examples. */
const REPEATED_EXAMPLES = 20;

/** Rows come together out of sight; `commit` moves them, the position and the views in one transaction. */
export async function openDuckDbBatch(options: DuckDbBatchOptions): Promise<Batch> {
  const { session, target, mode, generations } = options;
  const present = generations.find((one) => one.present);
  const stored = mode !== 'replace' && present !== undefined ? appendedColumns(present, target) : target.columns;
  refuseEqualNames(target, stored);
  const newest = Math.max(0, ...generations.map((one) => one.generation));
  const generation = mode === 'append' && present !== undefined ? present.generation : newest + 1;
  const physical = `${target.entity.table}__${target.parser}__g${generation}`;
  const isMerged = mode !== 'replace' && present !== undefined;
  const stage = await openDuckDbStage(session, target, isMerged ? undefined : physical, options.file);
  return new DuckDbBatch(options, { present, stored, generation, physical }, stage);
}

interface Into {
  readonly present: Generation | undefined;
  /** The columns that the generation has after the commit. */
  readonly stored: readonly Column[];
  readonly generation: number;
  /** The table of a new generation. */
  readonly physical: string;
}

class DuckDbBatch implements Batch {
  readonly generation: number;
  readonly #options: DuckDbBatchOptions;
  readonly #present: Generation | undefined;
  /** The columns that the generation has after the commit. */
  readonly #stored: readonly Column[];
  readonly #into: Into;
  readonly #stage: DuckDbStage;
  readonly write: RowsIn['write'];
  readonly lines?: NonNullable<RowsIn['lines']>;
  readonly writeEncoded?: NonNullable<RowsIn['writeEncoded']>;
  #ended = false;
  #isDone = false;

  constructor(options: DuckDbBatchOptions, into: Into, stage: DuckDbStage) {
    this.generation = into.generation;
    this.#options = options;
    this.#present = into.present;
    this.#stored = into.stored;
    this.#stage = stage;
    this.#into = into;
    const rows = rowsIn(stage, options.target, (work) => this.#try(work));
    this.write = rows.write;
    if (rows.lines !== undefined) this.lines = rows.lines;
    if (rows.writeEncoded !== undefined) this.writeEncoded = rows.writeEncoded;
  }

  async repeated(examples: number): Promise<RepeatedKeys> {
    await this.#try(() => this.#stage.finish(REPEATED_EXAMPLES));
    const { repeated } = this.#stage;
    return { ...repeated, examples: repeated.examples.slice(0, examples) };
  }

  async compare(examples: number): ReturnType<Batch['compare']> {
    const { mode, session } = this.#options;
    const present = this.#present;
    const fields = comparisons(present?.stored ?? [], this.#options.target.columns);
    return this.#try(async () => {
      const source = await this.#stage.finish(REPEATED_EXAMPLES);
      const base = present === undefined ? undefined : physicalTable(present);
      return duckDbDiff(session, { base, source, fields, examples, complete: mode === 'replace' });
    });
  }

  async commit(position: Omit<ParserPosition, 'generation'>, approve?: Approve): Promise<EntityCounts> {
    const { session, inTurn } = this.#options;
    if (this.#ended) throw new Error('commit after commit or abort');
    try {
      return await this.#try(async () => {
        const source = await this.#stage.finish(REPEATED_EXAMPLES);
        return inTurn(async () => {
          await this.#stage.keep();
          const counts = await transaction(session, () => this.#change(source, position, approve));
          this.#isDone = true;
          return counts;
        });
      });
    } finally {
      await this.abort();
    }
  }

  async abort(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    await this.#stage.end(this.#isDone);
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
      physical: this.#into.physical,
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
