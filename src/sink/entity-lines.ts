import { fingerprint, PRINT_WORDS } from '../util/fingerprint.ts';
import { rowCheck, storedValue } from './entity-encoder.ts';
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

/** 64 bits tell two versions of one entity apart: they are never looked for among those of other entities. */
export const HASH_WORDS = 2;

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

const utf8 = new TextEncoder();

export function lineWriter(target: BatchTarget, form: LineForm): LineWriter {
  const check = rowCheck(target);
  const toText = form.values === 'plain' ? plainText : loadableText;
  // Of the type that the entity has now: a generation may have begun with another.
  const fields = form.fields.flatMap(({ name, column }) => {
    const given = target.columns.find((candidate) => candidate.name === column.name);
    return given === undefined ? [] : [{ label: `${JSON.stringify(name)}:`, name: given.name, type: given.type }];
  });
  const keyLabel = form.key === undefined ? undefined : `{${JSON.stringify(form.key)}:`;
  const archives = target.columns.some(({ name, onlyWhenSet }) => name === ARCHIVED_AT.name && onlyWhenSet === true);
  const print = new Uint32Array(PRINT_WORDS);
  let text = '';
  let keys: number[] = [];
  let hashes: number[] = [];
  let archived: number[] = [];

  const add = (row: EntityRow): string => {
    const key = check.keyOf(row);
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
    line += '}';
    check.noOthers(row);
    fingerprint(key, print);
    keys.push(print[0] ?? 0, print[1] ?? 0, print[2] ?? 0, print[3] ?? 0);
    fingerprint(line, print);
    hashes.push(print[0] ?? 0, print[1] ?? 0);
    if (archives) archived.push(row[ARCHIVED_AT.name] instanceof Date ? 1 : 0);
    text += `${line}\n`;
    return key;
  };

  return {
    add,
    get rows() {
      return hashes.length / HASH_WORDS;
    },
    get length() {
      return text.length;
    },
    take() {
      const bytes = utf8.encode(text);
      const lines: EntityLines = {
        bytes,
        ends: lineEnds(bytes, hashes.length / HASH_WORDS),
        keys: Uint32Array.from(keys),
        hashes: Uint32Array.from(hashes),
        archived: archives ? Uint8Array.from(archived) : undefined,
      };
      text = '';
      keys = [];
      hashes = [];
      archived = [];
      return lines;
    },
  };
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

export function startOf(ends: Uint32Array, row: number): number {
  return row === 0 ? 0 : (ends[row - 1] ?? 0);
}

/** JSON has no line feed within a line. */
function lineEnds(bytes: Uint8Array, count: number): Uint32Array<ArrayBuffer> {
  const ends = new Uint32Array(count);
  let from = 0;
  for (let row = 0; row < count; row += 1) {
    from = bytes.indexOf(LF, from) + 1;
    ends[row] = from;
  }
  return ends;
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
