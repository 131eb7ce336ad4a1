import { ExactNumber } from '../../util/lossless-json.ts';
import { pointerReader } from '../../util/json-pointer.ts';

/**
 * The key of a record as text, or undefined when a part of it is missing. A single string key is itself; a number
 * and a string that look alike stay apart, and so do compound keys, by writing them as JSON.
 */
export function recordKey(primaryKey: readonly string[]): (record: unknown) => string | undefined {
  const readers = primaryKey.map((pointer) => pointerReader(pointer));
  const [first] = readers;
  if (first === undefined) return () => undefined;
  if (readers.length === 1) return (record) => keyText(first(record));
  return (record) => {
    const parts = readers.map((read) => keyText(read(record)));
    return parts.includes(undefined) ? undefined : JSON.stringify(parts);
  };
}

function keyText(value: unknown): string | undefined {
  if (typeof value === 'string') return value === '' ? undefined : value;
  if (typeof value === 'number' || typeof value === 'boolean') return `\u0000${JSON.stringify(value)}`;
  if (value instanceof ExactNumber || typeof value === 'bigint') return `\u0000${value.toString()}`;
  return undefined;
}

/** A key for people: without the mark that keeps a number apart from a text that looks like it. */
export function readableKey(key: string | undefined): string {
  return key === undefined ? '(without a key)' : key.replaceAll('\u0000', '').replaceAll('\\u0000', '');
}
