import type { z } from 'zod';
import type { Dataset } from '../model/dataset.ts';
import type { Entity } from '../model/entity.ts';
import type { ParserInput } from '../model/manifest.ts';
import type { RecordOf, StreamRef } from './define-stream.ts';

/** A stream and how a parser wants it. */
export interface InputValue<S extends StreamRef = StreamRef> {
  readonly mode: ParserInput['mode'];
  readonly stream: S;
}

/** A parser as a value; its name is the field of `parsers` that it stands in. */
export interface ParserValue {
  readonly entity: unknown;
  readonly inputs: readonly { readonly mode: ParserInput['mode']; readonly stream: unknown }[];
  /** Gets one dataset for each input, in order. */
  run(datasets: readonly Dataset<unknown>[]): AsyncIterable<unknown>;
}

/** The newest version of each key of the stream; of a full-refresh stream, its last complete run. */
export function fullRefresh<S extends StreamRef>(stream: S): InputValue<S> {
  return { mode: 'full_refresh', stream };
}

/** The records of the stream committed since this parser's last success. */
export function incremental<S extends StreamRef>(stream: S): InputValue<S> {
  return { mode: 'incremental', stream };
}

type Datasets<Inputs> = {
  readonly [K in keyof Inputs]: Inputs[K] extends InputValue<infer S> ? Dataset<RecordOf<S>> : never;
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
): ParserValue {
  const names = Object.keys(inputs);
  return {
    entity,
    inputs: Object.values(inputs),
    run: (datasets) => run(named(names, datasets)),
  };
}

/** The one place where datasets get back the types that their inputs gave them: they come in the inputs' order. */
function named<Inputs>(names: readonly string[], datasets: readonly Dataset<unknown>[]): Datasets<Inputs> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above
  return Object.fromEntries(names.map((name, index) => [name, datasets[index]])) as Datasets<Inputs>;
}
