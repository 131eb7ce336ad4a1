import type { z } from 'zod';
import type { Dataset, Lookup } from './dataset.ts';
import type { Entity } from './entity.ts';
import type { HttpClient, HttpSettings } from './http.ts';
import type { Limit } from './limit.ts';
import type { StreamDefinition } from './stream.ts';

/** The frozen, plain-data description of an integration, built once from its decorators (or from `defineIntegration`). */
export interface Manifest {
  /** The folder's name. */
  readonly name: string;
  readonly title: string;
  /** The integration's folder. */
  readonly folder: string;
  readonly config: z.ZodObject;
  readonly http: HttpSettings<unknown>;
  /** Parents before their children. */
  readonly streams: readonly StreamDefinition[];
  readonly checks: readonly CheckDefinition[];
  readonly parsers: readonly ParserDefinition[];
  readonly entities: readonly Entity[];
  /** How many records may go to quarantine before a parse stops. Default: 1 %, and at most 100. */
  readonly failureBudget?: Limit;
  /** How many entities of a parser may be archived at once. Default: 50 %. */
  readonly maxArchived?: Limit;
}

export interface CheckDefinition {
  /** What is checked, in words: `the token can list organisations`. */
  readonly title: string;
  /** A method, so that a check of a typed config fits. */
  run(context: CheckContext<unknown>): Promise<void>;
}

export interface CheckContext<Config> {
  readonly config: Config;
  readonly http: HttpClient;
}

export interface ParserDefinition {
  /** The method's name: `findings`. */
  readonly name: string;
  readonly entity: Entity;
  readonly inputs: readonly ParserInput[];
  /**
   * The author's word that what is yielded for a record of the incremental input (of the only input, where there is one)
   * follows from that record and from the other inputs alone: then its records may be shared out among threads.
   */
  readonly parallel?: boolean;
  /** Gets one dataset (a lookup for `latest`) for each input, in order; yields values that the entity's schema accepts. */
  run(inputs: readonly (Dataset<unknown> | Lookup<unknown>)[]): AsyncIterable<unknown>;
}

/**
 * `incremental`: records committed since the parser's last success. `full_refresh`: the newest version of each key.
 * `latest`: the same as a lookup by primary key. `archived`: the last version of each key that was listed once and that the
 * last complete listing no longer shows.
 */
export interface ParserInput {
  readonly stream: string;
  readonly mode: 'full_refresh' | 'incremental' | 'latest' | 'archived';
}
