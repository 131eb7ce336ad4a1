import type { BodyFormat } from '../model/body-format.ts';
import type { PageRequest } from '../model/http.ts';
import type { PageSource } from '../model/stream.ts';
import type { Paginator } from '../pagination/paginator.ts';
import { nameOf } from './decorator-place.ts';
import { defineStream, isStreamValue, type StreamOptions, type StreamValue } from './define-stream.ts';
import type { Problem } from './definition-problem.ts';
import { plannedSource } from './http-source.ts';
import { readMetadata } from './metadata.ts';
import { snakeCase } from './names.ts';
import { recordPlan, type RecordPlan } from './record-plan.ts';
import type { RecordSelector } from './record-selector.ts';
import { CHECKS, INPUTS, PARSERS, PROBLEMS, STREAM } from './records.ts';
import type { RequestContext } from './request-context.ts';

/** A stream as it was given, the value it comes to when it does, and what is wrong with it. */
export interface LoweredStream {
  /** The class or value by which other definitions refer to it. */
  readonly ref: unknown;
  readonly value?: StreamValue;
  readonly problems: readonly Problem[];
}

/** Turns one element of an integration's `streams` into what `defineStream` gives. */
export function lowerStream(ref: unknown, index: number): LoweredStream {
  if (isStreamValue(ref)) return { ref, value: ref, problems: [] };
  if (typeof ref !== 'function') return { ref, problems: [noStream(ref, index)] };
  const recorded = [...(readMetadata(PROBLEMS, ref) ?? []), ...foreignDecorators(ref)];
  const options = readMetadata(STREAM, ref);
  if (options === undefined) {
    const missing = {
      what: `the stream class ${nameOf(ref)} has no @Stream`,
      fix: `put @Stream({ record: …, primaryKey: 'id' }) on it`,
    };
    return { ref, problems: recorded.length > 0 ? recorded : [missing] };
  }
  const made = instantiate(ref);
  if (made.problem !== undefined) return { ref, problems: [...recorded, made.problem] };
  const source = sourceOf(made.instance, nameOf(ref), planOf(options));
  if (!('read' in source)) return { ref, problems: [...recorded, source] };
  return {
    ref,
    value: defineStream({ ...options, name: options.name ?? snakeCase(ref.name), source }),
    problems: recorded,
  };
}

/** Makes a class's only instance. */
export function instantiate(
  ctor: object,
): { readonly instance: object; readonly problem?: never } | { readonly problem: Problem; readonly instance?: never } {
  try {
    if (!isConstructor(ctor)) throw new TypeError('it is not a class');
    return { instance: new ctor() };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return {
      problem: {
        what: `${nameOf(ctor)} cannot be made: ${why}`,
        fix: 'let its constructor take no arguments and do nothing that can fail',
      },
    };
  }
}

/** What streaming looks at in a record. What is wrong with the options is told elsewhere. */
function planOf({
  record,
  primaryKey,
  cursor = [],
}: Pick<StreamOptions, 'record' | 'primaryKey' | 'cursor'>): RecordPlan | undefined {
  const pointers: unknown[] = [primaryKey, cursor].flat();
  return pointers.every((pointer) => typeof pointer === 'string') ? recordPlan(record, pointers) : undefined;
}

function sourceOf(instance: object, name: string, plan: RecordPlan | undefined): PageSource | Problem {
  if (isHttpParts(instance)) {
    return plannedSource(
      {
        request: (context) => instance.request(context),
        records: instance.records,
        paginator: instance.paginator,
        format: instance.format,
      },
      plan,
    );
  }
  if (isSource(instance)) {
    return {
      recordsPointer: instance.recordsPointer,
      read: (context) => instance.read(context),
      select: (body, place) => instance.select(body, place),
      ...(instance.format === undefined ? {} : { format: instance.format }),
    };
  }
  if ('request' in instance) {
    return {
      what: `${name} has a \`records\` that is no JSON pointer and no function, or a \`paginator\` that is none`,
      fix: `write records = '/data' and paginator = jsonApiLinks() (or linkHeader(), pageNumber(), bodyCursor(…))`,
    };
  }
  return {
    what: `${name} is no stream: it has neither request() nor read() and select()`,
    fix: 'let it extend HttpStream, or AbstractStream and implement PageSource',
  };
}

function noStream(ref: unknown, index: number): Problem {
  if (ref === undefined) {
    return {
      what: `streams[${index}] is undefined`,
      fix: 'two files import each other: move the stream to a file that does not import integration.ts',
    };
  }
  return { what: `streams[${index}] is no stream`, fix: 'give a class with @Stream, or what defineStream returns' };
}

/** What only works on the integration's class is not passed over when it stands in a stream. */
function foreignDecorators(ref: object): readonly Problem[] {
  return [
    ...(readMetadata(CHECKS, ref) ?? []).map(({ method }) => ({ decorator: '@Check', method })),
    ...(readMetadata(PARSERS, ref) ?? []).map(({ method }) => ({ decorator: '@Parser', method })),
    ...(readMetadata(INPUTS, ref) ?? []).map(({ method }) => ({ decorator: '@FullRefresh or @Incremental', method })),
  ].map(({ decorator, method }) => ({
    what: `${decorator} stands on ${nameOf(ref)}.${method}, which is a method of a stream`,
    fix: 'move the method to the class with @Integration',
  }));
}

function isConstructor(value: object): value is new () => object {
  return typeof value === 'function';
}

interface HttpParts {
  request(context: RequestContext): PageRequest;
  readonly records: string | RecordSelector;
  readonly paginator: Paginator;
  readonly format: BodyFormat;
}

function isHttpParts(value: object): value is HttpParts {
  return (
    'request' in value &&
    typeof value.request === 'function' &&
    'records' in value &&
    (typeof value.records === 'string' || typeof value.records === 'function') &&
    'paginator' in value &&
    typeof value.paginator === 'object' &&
    value.paginator !== null &&
    'next' in value.paginator &&
    'format' in value &&
    typeof value.format === 'object'
  );
}

function isSource(value: object): value is PageSource {
  return 'read' in value && typeof value.read === 'function' && 'select' in value && typeof value.select === 'function';
}
