import { COLON, type JsonBytes, QUOTE, skipBlank, skipText, WRONG } from './json-skip.ts';

/** More names than these are not learned: they are data, and come once. */
const MOST_NAMES = 256;

/** The fields that are known of objects of one kind, and in which order they come: what is learned while reading. */
export interface FieldNames<Field> {
  readonly fields: ReadonlyMap<string, Field> | undefined;
  readonly names: Map<string, FieldName<Field>>;
  /** The name that came first the last time. */
  first: FieldName<Field> | undefined;
}

export interface FieldName<Field> {
  readonly text: string;
  /** From its opening quote to the colon, four bytes each; the last four may overlap those before. */
  readonly words: Int32Array;
  /** Of the spelling, from its opening quote to the colon. */
  readonly size: number;
  /** What is known of it; undefined for others. */
  readonly field: Field | undefined;
  /** The name that came after it the last time. */
  next: FieldName<Field> | undefined;
}

export function fieldNames<Field>(fields: ReadonlyMap<string, Field> | undefined): FieldNames<Field> {
  return { fields, names: new Map(), first: undefined };
}

/**
 * The name that stands here, with its quotes and its colon; undefined where none does. `before`: the one before it in the
 * same object.
 */
export function nameAt<Field>(
  text: JsonBytes,
  names: FieldNames<Field>,
  at: number,
  before: FieldName<Field> | undefined,
): FieldName<Field> | undefined {
  const expected = before === undefined ? names.first : before.next;
  if (expected !== undefined && isHere(text, at, expected)) return expected;
  const found = read(text, names, at);
  if (found === undefined) return undefined;
  if (before === undefined) names.first = found;
  else before.next = found;
  return found;
}

/** True where these bytes stand. Never for what is shorter than four bytes. */
export function isHere(
  { bytes, view }: JsonBytes,
  at: number,
  { words, size }: { readonly words: Int32Array; readonly size: number },
): boolean {
  if (size < 4 || at + size > bytes.length) return false;
  const last = words.length - 1;
  for (let index = 0; index < last; index += 1) if (view.getInt32(at + 4 * index, true) !== words[index]) return false;
  return view.getInt32(at + size - 4, true) === words[last];
}

/** The bytes as `isHere` compares them. */
export function wordsOf(spelling: Buffer): Int32Array {
  const { length } = spelling;
  return Int32Array.from({ length: Math.ceil(length / 4) }, (_, index) =>
    length < 4 ? 0 : spelling.readInt32LE(Math.min(4 * index, length - 4)),
  );
}

function read<Field>(text: JsonBytes, names: FieldNames<Field>, from: number): FieldName<Field> | undefined {
  const { bytes } = text;
  if (bytes[from] !== QUOTE) return undefined;
  const end = skipText(text, from + 1);
  if (end === WRONG) return undefined;
  const colon = skipBlank(bytes, end);
  if (bytes[colon] !== COLON) return undefined;
  const spelled = bytes.toString('latin1', from, colon + 1);
  const known = names.names.get(spelled);
  if (known !== undefined) return known;
  const name = String(JSON.parse(bytes.toString('utf8', from, end)));
  const made: FieldName<Field> = {
    text: name,
    words: wordsOf(bytes.subarray(from, colon + 1)),
    size: spelled.length,
    field: names.fields?.get(name),
    next: undefined,
  };
  if (names.names.size < MOST_NAMES) names.names.set(spelled, made);
  return made;
}
