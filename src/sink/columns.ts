import type { Entity } from '../model/entity.ts';
import { isObject } from '../util/json.ts';
import type { Column } from './sink.ts';

type ColumnType = Column['type'];

/** Wrappers that do not change what is stored: looked through. Null and undefined are a null column in any type. */
const WRAPPERS: ReadonlySet<unknown> = new Set([
  'optional',
  'nullable',
  'nonoptional',
  'default',
  'prefault',
  'catch',
  'readonly',
]);

const INTEGER_FORMATS: ReadonlySet<unknown> = new Set(['safeint', 'int32', 'uint32']);

/** A type may refer to itself by getters; no sensible column lies deeper than this. */
const MAX_DEPTH = 32;

/**
 * The columns of an entity, in the order of its fields, by what its schema gives out:
 *
 * - strings of any format (ISO dates too), enums and literals of strings → `text`: the author's exact text is kept
 * - `z.int()`, `z.bigint()` → `integer` (64 bits; a sink refuses more), any other `z.number()` → `number`
 * - `z.boolean()` → `boolean`, `z.date()` → `timestamp` (UTC, milliseconds)
 * - objects, arrays, records, unions of several types, `z.unknown()`, the result of `.transform()` → `json`.
 *   End a transform with `.pipe(z.string())` to get a text column.
 *
 * Optional, nullable, default, catch, readonly, lazy and pipe are looked through. Reads zod's public type tags and not
 * its classes, so that an entity made by another copy of zod is understood.
 * https://zod.dev/library-authors
 */
export function columnsOf(entity: Entity): readonly Column[] {
  return Object.entries(entity.shape).map(([name, field]) => ({ name, type: typeOf(field, 0) ?? 'json' }));
}

/** Undefined for a type that has no value but null or undefined. */
function typeOf(schema: unknown, depth: number): ColumnType | undefined {
  const definition = definitionOf(schema);
  if (definition === undefined || depth > MAX_DEPTH) return 'json';
  if (WRAPPERS.has(definition['type'])) return typeOf(definition['innerType'], depth + 1);
  switch (definition['type']) {
    case 'string':
    case 'template_literal':
      return 'text';
    case 'number':
      return isInteger(definition) ? 'integer' : 'number';
    case 'bigint':
      return 'integer';
    case 'boolean':
    case 'success':
      return 'boolean';
    case 'date':
      return 'timestamp';
    case 'null':
    case 'undefined':
    case 'void':
      return undefined;
    case 'enum':
      return typeOfValues(enumValues(definition['entries']));
    case 'literal':
      return typeOfValues(Array.isArray(definition['values']) ? definition['values'] : []);
    case 'pipe':
      return typeOf(definition['out'], depth + 1);
    case 'lazy':
      return typeof definition['getter'] === 'function' ? typeOf(definition['getter'](), depth + 1) : 'json';
    case 'union':
      return typeOfUnion(Array.isArray(definition['options']) ? definition['options'] : [], depth);
    default:
      return 'json';
  }
}

function definitionOf(schema: unknown): Readonly<Record<string, unknown>> | undefined {
  if (!isObject(schema) || !isObject(schema['_zod'])) return undefined;
  const definition = schema['_zod']['def'];
  return isObject(definition) ? definition : undefined;
}

/** `z.int()` says it in its own format, `z.number().int()` in a check. */
function isInteger(definition: Readonly<Record<string, unknown>>): boolean {
  const checks = Array.isArray(definition['checks']) ? definition['checks'] : [];
  return [definition, ...checks.map(definitionOf)].some((item) => INTEGER_FORMATS.has(item?.['format']));
}

function typeOfUnion(options: readonly unknown[], depth: number): ColumnType | undefined {
  return oneType(options.map((option) => typeOf(option, depth + 1)));
}

/** TypeScript enums of numbers also hold the way back, name by number: those entries are no values. */
function enumValues(entries: unknown): readonly unknown[] {
  if (!isObject(entries)) return [];
  const numbers = Object.values(entries).filter((value) => typeof value === 'number');
  return Object.entries(entries).flatMap(([name, value]) => (numbers.includes(Number(name)) ? [] : [value]));
}

function typeOfValues(values: readonly unknown[]): ColumnType | undefined {
  return oneType(values.map(typeOfValue));
}

function typeOfValue(value: unknown): ColumnType | undefined {
  if (typeof value === 'string') return 'text';
  if (typeof value === 'number') return Number.isSafeInteger(value) ? 'integer' : 'number';
  if (typeof value === 'bigint') return 'integer';
  return typeof value === 'boolean' ? 'boolean' : undefined;
}

function oneType(types: readonly (ColumnType | undefined)[]): ColumnType | undefined {
  const [first, ...others] = new Set(types.filter((type) => type !== undefined));
  return others.length === 0 ? first : 'json';
}
