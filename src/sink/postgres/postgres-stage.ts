import type { PostgresSession } from './postgres-client.ts';
import { declared, ID, KEY, names, ORDINAL } from './postgres-sql.ts';
import { copyLine, keyOf } from './postgres-values.ts';
import type { BatchTarget, RepeatedKeys, StoredEntity } from '../sink.ts';

/** Lines are sent when so many characters have come together. */
const SENT_AT_ONCE = 2 ** 20;

/** So many keys that came with different values are kept as examples. */
const REPEATED_EXAMPLES = 20;

const STAGE = 'pg_temp.stage';
const WINNERS = 'pg_temp.winners';

/** The rows of a batch in a temporary table of its own connection, which goes with it however it ends. */
export class PostgresStage {
  readonly #session: PostgresSession;
  readonly #target: BatchTarget;
  #lines: string[] = [];
  #characters = 0;
  #rows = 0;
  /** What is under way to the server while the next lines come together. */
  #sending: Promise<void> = Promise.resolve();
  #source: string | undefined;
  #repeated: RepeatedKeys = { count: 0, examples: [] };

  constructor(session: PostgresSession, target: BatchTarget) {
    this.#session = session;
    this.#target = target;
  }

  async open(): Promise<void> {
    const columns = this.#target.columns.map((column) => `, ${declared(column)}`).join('');
    await this.#session.run(`CREATE TEMP TABLE stage (${ID} uuid, ${KEY} text, ${ORDINAL} bigint${columns})`);
  }

  /** True once `finish` was called. */
  get isFinished(): boolean {
    return this.#source !== undefined;
  }

  async write(entities: readonly StoredEntity[]): Promise<void> {
    const lines = entities.map((entity, index) => copyLine(entity, this.#rows + index, this.#target));
    this.#rows += entities.length;
    for (const line of lines) this.#characters += line.length;
    this.#lines.push(...lines);
    if (this.#characters >= SENT_AT_ONCE) await this.#send();
  }

  /** Sends what is left; gives the name of the table with the last row of each key. Copied only where a key came twice. */
  async finish(): Promise<string> {
    if (this.#source !== undefined) return this.#source;
    await this.#send();
    await this.#sending;
    const twice = await this.#session.all(`SELECT 1 FROM ${STAGE} GROUP BY ${ID} HAVING count(*) > 1 LIMIT 1`);
    this.#source = twice.rows.length === 0 ? STAGE : WINNERS;
    if (twice.rows.length > 0) {
      this.#repeated = await this.#findRepeated();
      await this.#session.run(
        `CREATE TEMP TABLE winners AS SELECT DISTINCT ON (${ID}) ${ID}, ${KEY}${names(this.#target.columns)}
         FROM ${STAGE} ORDER BY ${ID}, ${ORDINAL} DESC; DROP TABLE ${STAGE}`,
      );
    }
    // Without it the server takes the table for empty, and joins it row by row.
    await this.#session.run(`ANALYZE ${this.#source}`);
    return this.#source;
  }

  /** Keys that came with different values. Known after `finish`. */
  get repeated(): RepeatedKeys {
    return this.#repeated;
  }

  /** Waits until the connection is free. */
  async settle(): Promise<void> {
    await this.#sending.catch(() => undefined);
  }

  async #findRepeated(): Promise<RepeatedKeys> {
    const different = `SELECT ${KEY} FROM (SELECT DISTINCT ${KEY}${names(this.#target.columns)} FROM ${STAGE}
      WHERE ${ID} IN (SELECT ${ID} FROM ${STAGE} GROUP BY ${ID} HAVING count(*) > 1)) AS d GROUP BY ${KEY} HAVING count(*) > 1`;
    const total = await this.#session.all(`SELECT count(*) FROM (${different}) AS d`);
    const first = await this.#session.all(`${different} ORDER BY ${KEY} COLLATE "C" LIMIT ${REPEATED_EXAMPLES}`);
    return { count: Number(total.rows[0]?.[0] ?? 0), examples: first.rows.map(([key]) => keyOf(key ?? '')) };
  }

  async #send(): Promise<void> {
    const text = this.#lines.join('');
    this.#lines = [];
    this.#characters = 0;
    await this.#sending;
    if (text === '') return;
    const fields = names(this.#target.columns);
    this.#sending = this.#session.copy(`COPY ${STAGE} (${ID}, ${KEY}, ${ORDINAL}${fields}) FROM STDIN`, text);
    // Told by the next one who waits for it.
    this.#sending.catch(() => undefined);
  }
}
