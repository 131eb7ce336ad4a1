import { SassyError } from '../errors/sassy-error.ts';
import { keyText, type KeyValue } from './entity-key.ts';
import type { BatchTarget, Column, EntityRow, StoredEntity, StoredValue } from './sink.ts';
import { integerJson, storedJson, timestampJson, UnstorableValue } from './stored-json.ts';

export type { StoredEntity, StoredValue } from './sink.ts';

const MIN_INTEGER = -(2n ** 63n);
const MAX_INTEGER = 2n ** 63n - 1n;

/**
 * Turns validated rows into what columns hold, the same for every sink, and refuses what would be changed on the way.
 *
 * @throws SassyError SINK_FAILED that names entity, key and field: a key that is missing, empty or holds a lone
 *   surrogate; a value of another type than its column; NaN, Infinity, an integer beyond 64 bits; an unknown field
 */
export function entityEncoder(target: BatchTarget): (row: EntityRow) => StoredEntity {
  const { columns } = target;
  const check = rowCheck(target);
  return (row) => {
    const key = check.keyOf(row);
    const values = columns.map(({ name, type }) => {
      const value = row[name];
      if (value === null || value === undefined) return null;
      try {
        return storedValue(value, type);
      } catch (error) {
        throw check.refused(row, name, error);
      }
    });
    check.noOthers(row);
    return { key, values };
  };
}

/** What is asked of every row, in whatever form it is stored. */
export interface RowCheck {
  /** See `keyText`. */
  readonly keyOf: (row: EntityRow) => string;
  /** Refuses a row with a field that the entity does not have. */
  readonly noOthers: (row: EntityRow) => void;
  /** The error that names the row and the field. */
  readonly refused: (row: EntityRow, field: string, error: unknown) => unknown;
}

export function rowCheck(target: BatchTarget): RowCheck {
  const { columns, entity } = target;
  const names = new Set(columns.map((column) => column.name));
  const keyColumns = entity.key.map((name) => {
    const column = columns.find((candidate) => candidate.name === name);
    if (column === undefined)
      throw new SassyError('SINK_FAILED', { message: `${entity.name}: the key field ${name} is no column` });
    return column;
  });
  return {
    keyOf: (row) =>
      keyText(keyColumns.map((column) => keyValue(row[column.name], column, () => placeOf(target, row, column.name)))),
    noOthers(row) {
      for (const name in row) {
        if (!names.has(name))
          throw refused(placeOf(target, row, name), new UnstorableValue('the entity has no such field'));
      }
    },
    refused: (row, field, error) => refused(placeOf(target, row, field), error),
  };
}

function keyValue(value: unknown, column: Column, place: () => string): KeyValue {
  if (value === null || value === undefined || value === '') {
    throw new SassyError('SINK_FAILED', {
      message: `${place()}: a key is never null or empty`,
      fix: 'choose a key field that every entity has',
    });
  }
  if (typeof value === 'string') {
    if (value.isWellFormed()) return value;
    throw new SassyError('SINK_FAILED', { message: `${place()}: a key cannot hold half an emoji (a lone surrogate)` });
  }
  try {
    if (typeof value === 'bigint') return integerJson(value);
    if (typeof value === 'boolean') return value;
    if (typeof value === 'number' && Number.isFinite(value)) return value;
    if (value instanceof Date) return timestampJson(value);
  } catch (error) {
    throw refused(place(), error);
  }
  throw refused(place(), new UnstorableValue(`a ${column.type} value like this cannot be a key`));
}

/** @throws UnstorableValue */
export function storedValue(value: unknown, type: Column['type']): StoredValue {
  switch (type) {
    case 'text':
      if (typeof value === 'string') return value.isWellFormed() ? value : value.toWellFormed();
      break;
    case 'integer':
      if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value);
      if (typeof value === 'number') throw new UnstorableValue(`${value} is not an exact integer`);
      if (typeof value !== 'bigint') break;
      if (value < MIN_INTEGER || value > MAX_INTEGER) {
        throw new UnstorableValue('an integer column holds 64 bits: make the field a string of digits');
      }
      return value;
    case 'number':
      if (typeof value !== 'number') break;
      if (!Number.isFinite(value)) throw new UnstorableValue(`${value} is no number that JSON can hold: use null`);
      return value;
    case 'boolean':
      if (typeof value === 'boolean') return value;
      break;
    case 'timestamp':
      if (!(value instanceof Date)) break;
      if (Number.isNaN(value.getTime())) throw new UnstorableValue('it is an invalid Date');
      return value;
    case 'json':
      return storedJson(value);
  }
  throw new UnstorableValue(`the column is of type ${type}, the value is a ${typeof value}`);
}

/** `Finding "abc", field severity`. */
function placeOf({ entity }: BatchTarget, row: EntityRow, field: string): string {
  const key = entity.key.map((name) => {
    const value = row[name];
    return typeof value === 'string' ? JSON.stringify(value.slice(0, 200)) : String(value);
  });
  return `${entity.name} ${key.join(', ')}, field ${field}`;
}

function refused(place: string, error: unknown): SassyError {
  if (!(error instanceof UnstorableValue)) throw error;
  return new SassyError('SINK_FAILED', {
    message: `${place}: ${error.message}`,
    fix: 'mend the parser, then run it again',
    cause: error,
  });
}
