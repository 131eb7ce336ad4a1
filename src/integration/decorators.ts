// Decorators only record what they were given, on the class itself. What it comes to, and what is wrong with it, is
// found out when the integration is loaded.
import type { z } from 'zod';
import type { Dataset, Lookup } from '../model/dataset.ts';
import type { Entity } from '../model/entity.ts';
import type { ParserInput } from '../model/manifest.ts';
import type { AbstractIntegration } from './abstract-integration.ts';
import type { AbstractStream } from './abstract-stream.ts';
import { type AnyDecorator, misplaced, placeOf } from './decorator-place.ts';
import type { IntegrationOptions } from './define-integration.ts';
import type { RecordOf, StreamOptions, StreamRef } from './define-stream.ts';
import { appendMetadata, writeMetadata } from './metadata.ts';
import type { ParserOptions } from './parser.ts';
import { CHECKS, INPUTS, INTEGRATION, PARSERS, STREAM } from './records.ts';
import type { CheckCheck, CheckConfig, CheckInjection, CheckParser, CheckRecord, CheckSlices } from './type-checks.ts';

type IntegrationDecorator<Schema extends z.ZodType> = <T extends AbstractIntegration<never>>(
  target: (new () => T) & CheckConfig<T, Schema>,
) => void;

type StreamDecorator<Schema extends z.ZodType, Slices> = <R, Needs>(
  target: (new () => AbstractStream<R, Needs>) & CheckRecord<R, Schema> & CheckSlices<Needs, Slices>,
) => void;

type CheckDecorator = <T extends AbstractIntegration<never>, K extends PropertyKey>(
  target: T,
  key: K & CheckCheck<T, K>,
  descriptor: PropertyDescriptor,
) => void;

type ParserDecorator<E extends z.ZodType> = <T extends AbstractIntegration<never>, K extends PropertyKey>(
  target: T,
  key: K & CheckParser<T, K, E>,
  descriptor: PropertyDescriptor,
) => void;

type InputDecorator<Injected> = <
  T extends AbstractIntegration<never>,
  K extends PropertyKey | undefined,
  I extends number,
>(
  target: T,
  key: K,
  index: I & CheckInjection<T, K, I, Injected>,
) => void;

/** On the exported class of `integration.ts`: what the integration is made of. */
export function Integration<Config extends z.ZodObject>(
  options: IntegrationOptions<Config>,
): IntegrationDecorator<Config> {
  const record: AnyDecorator = (target, key, extra) => {
    const place = placeOf(target, key, extra);
    if (place.kind !== 'class') misplaced('@Integration', place, 'a class that extends AbstractIntegration');
    // In the wrong mode it is still known that this is the integration: the mode is then the only thing to mend.
    if (place.kind === 'class' || place.kind === 'standard') writeMetadata(INTEGRATION, place.on, options);
  };
  return record;
}

/** On a class that extends `HttpStream` or `AbstractStream`: what a record is, its key, its cursor, its slices. */
export function Stream<Schema extends z.ZodType, Config = unknown>(
  options: StreamOptions<Schema, Config>,
): StreamDecorator<Schema, Config> {
  const record: AnyDecorator = (target, key, extra) => {
    const place = placeOf(target, key, extra);
    if (place.kind !== 'class') misplaced('@Stream', place, 'a class that extends HttpStream');
    if (place.kind === 'class' || place.kind === 'standard') writeMetadata(STREAM, place.on, options);
  };
  return record;
}

/** On a method `(context: CheckContext<Config>) => Promise<void>` that throws when what the title says is not so. */
export function Check(title: string): CheckDecorator {
  const record: AnyDecorator = (target, key, extra) => {
    const place = placeOf(target, key, extra);
    if (place.kind === 'method' && !place.isStatic) appendMetadata(CHECKS, place.on, { method: place.name, title });
    else misplaced('@Check', place, 'a method of the integration that is not static');
  };
  return record;
}

/** On an async generator method: it yields what `entity` accepts. Each of its parameters names its stream. */
export function Parser<E extends Entity>(entity: E, { parallel = false }: ParserOptions = {}): ParserDecorator<E> {
  const record: AnyDecorator = (target, key, extra) => {
    const place = placeOf(target, key, extra);
    if (place.kind === 'method' && !place.isStatic)
      appendMetadata(PARSERS, place.on, { method: place.name, entity, parallel });
    else misplaced('@Parser', place, 'a method of the integration that is not static');
  };
  return record;
}

/** On a parser's parameter: the newest version of each key of the stream; of a full-refresh stream, its last complete run. */
export function FullRefresh<S extends StreamRef>(stream: S): InputDecorator<Dataset<RecordOf<S>>> {
  return input('@FullRefresh', 'full_refresh', stream);
}

/** On a parser's parameter: the records of the stream committed since this parser's last success. */
export function Incremental<S extends StreamRef>(stream: S): InputDecorator<Dataset<RecordOf<S>>> {
  return input('@Incremental', 'incremental', stream);
}

/**
 * On a parser's parameter: the newest version of each key, as a lookup by the stream's primary key (the JSON array of its
 * parts where it has several). Built before the parser starts.
 */
export function Latest<S extends StreamRef>(stream: S): InputDecorator<Lookup<RecordOf<S>>> {
  return input('@Latest', 'latest', stream);
}

/**
 * On a parser's parameter: the last version of each record that a listing has shown once and that the last complete one
 * no longer shows. Of full-refresh streams only: what an incremental stream no longer has is never known.
 */
export function Archived<S extends StreamRef>(stream: S): InputDecorator<Dataset<RecordOf<S>>> {
  return input('@Archived', 'archived', stream);
}

function input(decorator: string, mode: ParserInput['mode'], stream: unknown): AnyDecorator {
  return (target, key, extra) => {
    const place = placeOf(target, key, extra);
    if (place.kind === 'parameter' && !place.isStatic) {
      appendMetadata(INPUTS, place.on, { method: place.name, index: place.index, mode, stream });
    } else misplaced(decorator, place, 'a parameter of a parser method');
  };
}
