import type { Lookup } from '../../model/dataset.ts';
import { openSpill, type Spill } from './spill.ts';

/** About 150 MB of ordinary records; more goes to a temporary file. */
export const RECORDS_IN_MEMORY = 50_000;

export interface LookupOptions {
  /** In which order the records come; the newer of two with one key stays. */
  readonly newestFirst: boolean;
  readonly recordsInMemory?: number;
}

/**
 * An index over records, bounded in memory.
 * A record that comes back from the temporary file has gone through JSON: dates made by a schema would be text there,
 * so those records stay in memory.
 */
export async function recordLookup(
  records: AsyncIterable<unknown>,
  keyOf: (record: unknown) => string | undefined,
  { newestFirst, recordsInMemory = RECORDS_IN_MEMORY }: LookupOptions,
): Promise<Lookup<unknown>> {
  const memory = new Map<string, unknown>();
  let spill: Spill | undefined;
  let spilled = 0;
  for await (const record of records) {
    const key = keyOf(record);
    if (key === undefined || (newestFirst && memory.has(key))) continue;
    const text = memory.size < recordsInMemory || memory.has(key) ? undefined : plainJson(record);
    if (text === undefined) memory.set(key, frozen(record));
    else {
      spill ??= openSpill();
      if (spill.insert(key, text)) spilled += 1;
      else if (!newestFirst) spill.replace(key, text);
    }
  }
  const find = (key: string): unknown => {
    if (memory.has(key)) return memory.get(key);
    const text = spill?.get(key);
    return text === undefined ? undefined : frozen(JSON.parse(text));
  };
  return {
    size: memory.size + spilled,
    has: (key) => memory.has(key) || spill?.get(key) !== undefined,
    get: (key) => (key === undefined ? undefined : find(key)),
  };
}

/** The same record is handed out again and again: who changes it would change what the next look-up finds. */
function frozen(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value) || ArrayBuffer.isView(value)) return value;
  Object.freeze(value);
  for (const item of Object.values(value)) frozen(item);
  return value;
}

/** The record as JSON, or undefined when JSON would not give it back as it is. */
function plainJson(record: unknown): string | undefined {
  return isPlain(record) ? JSON.stringify(record) : undefined;
}

function isPlain(value: unknown): boolean {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object') return value === undefined;
  if (Array.isArray(value)) return value.every((item) => item !== undefined && isPlain(item));
  return Object.getPrototypeOf(value) === Object.prototype && Object.values(value).every(isPlain);
}
