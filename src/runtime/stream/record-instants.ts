import { SassyError } from '../../errors/sassy-error.ts';
import type { StreamDefinition } from '../../model/stream.ts';
import { toInstant } from '../../util/instant.ts';
import { pointerReader } from '../../util/json-pointer.ts';
import { readableKey, recordKey } from '../dataset/record-key.ts';

/** Reads the cursors of a pass's pages; knows the last one, so that a promised order is checked across pages. */
export type InstantsOf = (records: readonly unknown[]) => readonly string[];

/**
 * The cursor of each record of a page, in the form that orders as text. Throws API_WRONG_ANSWER for a record that has no
 * time, and for one that breaks the order which the stream promises; then it has taken in nothing of the page.
 */
export function recordInstants(definition: StreamDefinition): InstantsOf | undefined {
  const { cursor, primaryKey } = definition;
  if (cursor === undefined) return undefined;
  const instantOf = instantReader(definition);
  const keyOf = recordKey(primaryKey);
  let previous = '';

  return (records) => {
    const instants: string[] = [];
    for (const record of records) instants.push(instantOf(record));
    if (cursor.sorted === 'asc') {
      previous = instants.reduce((before, instant, index) => {
        if (instant < before) throw notSorted(definition, before, instant, keyOf(records[index]));
        return instant;
      }, previous);
    }
    return instants;
  };
}

/** The cursor of one record, in the same form. Throws API_WRONG_ANSWER for one that has no time. */
export function instantReader(definition: StreamDefinition): (record: unknown) => string {
  const { cursor, primaryKey } = definition;
  const pointers = cursor === undefined ? [] : [cursor.pointer, ...(cursor.fallbacks ?? [])];
  const readers = pointers.map((pointer) => pointerReader(pointer));
  const keyOf = recordKey(primaryKey);
  return (record) => {
    for (const read of readers) {
      const value = read(record);
      const instant = typeof value === 'string' ? toInstant(value) : undefined;
      if (instant !== undefined) return instant;
    }
    throw withoutTime(definition, record, keyOf(record));
  };
}

function notSorted({ name }: StreamDefinition, before: string, instant: string, key: string | undefined): SassyError {
  return new SassyError('API_WRONG_ANSWER', {
    message: `${name} is not sorted: a record of ${instant} comes after one of ${before}`,
    why: `record ${readableKey(key)}; the stream says sorted: 'asc', and its position moves page by page`,
    fix: `ask the API for that order, or leave \`sorted\` out: the position then moves when a slice is read whole`,
  });
}

function withoutTime({ name, cursor }: StreamDefinition, record: unknown, key: string | undefined): SassyError {
  const pointers = [cursor?.pointer ?? '', ...(cursor?.fallbacks ?? [])];
  const value = pointerReader(pointers[0] ?? '')(record);
  const found = value === undefined ? 'nothing' : JSON.stringify(value);
  return new SassyError('API_WRONG_ANSWER', {
    message: `a record of ${name} has no time at ${pointers.join(', nor at ')}`,
    why: `record ${readableKey(key)} has ${found} there; the cursor of a stream must be an ISO 8601 time with a zone on every record`,
    fix: `name a field that such a record has as well (cursor: ['${pointers[0] ?? ''}', '/created_at']), or no cursor: the stream is then read in full each run`,
  });
}
