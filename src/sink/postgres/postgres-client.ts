import { Client, type Connection, type QueryConfig, type Submittable } from 'pg';
import type { PostgresPlace } from './postgres-place.ts';

/**
 * All that sassy asks of a PostgreSQL server, as texts. The one file that imports the library: import this file
 * dynamically. Errors are the server's own; `postgresErrors` names them.
 */
export interface PostgresSession {
  /** Runs one or more statements without values, or one with values; gives the number of rows that it changed. */
  run(sql: string, values?: readonly string[]): Promise<number>;
  all(sql: string, values?: readonly string[]): Promise<PostgresRows>;
  /** The same for one statement only: a second one behind a `;` is a syntax error. */
  allOfOne(sql: string): Promise<PostgresRows>;
  /** `COPY … FROM STDIN` with all of its text. */
  copy(sql: string, text: string): Promise<void>;
  close(): Promise<void>;
}

/** Values are the server's own texts; null is null. */
export interface PostgresRows {
  readonly columns: readonly { readonly name: string; readonly type: number }[];
  readonly rows: readonly (readonly (string | null)[])[];
}

declare module 'pg' {
  // What `Client` calls on a connection for `COPY`; pg-copy-streams is built on the same three.
  interface Connection {
    sendCopyFromChunk(chunk: Buffer): void;
    endCopyFrom(): void;
    sendCopyFail(message: string): void;
  }
  interface QueryConfig {
    queryMode?: 'extended';
  }
}

const CONNECT_MS = 15_000;

/**
 * What a role or a database may have set otherwise. A lock that somebody's long query holds is waited for, then told of;
 * statements may take as long as they need.
 */
const SETTINGS = `SET search_path = pg_catalog; SET timezone = 'UTC'; SET datestyle = 'ISO, YMD'; SET client_encoding = 'UTF8';
  SET extra_float_digits = 1; SET lock_timeout = '30s'; SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0;
  SET client_min_messages = 'warning'; SET standard_conforming_strings = on`;

/** Values come as the server writes them. */
const AS_TEXT = { getTypeParser: () => (value: string | Buffer) => String(value) };

/** Opens one connection. What the server tells besides answers is not listened to. */
export async function openPostgres(place: PostgresPlace): Promise<PostgresSession> {
  const client = new Client({ ...place, types: AS_TEXT, connectionTimeoutMillis: CONNECT_MS, keepAlive: true });
  // A connection that dies between two queries says so here; the next query fails and tells.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query(SETTINGS);
  } catch (error) {
    await client.end().catch(() => undefined);
    throw error;
  }
  const rowsOf = async (config: QueryConfig): Promise<PostgresRows> => {
    const { fields, rows } = await client.query<(string | null)[]>({ ...config, rowMode: 'array' });
    return { columns: fields.map(({ name, dataTypeID }) => ({ name, type: dataTypeID })), rows };
  };
  return {
    run: async (sql, values = []) => (await client.query(sql, [...values])).rowCount ?? 0,
    all: (sql, values = []) => rowsOf({ text: sql, values: [...values] }),
    allOfOne: (sql) => rowsOf({ text: sql, queryMode: 'extended' }),
    copy: (sql, text) =>
      new Promise((resolve, reject) => {
        client.query(new CopyFrom(sql, Buffer.from(text), resolve, reject));
      }),
    close: () => client.end(),
  };
}

/** https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-COPY */
class CopyFrom implements Submittable {
  readonly #sql: string;
  readonly #content: Buffer;
  readonly #resolve: () => void;
  readonly #reject: (error: unknown) => void;

  constructor(sql: string, content: Buffer, resolve: () => void, reject: (error: unknown) => void) {
    this.#sql = sql;
    this.#content = content;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  submit(connection: Connection): void {
    connection.query(this.#sql);
  }

  handleCopyInResponse(connection: Connection): void {
    connection.sendCopyFromChunk(this.#content);
    connection.endCopyFrom();
  }

  handleCommandComplete(): void {
    // `handleReadyForQuery` follows.
  }

  handleReadyForQuery(): void {
    this.#resolve();
  }

  handleError(error: unknown): void {
    this.#reject(error);
  }
}
