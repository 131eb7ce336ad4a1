import { appendMetadata } from './metadata.ts';
import { PROBLEMS } from './records.ts';

/** A decorator as JavaScript calls it: what it stands on is known only from its arguments. */
export type AnyDecorator = (target: object, key?: unknown, extra?: unknown) => void;

/** Where a decorator stands, in either decorator mode. */
export type Place =
  | { readonly kind: 'class'; readonly on: object }
  | { readonly kind: 'method'; readonly on: object; readonly name: string; readonly isStatic: boolean }
  | {
      readonly kind: 'parameter';
      readonly on: object;
      readonly name: string;
      readonly index: number;
      readonly isStatic: boolean;
    }
  /** A property, an accessor, a constructor's parameter, … `name` says it in words. */
  | { readonly kind: 'other'; readonly on: object; readonly name: string }
  /** The decorators of the language itself: they do not reach parameters. */
  | { readonly kind: 'standard'; readonly on: object };

export function placeOf(target: object, key: unknown, extra: unknown): Place {
  if (isStandardContext(key)) return { kind: 'standard', on: target };
  if (key === undefined && typeof extra === 'number') {
    return { kind: 'other', on: target, name: 'a parameter of the constructor' };
  }
  if (key === undefined) return { kind: 'class', on: target };
  const isStatic = typeof target === 'function';
  const on = isStatic ? target : target.constructor;
  const name = typeof key === 'string' ? key : 'a member without a plain name';
  if (typeof extra === 'number') return { kind: 'parameter', on, name, index: extra, isStatic };
  if (isMethodDescriptor(extra)) return { kind: 'method', on, name, isStatic };
  return { kind: 'other', on, name: `${name}, which is no method` };
}

/** Notes on the class that a decorator stands where it cannot work. */
export function misplaced(decorator: string, place: Place, belongs: string): void {
  if (place.kind === 'standard') {
    appendMetadata(PROBLEMS, place.on, {
      what: `${decorator} was called the way of the language's own decorators, which cannot inject into parameters`,
      fix: 'set "experimentalDecorators": true in the tsconfig that compiles this file',
    });
    return;
  }
  appendMetadata(PROBLEMS, place.on, {
    what: `${decorator} stands on ${describe(place)}`,
    fix: `put ${decorator} on ${belongs}`,
  });
}

function describe(place: Exclude<Place, { kind: 'standard' }>): string {
  if (place.kind === 'class') return `the class ${nameOf(place.on)}`;
  if (place.kind === 'other') return place.name;
  const method = `${place.isStatic ? 'the static method' : 'the method'} ${nameOf(place.on)}.${place.name}`;
  return place.kind === 'method' ? method : `parameter ${place.index + 1} of ${method}`;
}

/** A class's name, as people know it. */
export function nameOf(value: unknown): string {
  return typeof value === 'function' && value.name !== '' ? value.name : 'an unnamed class';
}

function isStandardContext(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'kind' in value && 'addInitializer' in value;
}

function isMethodDescriptor(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'value' in value && typeof value.value === 'function';
}
