import { isObject } from '../util/json.ts';

/** A value that the JSON form cannot hold without a change of meaning. The sink adds entity, key and field. */
export class UnstorableValue extends Error {
  override readonly name = 'UnstorableValue';
}

const MAX_DEPTH = 500;

/**
 * The JSON text of a value as sinks store it, canonical (object keys sorted, so equal values give equal text).
 * Stricter than JSON.stringify, which would turn NaN into null and a Map into `{}` without a word:
 *
 * - Dates are ISO text in UTC; bigints are numbers up to 2^53 and text of digits beyond
 * - undefined is left out of objects and null in arrays; `toJSON` is used where there is one
 * - a lone surrogate, which no UTF-8 text can hold, is U+FFFD as in every UTF-8 encoder
 *
 * @throws UnstorableValue for NaN, Infinity, an invalid Date, a function, a symbol, a Map, a Set and the like
 */
export function storedJson(value: unknown): string {
  return encode(value, 0);
}

function encode(value: unknown, depth: number): string {
  if (depth > MAX_DEPTH) throw new UnstorableValue(`it is nested more than ${MAX_DEPTH} levels deep`);
  if (value === null || value === undefined) return 'null';
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value.toWellFormed());
    case 'number':
      if (!Number.isFinite(value)) throw new UnstorableValue(`${value} has no JSON form`);
      return JSON.stringify(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'bigint':
      return JSON.stringify(integerJson(value));
    case 'object':
      return encodeObject(value, depth);
    default:
      throw new UnstorableValue(`a ${typeof value} has no JSON form`);
  }
}

function encodeObject(value: object, depth: number): string {
  if (Array.isArray(value)) {
    let text = '';
    // Not `for … of`, which leaves out nothing either but takes longer: most JSON columns are short lists.
    for (let index = 0; index < value.length; index += 1)
      text += `${index === 0 ? '' : ','}${encode(value[index], depth + 1)}`;
    return `[${text}]`;
  }
  if (value instanceof Date) return JSON.stringify(timestampJson(value));
  if ('toJSON' in value && typeof value.toJSON === 'function') return encode(value.toJSON(), depth + 1);
  const prototype: unknown = Object.getPrototypeOf(value);
  // A plain object of another realm has that realm's Object.prototype: its own prototype is null.
  const isPlain = prototype === null || Object.getPrototypeOf(prototype) === null;
  if (!isPlain || !isObject(value)) {
    throw new UnstorableValue(`a ${value.constructor.name} has no JSON form: give a plain object or array`);
  }
  const fields = Object.keys(value)
    .sort()
    .filter((name) => value[name] !== undefined)
    .map((name) => `${JSON.stringify(name.toWellFormed())}:${encode(value[name], depth + 1)}`);
  return `{${fields.join(',')}}`;
}

/** A number where it is exact, the digits as text beyond 2^53. */
export function integerJson(value: bigint): number | string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}

/** ISO 8601 in UTC with milliseconds and Z. */
export function timestampJson(value: Date): string {
  if (Number.isNaN(value.getTime())) throw new UnstorableValue('it is an invalid Date');
  return value.toISOString();
}
