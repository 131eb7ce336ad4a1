import { SassyError } from '../../errors/sassy-error.ts';
import { entityEncoder } from '../entity-encoder.ts';
import { appendedColumns, isArchivedAt, mergedColumns } from '../generation-shape.ts';
import {
  dropGeneration,
  type Generation,
  lockCatalog,
  physicalTable,
  type PostgresSchemas,
  readGenerations,
  writeGeneration,
} from './postgres-catalog.ts';
import type { PostgresSession } from './postgres-client.ts';
import { postgresDiff } from './postgres-diff.ts';
import {
  comparisons,
  countSql,
  declared,
  type FieldComparison,
  ID,
  identifier,
  KEY,
  names,
  stored,
  upsertSql,
} from './postgres-sql.ts';
import { PostgresStage } from './postgres-stage.ts';
import { writeView } from './postgres-view.ts';
import type {
  Approve,
  Batch,
  BatchMode,
  BatchTarget,
  Column,
  EntityCounts,
  ParserPosition,
  RepeatedKeys,
  StoredEntity,
} from '../sink.ts';

export interface PostgresBatchOptions {
  /** The batch's own connection. */
  readonly session: PostgresSession;
  readonly schemas: PostgresSchemas;
  readonly origin: string;
  readonly target: BatchTarget;
  readonly mode: BatchMode;
  /** Names what the server threw. */
  readonly failure: (error: unknown) => SassyError;
  /** Closes the connection. */
  readonly onEnd: () => Promise<void>;
}

/** Rows go to a temporary table; `commit` moves them, the position and the views in one transaction. */
export async function openPostgresBatch(options: PostgresBatchOptions): Promise<Batch> {
  const { session, schemas, target, mode, origin } = options;
  const generations = (await readGenerations(session, schemas)).filter((one) => one.parser === target.parser);
  const present = generations.find((one) => one.present);
  if (mode !== 'replace' && present !== undefined && present.origin !== origin)
    throw otherOrigin(target.parser, schemas);
  const columns = mode !== 'replace' && present !== undefined ? appendedColumns(present, target) : target.columns;
  refuseEqualNames(target, columns);
  const stage = new PostgresStage(session, target);
  await stage.open();
  return new PostgresBatch(options, generations, columns, stage);
}

class PostgresBatch implements Batch {
  readonly generation: number;
  readonly #options: PostgresBatchOptions;
  /** Of this parser, as they were when the batch was opened. */
  readonly #generations: readonly Generation[];
  readonly #present: Generation | undefined;
  /** The columns that the generation has after the commit. */
  readonly #stored: readonly Column[];
  readonly #stage: PostgresStage;
  readonly #encode: ReturnType<typeof entityEncoder>;
  #ended = false;

  constructor(
    options: PostgresBatchOptions,
    generations: readonly Generation[],
    columns: readonly Column[],
    stage: PostgresStage,
  ) {
    const newest = Math.max(0, ...generations.map((one) => one.generation));
    this.#present = generations.find((one) => one.present);
    this.generation = options.mode === 'append' && this.#present !== undefined ? this.#present.generation : newest + 1;
    this.#options = options;
    this.#generations = generations;
    this.#stored = columns;
    this.#stage = stage;
    this.#encode = entityEncoder(options.target);
  }

  async write(rows: Parameters<Batch['write']>[0]): Promise<void> {
    await this.writeEncoded(rows.map(this.#encode));
  }

  async writeEncoded(entities: readonly StoredEntity[]): Promise<void> {
    if (this.#ended || this.#stage.isFinished) throw new Error('write after compare, commit or abort');
    await this.#try(() => this.#stage.write(entities));
  }

  async repeated(examples: number): Promise<RepeatedKeys> {
    await this.#try(() => this.#stage.finish());
    const { repeated } = this.#stage;
    return { ...repeated, examples: repeated.examples.slice(0, examples) };
  }

  async compare(examples: number): ReturnType<Batch['compare']> {
    const { session, schemas, mode, target } = this.#options;
    const present = this.#present;
    const fields = comparisons(present?.stored ?? [], target.columns);
    return this.#try(async () => {
      const source = await this.#stage.finish();
      const base = present === undefined ? undefined : physicalTable(schemas, present);
      return postgresDiff(session, { base, source, fields, examples, complete: mode === 'replace' });
    });
  }

  async commit(position: Omit<ParserPosition, 'generation'>, approve?: Approve): Promise<EntityCounts> {
    const { session } = this.#options;
    if (this.#ended) throw new Error('commit after commit or abort');
    try {
      return await this.#try(async () => {
        const source = await this.#stage.finish();
        await session.run('BEGIN');
        // An error ends the connection with the batch, and the transaction with the connection.
        const counts = await this.#change(source, position, approve);
        await session.run('COMMIT');
        return counts;
      });
    } finally {
      await this.abort();
    }
  }

  async abort(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    await this.#stage.settle();
    await this.#options.onEnd();
  }

  async #change(
    source: string,
    position: Omit<ParserPosition, 'generation'>,
    approve: Approve | undefined,
  ): Promise<EntityCounts> {
    const { session, schemas, target, mode, origin } = this.#options;
    await this.#refuseIfOvertaken();
    const counts = await this.#counts(source);
    if (approve !== undefined) approve(counts, await this.#liveBefore());
    const present = this.#present;
    const isAppend = mode === 'append' && present !== undefined;
    const next = {
      parser: target.parser,
      generation: this.generation,
      entity: target.entity.name,
      table: target.entity.table,
      physical: isAppend
        ? present.physical
        : identifier(`${target.entity.table}__${target.parser}__g${this.generation}`),
      key: target.entity.key,
      columns: target.columns,
      stored: this.#stored,
      position: { ...position, generation: this.generation },
      present: true,
      origin,
    };
    const table = physicalTable(schemas, next);
    if (isAppend) {
      await this.#upsert(table, present.stored, source, counts);
      await writeGeneration(session, schemas, next);
      if (shapeOf(present.columns) !== shapeOf(next.columns)) await this.#writeView(next.table);
      return counts;
    }
    if (mode === 'amend' && present !== undefined) {
      await session.run(`CREATE TABLE ${table} AS SELECT * FROM ${physicalTable(schemas, present)}`);
      await this.#index(table);
      await this.#upsert(table, present.stored, source, counts);
    } else {
      await session.run(`CREATE TABLE ${table} AS SELECT ${ID}, ${KEY}${names(next.columns)} FROM ${source}`);
      await this.#index(table);
    }
    if (present !== undefined) await writeGeneration(session, schemas, { ...present, present: false });
    await writeGeneration(session, schemas, next);
    // Last: who reads a view or an old generation holds this up, and is held up by it, until the commit.
    await this.#writeView(next.table);
    if (present !== undefined && present.table !== next.table) await this.#writeView(present.table);
    for (const old of this.#generations) if (!old.present) await dropGeneration(session, schemas, old);
    return counts;
  }

  /** What rows are found by, here and in people's queries. A hash index takes keys of any length. */
  async #index(table: string): Promise<void> {
    const { session, target } = this.#options;
    await session.run(`ALTER TABLE ${table} ADD PRIMARY KEY (${ID})`);
    const [key, ...others] = target.entity.key;
    if (key !== undefined && others.length === 0)
      await session.run(`CREATE INDEX ON ${table} USING hash (${stored(key)})`);
    await session.run(`ANALYZE ${table}`);
  }

  /** `there`: the columns that the table has already. */
  async #upsert(table: string, there: readonly Column[], source: string, counts: EntityCounts): Promise<void> {
    const { session, target } = this.#options;
    for (const column of this.#stored.slice(there.length)) {
      await session.run(`ALTER TABLE ${table} ADD COLUMN ${declared(column)}`);
    }
    if (counts.added + counts.changed + counts.archived === 0) return;
    for (const sql of upsertSql(table, source, this.#stored, target.columns)) await session.run(sql);
  }

  async #writeView(table: string): Promise<void> {
    const { session, schemas } = this.#options;
    await writeView(session, schemas, table, await readGenerations(session, schemas));
  }

  async #counts(source: string): Promise<EntityCounts> {
    const { session, schemas, target } = this.#options;
    const present = this.#present;
    const base = present === undefined ? undefined : physicalTable(schemas, present);
    const fields = comparisons(present?.stored ?? [], target.columns);
    const { rows } = await session.all(countSql(base, source, fields, { byField: false, archived: this.#archived() }));
    const [added = 0, changed = 0, unchanged = 0, archived = 0] = (rows[0] ?? []).map(Number);
    return { added, changed, unchanged, archived };
  }

  /** How the column that archives is compared; undefined where neither side has one. */
  #archived(): FieldComparison | undefined {
    const [before, after] = [this.#present?.stored ?? [], this.#options.target.columns];
    return comparisons(before.filter(isArchivedAt), after.filter(isArchivedAt))[0];
  }

  async #liveBefore(): Promise<number> {
    const present = this.#present;
    if (present === undefined) return 0;
    const { session, schemas } = this.#options;
    const column = present.stored.find(isArchivedAt);
    const live = column === undefined ? '' : ` WHERE ${stored(column.name)} IS NULL`;
    const { rows } = await session.all(`SELECT count(*) FROM ${physicalTable(schemas, present)}${live}`);
    return Number(rows[0]?.[0] ?? 0);
  }

  /** The generation that this batch was opened against must still be the present one. Lets one writer at a time go on. */
  async #refuseIfOvertaken(): Promise<void> {
    const { session, schemas, target } = this.#options;
    await lockCatalog(session, schemas.own);
    const now = (await readGenerations(session, schemas)).filter((one) => one.parser === target.parser);
    const versions = (all: readonly Generation[]): string => all.map((one) => one.version).join();
    if (versions(now) === versions(this.#generations)) return;
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

function shapeOf(columns: readonly Column[]): string {
  return JSON.stringify(columns.map(({ name, type }) => [name, type]));
}

/** Two data folders that fill one table would each take the other's position for its own, and leave entities out. */
function otherOrigin(parser: string, { shown }: PostgresSchemas): SassyError {
  return new SassyError('SINK_FAILED', {
    message: `${parser}: what is in the schema ${shown} was made from another data folder`,
    why: 'its position speaks of the commits there, and not of those here',
    fix: `go on with that data folder, or make all of it anew from this one: sassy run <integration> restream --parsers ${parser}`,
  });
}

function refuseEqualNames({ entity, columns }: BatchTarget, kept: readonly Column[]): void {
  const seen = new Map<string, string>();
  for (const { name } of mergedColumns(kept, columns)) {
    const other = seen.get(stored(name));
    if (other !== undefined) {
      throw new SassyError('SINK_FAILED', {
        message: `${entity.name}: PostgreSQL cannot tell the fields ${JSON.stringify(other)} and ${JSON.stringify(name)} apart`,
        fix: 'rename one of them',
      });
    }
    seen.set(stored(name), name);
  }
}
