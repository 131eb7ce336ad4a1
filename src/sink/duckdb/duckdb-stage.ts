import { physicalTable } from './duckdb-catalog.ts';
import { type DuckDbLoader, type DuckDbSession } from './duckdb-database.ts';
import { type LineLoader, lineLoader } from './duckdb-lines.ts';
import { declared, KEY, names, ORDINAL } from './duckdb-sql.ts';
import type { BatchTarget, EntityLines, RepeatedKeys, StoredEntity } from '../sink.ts';

/**
 * Rows that go straight into a table are told apart by their numbers, and without this DuckDB numbers them as its threads
 * come along. All else says the order that it needs, and is spared the memory that this costs. In one thread: several wait
 * for each other most of the time while rows come in, and take a quarter more of the processors for it.
 */
const IN_ORDER = 'SET preserve_insertion_order = true; SET threads = 1';
const IN_ANY_ORDER = 'SET preserve_insertion_order = false; RESET threads';

const STAGE = 'temp.stage';
const WINNERS = 'temp.winners';

/**
 * Where the rows of a batch come together. Rows that are merged into a table wait in a temporary one. Rows that make a whole
 * generation go straight into its table, in a transaction that stays open: written once, on the disk as soon as a few ten
 * thousand are there, and gone with the session if they are not kept.
 */
export class DuckDbStage {
  readonly #session: DuckDbSession;
  readonly #target: BatchTarget;
  /** The table of the generation that is made, and what fills it; undefined for rows that are merged. */
  readonly #table: string | undefined;
  readonly #lines: LineLoader | undefined;
  /** Fills the temporary table of rows that are merged. */
  readonly #loader: DuckDbLoader | undefined;
  #rows = 0n;
  #source: string | undefined;
  #repeated: RepeatedKeys = { count: 0, examples: [] };
  #state: 'filled' | 'finished' | 'kept' | 'over' = 'filled';

  constructor(session: DuckDbSession, target: BatchTarget, into: StageInto) {
    this.#session = session;
    this.#target = target;
    this.#table = into.table;
    this.#lines = into.lines;
    this.#loader = into.loader;
  }

  /** True for a table that is filled with lines, false for one that is filled with encoded rows. */
  get takesLines(): boolean {
    return this.#lines !== undefined;
  }

  append(entities: readonly StoredEntity[]): void {
    if (this.#state !== 'filled') throw new Error('write after compare, commit or abort');
    this.#loader?.append(entities.map(({ key, values }) => [key, this.#rows++, ...values]));
  }

  async appendLines(lines: EntityLines): Promise<void> {
    if (this.#state !== 'filled') throw new Error('write after compare, commit or abort');
    await this.#lines?.add(lines);
  }

  /** The table with the last row of each key. `examples`: of keys that came with different values. */
  async finish(examples: number): Promise<string> {
    if (this.#source !== undefined) return this.#source;
    if (this.#table !== undefined) await this.#session.run(IN_ORDER);
    this.#loader?.finish();
    await this.#lines?.finish();
    this.#state = 'finished';
    try {
      return await this.#withoutRepeated(examples);
    } finally {
      await this.#inAnyOrder();
    }
  }

  async #inAnyOrder(): Promise<void> {
    if (this.#table !== undefined) await this.#session.run(IN_ANY_ORDER);
    if (this.#lines !== undefined) await this.#session.setMemory(this.#lines.memoryAfter());
  }

  async #withoutRepeated(examples: number): Promise<string> {
    const table = this.#table ?? STAGE;
    const repeatedKeys = `SELECT ${KEY} FROM ${table} GROUP BY ${KEY} HAVING count(*) > 1`;
    if ((await this.#session.all(`${repeatedKeys} LIMIT 1`)).rows.length === 0) return (this.#source = table);
    const different = `SELECT ${KEY} FROM (SELECT DISTINCT ${KEY}, ${names(this.#target.columns)} FROM ${table}
      WHERE ${KEY} IN (${repeatedKeys})) GROUP BY ${KEY} HAVING count(*) > 1`;
    const [total] = (await this.#session.all(`SELECT count(*) AS n FROM (${different})`)).rows;
    const first = await this.#session.all(`SELECT ${KEY} AS k FROM (${different}) ORDER BY k LIMIT ${examples}`);
    this.#repeated = { count: Number(total?.['n'] ?? 0), examples: first.rows.map(({ k }) => String(k)) };
    if (this.#table === undefined) {
      await this.#session.run(
        `CREATE TEMP TABLE winners AS SELECT * FROM ${STAGE} WHERE ${ORDINAL} IN (SELECT max(${ORDINAL}) FROM ${STAGE} GROUP BY ${KEY});
         DROP TABLE ${STAGE}`,
      );
      return (this.#source = WINNERS);
    }
    // Rows are numbered in the order in which they were appended, as long as that order is kept.
    await this.#session.run(
      `DELETE FROM ${table} WHERE rowid NOT IN (SELECT max(rowid) FROM ${table} GROUP BY ${KEY})`,
    );
    return (this.#source = table);
  }

  /** Known after `finish`. */
  get repeated(): RepeatedKeys {
    return this.#repeated;
  }

  /** Ends the transaction of a generation's table. Nobody sees the table before it is entered as a generation. */
  async keep(): Promise<void> {
    if (this.#table === undefined) return;
    await this.#session.run('COMMIT');
    this.#state = 'kept';
  }

  /** Removes what is there. `isDone`: the table has become a generation. */
  async end(isDone: boolean): Promise<void> {
    const state = this.#state;
    this.#state = 'over';
    if (state === 'filled') this.#loader?.discard();
    await this.#lines?.discard();
    // With the session all else would go too, but not before the session is collected as garbage.
    if (this.#table !== undefined && (state === 'filled' || state === 'finished'))
      await this.#session
        .run('ROLLBACK')
        .then(() => this.#inAnyOrder())
        .catch(() => undefined);
    if (state === 'kept' && !isDone)
      await this.#session.run(`DROP TABLE IF EXISTS ${this.#table}`).catch(() => undefined);
  }
}

interface StageInto {
  readonly table?: string;
  readonly lines?: LineLoader;
  readonly loader?: DuckDbLoader;
}

/**
 * `physical`: the table of the generation that is made whole; undefined for rows that are merged. `file`: where rows lie on
 * their way into it.
 */
export async function openDuckDbStage(
  session: DuckDbSession,
  target: BatchTarget,
  physical: string | undefined,
  file: string,
): Promise<DuckDbStage> {
  const columns = target.columns.map(declared).join(', ');
  if (physical === undefined) {
    const types = target.columns.map((column) => column.type);
    await session.run(`CREATE TEMP TABLE stage (${KEY} VARCHAR, ${ORDINAL} BIGINT, ${columns})`);
    return new DuckDbStage(session, target, { loader: await session.loader('stage', ['text', 'integer', ...types]) });
  }
  const table = physicalTable({ physical });
  // What a run that was killed has left.
  await session.run(`DROP TABLE IF EXISTS ${table}`);
  await session.run(IN_ORDER);
  await session.run('BEGIN');
  await session.run(`CREATE TABLE ${table} (${KEY} VARCHAR, ${columns})`);
  return new DuckDbStage(session, target, {
    table,
    lines: lineLoader(session, { table, columns: target.columns, file }),
  });
}
