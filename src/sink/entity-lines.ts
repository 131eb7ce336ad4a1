import { fingerprint, PRINT_WORDS } from '../util/fingerprint.ts';
import { rowCheck, storedValue } from './entity-encoder.ts';
import { HASH_WORDS, lineHashes } from './line-hash.ts';
import {
  ARCHIVED_AT,
  type BatchTarget,
  type Column,
  type EntityLines,
  type EntityRow,
  type LineForm,
  type StoredEntity,
  type StoredValue,
} from './sink.ts';
import { integerJson } from './stored-json.ts';

/** Collects rows as lines. */
export interface LineWriter {
  /** Gives the text of the key. @throws SassyError SINK_FAILED, as `entityEncoder` */
  add(row: EntityRow): string;
  readonly rows: number;
  /** About the bytes that have come together. */
  readonly length: number;
  /** What has come together; the writer begins anew. */
  take(): EntityLines;
}

/** Room for the lines that come together, to begin with. */
const FIRST_BYTES = 2 ** 19;
/** No character of a string takes more in UTF-8. */
const BYTES_A_UNIT = 3;

export function lineWriter(target: BatchTarget, form: LineForm): LineWriter {
  const toLine = lineText(target, form);
  const check = rowCheck(target);
  const archives = target.columns.some(({ name, onlyWhenSet }) => name === ARCHIVED_AT.name && onlyWhenSet === true);
  const print = new Uint32Array(PRINT_WORDS);
  let room = Buffer.allocUnsafeSlow(FIRST_BYTES);
  let length = 0;
  let ends: number[] = [];
  let keys: number[] = [];
  let archived: number[] = [];

  return {
    add(row) {
      const key = check.keyOf(row);
      const line = toLine(row, key);
      const needed = length + line.length * BYTES_A_UNIT + 1;
      if (needed > room.length) {
        const larger = Buffer.allocUnsafeSlow(Math.max(needed, room.length * 2));
        room.copy(larger, 0, 0, length);
        room = larger;
      }
      length += room.write(line, length, 'utf8');
      room[length] = LF;
      length += 1;
      ends.push(length);
      fingerprint(key, print);
      keys.push(print[0] ?? 0, print[1] ?? 0, print[2] ?? 0, print[3] ?? 0);
      if (archives) archived.push(row[ARCHIVED_AT.name] instanceof Date ? 1 : 0);
      return key;
    },
    get rows() {
      return ends.length;
    },
    get length() {
      return length;
    },
    take() {
      // A copy: what is handed to another thread is gone from here.
      const bytes = new Uint8Array(length);
      bytes.set(room.subarray(0, length));
      const lines: EntityLines = {
        bytes,
        ends: Uint32Array.from(ends),
        keys: Uint32Array.from(keys),
        hashes: form.hashed === true ? lineHashes(bytes, ends) : new Uint32Array(0),
        archived: archives ? Uint8Array.from(archived) : undefined,
      };
      if (room.length > FIRST_BYTES) room = Buffer.allocUnsafeSlow(FIRST_BYTES);
      length = 0;
      ends = [];
      keys = [];
      archived = [];
      return lines;
    },
  };
}

/** The text of a row's line, in the order of the form's fields. */
function lineText(target: BatchTarget, form: LineForm): (row: EntityRow, key: string) => string {
  const check = rowCheck(target);
  const isPlain = form.values === 'plain';
  const toText = isPlain ? plainText : loadableText;
  // Of the type that the entity has now: a generation may have begun with another.
  const fields = form.fields.flatMap(({ name, text, column }) => {
    const given = target.columns.find((candidate) => candidate.name === column.name);
    const label = `${JSON.stringify(text ?? name)}:`;
    return given === undefined ? [] : [{ label, name: given.name, type: given.type }];
  });
  const keyLabel = form.key === undefined ? undefined : `{${JSON.stringify(form.key)}:`;
  const canBeWhole = form.fields.every(({ name, column }) => name === column.name);
  // Half a surrogate pair, which JSON.stringify writes as an escape, or a text that only looks like it. A database may spell
  // other escapes in its own way.
  const unusual = isPlain ? '\\ud' : '\\u';

  return (row, key) => {
    if (canBeWhole && isWhole(row, fields, isPlain)) {
      const line = JSON.stringify(row);
      if (!line.includes(unusual))
        return keyLabel === undefined ? line : `${keyLabel}${JSON.stringify(key)},${line.slice(1)}`;
    }
    let line = keyLabel === undefined ? '{' : keyLabel + JSON.stringify(key);
    let isFirst = keyLabel === undefined;
    for (const { label, name, type } of fields) {
      const value = row[name];
      if (value === null || value === undefined) continue;
      try {
        line += isFirst ? label + toText(value, type) : `,${label}${toText(value, type)}`;
      } catch (error) {
        throw check.refused(row, name, error);
      }
      isFirst = false;
    }
    check.noOthers(row);
    return `${line}}`;
  };
}

/** True when JSON.stringify gives the line: fields in their order, no null, and only values that it writes as they are stored. */
function isWhole(
  row: EntityRow,
  fields: readonly { readonly name: string; readonly type: Type }[],
  losesSign: boolean,
): boolean {
  let at = 0;
  for (const name in row) {
    while (at < fields.length && fields[at]?.name !== name) at += 1;
    const field = fields[at];
    if (field === undefined) return false;
    const value = row[name];
    if (value === undefined) continue;
    switch (field.type) {
      case 'text':
        if (typeof value !== 'string') return false;
        break;
      case 'integer':
        if (!Number.isSafeInteger(value)) return false;
        break;
      case 'number':
        if (!Number.isFinite(value) || (!losesSign && Object.is(value, -0))) return false;
        break;
      case 'boolean':
        if (typeof value !== 'boolean') return false;
        break;
      case 'json':
        if (!isListOfTexts(value)) return false;
        break;
      case 'timestamp':
        return false;
    }
  }
  return true;
}

function isListOfTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

/** The same line for a row that is encoded already. */
export function lineOf(fields: LineForm['fields'], given: readonly Column[]): (entity: StoredEntity) => string {
  const places = fields.flatMap(({ name, column }) => {
    const index = given.findIndex((candidate) => candidate.name === column.name);
    return index === -1 ? [] : [{ index, label: `${JSON.stringify(name)}:`, type: given[index]?.type ?? column.type }];
  });
  return ({ values }) => {
    let text = '{';
    for (const { index, label, type } of places) {
      const value = values[index] ?? null;
      if (value !== null) text += (text === '{' ? '' : ',') + label + jsonOf(value, type);
    }
    return `${text}}`;
  };
}

/** The lines of which `isKept` says yes to the number. */
export function keptLines(lines: EntityLines, isKept: (row: number) => boolean): EntityLines {
  const { bytes, ends, keys, hashes, archived } = lines;
  const kept = [...ends.keys()].filter(isKept);
  if (kept.length === ends.length) return lines;
  const parts = kept.map((row) => bytes.subarray(startOf(ends, row), ends[row]));
  const all = Buffer.concat(parts);
  const copy = new Uint8Array(all.length);
  copy.set(all);
  let end = 0;
  return {
    bytes: copy,
    ends: Uint32Array.from(parts, (part) => (end += part.length)),
    keys: Uint32Array.from(kept.flatMap((row) => [...keys.subarray(row * PRINT_WORDS, (row + 1) * PRINT_WORDS)])),
    hashes: Uint32Array.from(kept.flatMap((row) => [...hashes.subarray(row * HASH_WORDS, (row + 1) * HASH_WORDS)])),
    archived: archived === undefined ? undefined : Uint8Array.from(kept, (row) => archived[row] ?? 0),
  };
}

export function largestLine({ ends }: EntityLines): number {
  let largest = 0;
  for (let row = 0; row < ends.length; row += 1) largest = Math.max(largest, (ends[row] ?? 0) - startOf(ends, row));
  return largest;
}

export function startOf(ends: Uint32Array, row: number): number {
  return row === 0 ? 0 : (ends[row - 1] ?? 0);
}

const LF = 10;

type Type = Column['type'];

/** The usual cases by the shortest way; all else, and what is refused, as it is stored anywhere. */
function plainText(value: unknown, type: Type): string {
  if (type === 'text' && typeof value === 'string' && value.isWellFormed()) return JSON.stringify(value);
  if (type === 'integer' && Number.isSafeInteger(value)) return String(value === 0 ? 0 : value);
  return jsonOf(storedValue(value, type), type);
}

/** The JSON of a value of a column. */
function jsonOf(value: StoredValue, type: Type): string {
  if (type === 'json' && value !== null) return String(value);
  return JSON.stringify(typeof value === 'bigint' ? integerJson(value) : value);
}

/** Numbers of any size come as digits, and a zero keeps its sign, as in the columns of a database. */
function loadableText(value: unknown, type: Type): string {
  if (type === 'text' && typeof value === 'string' && value.isWellFormed()) return JSON.stringify(value);
  if (type === 'integer' && Number.isSafeInteger(value)) return String(value === 0 ? 0 : value);
  const stored = storedValue(value, type);
  if (typeof stored === 'bigint') return String(stored);
  if (stored instanceof Date) return String(BigInt(stored.getTime()) * 1000n);
  return Object.is(stored, -0) ? '-0.0' : JSON.stringify(stored);
}
