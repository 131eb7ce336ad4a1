import { hash } from 'node:crypto';
import { SassyError } from '../../errors/sassy-error.ts';
import { isObject } from '../../util/json.ts';
import type { StoredEntity, StoredValue } from '../entity-encoder.ts';
import { copyText, isoTime, jsonWithoutNul, timeText, withNul, withoutNul } from './postgres-text.ts';
import type { BatchTarget, Column } from '../sink.ts';
import { integerJson, UnstorableValue } from '../stored-json.ts';

/**
 * The line of an entity for `COPY`: a hash of its key, the key, its place in the batch, its values. The hash is what
 * rows are found by: an index holds no text longer than 2704 bytes.
 *
 * @throws SassyError SINK_FAILED that names entity, key and field for what PostgreSQL cannot hold
 */
export function copyLine({ key, values }: StoredEntity, ordinal: number, { columns, entity }: BatchTarget): string {
  const fields = values.map((value, index) => {
    const column = columns[index];
    try {
      return copyValue(value, column?.type);
    } catch (error) {
      if (!(error instanceof UnstorableValue)) throw error;
      throw new SassyError('SINK_FAILED', {
        message: `${entity.name} ${JSON.stringify(key.slice(0, 200))}, field ${column?.name ?? ''}: ${error.message}`,
        fix: 'mend the parser, then run it again',
        cause: error,
      });
    }
  });
  return `${keyHash(key)}\t${copyText(storedKey(key))}\t${ordinal}${fields.map((field) => `\t${field}`).join('')}\n`;
}

function copyValue(value: StoredValue, type: Column['type'] | undefined): string {
  if (value === null) return String.raw`\N`;
  if (typeof value === 'string') return copyText(type === 'json' ? jsonWithoutNul(value) : withoutNul(value));
  if (value instanceof Date) return timeText(value);
  return String(value);
}

/** Half of a SHA-256, as a uuid: 16 bytes, and no two keys will ever share one. */
function keyHash(key: string): string {
  return hash('sha256', key, 'hex').slice(0, 32);
}

/** A single text with a NUL is written as an array, as one that begins with a bracket is: see `keyText`. */
function storedKey(key: string): string {
  return key.includes('\u0000') ? withoutNul(JSON.stringify([key])) : withoutNul(key);
}

/** The key that `copyLine` was given. */
export function keyOf(stored: string): string {
  const text = withNul(stored);
  if (!text.includes('\\u0000')) return text;
  const parts: unknown = JSON.parse(text);
  if (!Array.isArray(parts) || parts.length !== 1) return text;
  const [only]: unknown[] = parts;
  return typeof only === 'string' && !only.startsWith('[') ? only : text;
}

/** https://github.com/postgres/postgres/blob/master/src/include/catalog/pg_type.dat */
const BOOLEAN = 16;
const INTEGERS: ReadonlySet<number> = new Set([20, 21, 23, 26]);
const FLOATS: ReadonlySet<number> = new Set([700, 701]);
const NUMERIC = 1700;
const JSONS: ReadonlySet<number> = new Set([114, 3802]);
const TIMESTAMPTZ = 1184;

/**
 * What the server wrote, as JSON can hold it without rounding: integers and decimals are numbers where the number is
 * exact and text where it is not; times are ISO 8601 in UTC; JSON is parsed; NaN, Infinity and all else are text.
 */
export function plainValue(text: string | null, type: number): unknown {
  if (text === null) return null;
  if (type === BOOLEAN) return text === 't';
  if (INTEGERS.has(type)) return integerJson(BigInt(text));
  if (FLOATS.has(type)) return Number.isFinite(Number(text)) ? Number(text) : text;
  if (type === NUMERIC) return decimalJson(text);
  if (JSONS.has(type)) return inOrder(JSON.parse(text));
  if (type === TIMESTAMPTZ) return isoTime(text);
  return withNul(text);
}

function decimalJson(text: string): number | string {
  const shortest = text.includes('.') ? text.replace(/\.?0+$/, '') : text;
  return String(Number(text)) === shortest ? Number(text) : text;
}

/** jsonb has an order of fields of its own; sinks give them by name. */
function inOrder(value: unknown): unknown {
  if (typeof value === 'string') return withNul(value);
  if (Array.isArray(value)) return value.map(inOrder);
  if (!isObject(value)) return value;
  const names = Object.keys(value).sort();
  return Object.fromEntries(names.map((name) => [withNul(name), inOrder(value[name])]));
}
