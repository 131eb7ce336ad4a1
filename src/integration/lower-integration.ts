import type { CheckContext, CheckDefinition } from '../model/manifest.ts';
import { nameOf } from './decorator-place.ts';
import {
  integrationValue,
  type IntegrationRecord,
  type IntegrationValue,
  type NamedParser,
} from './define-integration.ts';
import type { Problem } from './definition-problem.ts';
import { instantiate } from './lower-stream.ts';
import { readMetadata } from './metadata.ts';
import { CHECKS, INPUTS, type InputRecord, INTEGRATION, PARSERS, PROBLEMS, ROOT } from './records.ts';

/** Turns a decorated class into what `defineIntegration` gives, as far as it can, and says what is wrong with it. */
export function lowerIntegration(
  ctor: object,
  options: IntegrationRecord,
): { readonly value: IntegrationValue; readonly problems: readonly Problem[] } {
  const problems: Problem[] = [...(readMetadata(PROBLEMS, ctor) ?? []), ...inherited(ctor)];
  const made = instantiate(ctor);
  if (made.problem !== undefined) problems.push(made.problem);
  const instance = made.instance ?? {};
  const parsers = lowerParsers(ctor, instance);
  problems.push(...parsers.problems);
  return { value: integrationValue(options, lowerChecks(ctor, instance), parsers.parsers), problems };
}

/** True for a class below AbstractIntegration, of any copy of the package. */
export function isIntegrationClass(value: unknown): value is object {
  if (typeof value !== 'function') return false;
  return ancestors(value).some((ancestor) => readMetadata(ROOT, ancestor) === true);
}

function lowerChecks(ctor: object, instance: object): readonly CheckDefinition[] {
  return (readMetadata(CHECKS, ctor) ?? []).map(({ method, title }) => ({
    title,
    run: async (context: CheckContext<unknown>) => {
      await methodOf(instance, method)?.call(instance, context);
    },
  }));
}

function lowerParsers(
  ctor: object,
  instance: object,
): { readonly parsers: readonly NamedParser[]; readonly problems: readonly Problem[] } {
  const records = readMetadata(PARSERS, ctor) ?? [];
  const inputs = readMetadata(INPUTS, ctor) ?? [];
  const problems: Problem[] = [];
  const parsers = records.map(({ method, entity, parallel }) => {
    const name = `${nameOf(ctor)}.${method}`;
    const own = inputs.filter((input) => input.method === method).sort((a, b) => a.index - b.index);
    const run = methodOf(instance, method);
    problems.push(...wrongInputs(name, own, run?.length ?? 0), ...wrongKind(name, run));
    return {
      name: method,
      entity,
      parallel,
      inputs: own.map(({ mode, stream }) => ({ mode, stream })),
      run: (datasets: readonly unknown[]) => asIterable(name, run?.apply(instance, [...datasets])),
    };
  });
  const parsed = new Set(records.map(({ method }) => method));
  const strays = [...new Set(inputs.map(({ method }) => method).filter((method) => !parsed.has(method)))];
  problems.push(
    ...strays.map((method) => ({
      what: `${nameOf(ctor)}.${method} has injected parameters and no @Parser`,
      fix: 'put @Parser(Entity) on the method',
    })),
  );
  return { parsers, problems };
}

function wrongInputs(name: string, inputs: readonly InputRecord[], length: number): readonly Problem[] {
  const count = Math.max(length, ...inputs.map(({ index }) => index + 1));
  return Array.from({ length: count }, (_, index): readonly Problem[] => {
    const found = inputs.filter((input) => input.index === index).length;
    if (found === 1) return [];
    const parameter = `${name}: parameter ${index + 1} of ${count}`;
    return found === 0
      ? [
          {
            what: `${parameter} has no @FullRefresh or @Incremental`,
            fix: 'put @FullRefresh(Stream) or @Incremental(Stream) before it',
          },
        ]
      : [{ what: `${parameter} has ${found} of @FullRefresh and @Incremental`, fix: 'leave one of them' }];
  }).flat();
}

/** A plain async method or a plain generator is seen before it is called; what else it may be shows when it runs. */
function wrongKind(name: string, run: Method | undefined): readonly Problem[] {
  const kind = run?.constructor.name;
  if (kind !== 'AsyncFunction' && kind !== 'GeneratorFunction') return [];
  return [
    { what: `the parser ${name} is no async generator`, fix: `write it as async *${name.split('.').pop() ?? ''}(…)` },
  ];
}

/** Decorators of a base class are not looked at, so they must not be there. */
function inherited(ctor: object): readonly Problem[] {
  return ancestors(ctor)
    .filter((ancestor) =>
      [
        readMetadata(INTEGRATION, ancestor),
        readMetadata(CHECKS, ancestor),
        readMetadata(PARSERS, ancestor),
        readMetadata(INPUTS, ancestor),
      ].some((record) => record !== undefined),
    )
    .map((ancestor) => ({
      what: `${nameOf(ctor)} extends ${nameOf(ancestor)}, whose checks and parsers it does not inherit`,
      fix: 'extend AbstractIntegration itself, and share functions in place of a base class',
    }));
}

function ancestors(ctor: object): readonly object[] {
  const parent: unknown = Object.getPrototypeOf(ctor);
  return typeof parent === 'function' ? [parent, ...ancestors(parent)] : [];
}

type Method = (...parameters: unknown[]) => unknown;

function methodOf(instance: object, name: string): Method | undefined {
  const found: unknown = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(instance), name)?.value;
  return isMethod(found) ? found : undefined;
}

function isMethod(value: unknown): value is Method {
  return typeof value === 'function';
}

function asIterable(name: string, made: unknown): AsyncIterable<unknown> {
  if (isAsyncIterable(made)) return made;
  throw new TypeError(
    `the parser ${name} returned no async iterable: write it as async *${name.split('.').pop() ?? ''}(…)`,
  );
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}
