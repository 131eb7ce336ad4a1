import type { z } from 'zod';
import type { Dataset, Lookup } from '../model/dataset.ts';
import type { Entity } from '../model/entity.ts';
import type { ParserInput } from '../model/manifest.ts';
import type { RecordOf, StreamRef } from './define-stream.ts';

/** A stream and how a parser wants it. */
export interface InputValue<S extends StreamRef = StreamRef, Mode extends ParserInput['mode'] = ParserInput['mode']> {
  readonly mode: Mode;
  readonly stream: S;
}

export interface ParserOptions {
  /**
   * Each record of the incremental input (of the only input, where there is one) is worked on by itself: what is yielded for
   * it follows from that record and from the other inputs, not from records before it. Large inputs are then shared out
   * among threads, each of which runs the parser over its part. Default: false.
   */
  readonly parallel?: boolean;
}

/** A parser as a value; its name is the field of `parsers` that it stands in. */
export interface ParserValue {
  readonly entity: unknown;
  readonly inputs: readonly { readonly mode: ParserInput['mode']; readonly stream: unknown }[];
  readonly parallel?: boolean;
  /** Gets one dataset (a lookup for `latest`) for each input, in order. */
  run(inputs: readonly (Dataset<unknown> | Lookup<unknown>)[]): AsyncIterable<unknown>;
}

/** The newest version of each key of the stream; of a full-refresh stream, its last complete run. */
export function fullRefresh<S extends StreamRef>(stream: S): InputValue<S, 'full_refresh'> {
  return { mode: 'full_refresh', stream };
}

/** The records of the stream committed since this parser's last success. */
export function incremental<S extends StreamRef>(stream: S): InputValue<S, 'incremental'> {
  return { mode: 'incremental', stream };
}

/** The newest version of each key, as a lookup by the stream's primary key (a JSON array of its parts where it has several). */
export function latest<S extends StreamRef>(stream: S): InputValue<S, 'latest'> {
  return { mode: 'latest', stream };
}

/** The last version of each record that was listed once and that the last complete listing no longer shows. */
export function archived<S extends StreamRef>(stream: S): InputValue<S, 'archived'> {
  return { mode: 'archived', stream };
}

type Datasets<Inputs> = {
  readonly [K in keyof Inputs]: Inputs[K] extends InputValue<infer S, infer Mode>
    ? Mode extends 'latest'
      ? Lookup<RecordOf<S>>
      : Dataset<RecordOf<S>>
    : never;
};

/**
 * A parser without a class: what it reads, what it makes, how. Everything in `run` is inferred.
 *
 * @example
 * parser({ projects: fullRefresh(Projects), issues: incremental(Issues) }, Finding, async function* ({ projects, issues }) {
 *   const project = await projects.keyBy('id');
 *   for await (const issue of issues) yield toFinding(issue, project.get(issue.project));
 * })
 */
export function parser<const Inputs extends Readonly<Record<string, InputValue>>, E extends Entity>(
  inputs: Inputs,
  entity: E,
  run: (datasets: Datasets<Inputs>) => AsyncIterable<z.input<E>>,
  options: ParserOptions = {},
): ParserValue {
  const names = Object.keys(inputs);
  return {
    entity,
    ...options,
    inputs: Object.values(inputs),
    run: (datasets) => run(named(names, datasets)),
  };
}

/** The one place where datasets get back the types that their inputs gave them: they come in the inputs' order. */
function named<Inputs>(
  names: readonly string[],
  datasets: readonly (Dataset<unknown> | Lookup<unknown>)[],
): Datasets<Inputs> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above
  return Object.fromEntries(names.map((name, index) => [name, datasets[index]])) as Datasets<Inputs>;
}
