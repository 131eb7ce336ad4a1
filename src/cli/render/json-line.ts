/**
 * A value as one line of JSON, without a line break at its end. Nothing is rounded or lost on the way: whole numbers
 * beyond 2^53 become strings of digits, and NaN and the infinities strings of their names, because JSON has no such
 * numbers and most readers round.
 */
export function jsonLine(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => toJsonValue(item)) ?? 'null';
}

/** Rows as NDJSON, one chunk per row: for a pipe that is written as fast as it is read. */
export async function* ndjson(rows: Iterable<unknown> | AsyncIterable<unknown>): AsyncGenerator<string> {
  for await (const row of rows) yield `${jsonLine(row)}\n`;
}

function toJsonValue(item: unknown): unknown {
  if (typeof item === 'bigint') return BigInt.asIntN(54, item) === item ? Number(item) : item.toString();
  if (typeof item === 'number' && !Number.isFinite(item)) return String(item);
  return item;
}
