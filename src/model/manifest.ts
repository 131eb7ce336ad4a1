import type { z } from 'zod';
import type { Dataset } from './dataset.ts';
import type { Entity } from './entity.ts';
import type { HttpClient, HttpSettings } from './http.ts';
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
  /** Gets one dataset for each input, in order; yields values that the entity's schema accepts. */
  run(datasets: readonly Dataset<unknown>[]): AsyncIterable<unknown>;
}

/** `incremental`: records committed since the parser's last success. `full_refresh`: the newest version of each key. */
export interface ParserInput {
  readonly stream: string;
  readonly mode: 'full_refresh' | 'incremental';
}
