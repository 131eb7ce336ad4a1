import type { Column } from './sink.ts';

/** A key value in its JSON form: integers beyond 2^53 are text, times are ISO text. */
export type KeyValue = string | number | boolean;

/**
 * One text for one key: a single text as it is, all else as a JSON array (`["acme",7]`). A single text that starts
 * with a bracket is written as an array too, so that no two keys have the same text.
 */
export function keyText(values: readonly KeyValue[]): string {
  const [first] = values;
  return values.length === 1 && typeof first === 'string' && !first.startsWith('[') ? first : JSON.stringify(values);
}

/** Orders texts by code point, as UTF-8 databases do; JavaScript's own `<` puts an emoji before U+E000 to U+FFFF. */
export function compareText(a: string, b: string): number {
  for (let index = 0; index < a.length && index < b.length; index++) {
    const left = a.charCodeAt(index);
    const right = b.charCodeAt(index);
    if (left !== right) return rank(left) - rank(right);
  }
  return a.length - b.length;
}

/** Surrogates stand for code points above all others. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}

/** Orders two values of a key field as its column is ordered in SQL: numbers by size, times by time, texts by code point. */
export function compareKeyValues(type: Column['type'], a: unknown, b: unknown): number {
  if (type === 'integer') {
    const left = BigInt(String(a));
    const right = BigInt(String(b));
    return left < right ? -1 : left > right ? 1 : 0;
  }
  if (type === 'number' || type === 'boolean') return Number(a) - Number(b);
  if (type === 'timestamp') return Date.parse(String(a)) - Date.parse(String(b));
  return compareText(String(a), String(b));
}
