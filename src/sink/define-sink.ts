import type { Secret } from '../util/secret.ts';
import type { Sink } from './sink.ts';

/** What a sink of one's own is opened with. */
export interface SinkContext {
  readonly integration: string;
  /** `snyk` or `snyk/acme`. */
  readonly connection: string;
  /** Absolute: the place of this sink among the data of the connection. Not made yet. */
  readonly folder: string;
  /** `read`: somebody looks at it; nothing may be changed, and there may be nothing yet. */
  readonly mode: 'read' | 'write';
  /** A variable of the environment or, where its name begins with `SASSY_`, of `.env`. No output will show it. */
  readonly secret: (variable: string) => Promise<Secret | undefined>;
}

/** A sink of one's own, for `sinks` in `sassy.config.ts`. */
export interface SinkDefinition {
  readonly sink: string;
  readonly open: (context: SinkContext) => Promise<Sink> | Sink;
}

/** The names of the sinks that come with sassy. */
export const BUILT_IN = ['duckdb', 'jsonl', 'parquet', 'postgres', 'stdout'] as const;

/**
 * Names a sink of one's own: `export default { sinks: [defineSink('mine', (context) => openMine(context))] }`. What it
 * must do stands in `describeSink` of `sassy/testing`.
 *
 * @throws TypeError when the name is one that sassy has, or no plain word
 */
export function defineSink(name: string, open: SinkDefinition['open']): SinkDefinition {
  if (!/^[a-z][a-z0-9_-]{0,62}$/.test(name)) throw new TypeError(`a sink's name is a word in small letters: ${name}`);
  if (BUILT_IN.some((taken) => taken === name)) throw new TypeError(`there is a sink ${name} already`);
  return { sink: name, open };
}
