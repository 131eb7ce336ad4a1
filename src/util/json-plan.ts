import { type JsonBytes, OPEN_LIST, OPEN_OBJECT, QUOTE } from './json-skip.ts';

/** Kinds of JSON values, to be added up. */
export const TEXT = 1;
export const NUMBER = 2;
export const BOOLEAN = 4;
export const NULL = 8;
export const OBJECT = 16;
export const LIST = 32;
export const ANY = 63;

/** What is looked for in a JSON value. */
export interface JsonPlan {
  /** The kinds that fit. Numbers that are not finite never do. */
  readonly kinds: number;
  /** Whether a value of such a kind fits: asked with the value itself. */
  readonly test?: (value: unknown) => boolean;
  /** The value itself is wanted, under this number. */
  readonly slot?: number;
  /** For objects: what is looked for in their fields. Others may hold anything. */
  readonly fields?: ReadonlyMap<string, JsonPlan>;
  /** The fields that an object must have to fit. */
  readonly required?: ReadonlySet<string>;
  /** For lists: what is looked for in each item. */
  readonly items?: JsonPlan;
}

/** More names than these are not learned: they are data, and come once. */
const MOST_NAMES = 256;

/** The kind of the value that begins with a byte; 0 where none does. */
export const KINDS = kindsByFirstByte();

/** A JsonPlan with what is learned while reading. */
export interface PlanNode {
  readonly plan: JsonPlan;
  readonly kinds: number;
  readonly isRequired: boolean;
  readonly isExact: boolean;
  readonly items: PlanNode | undefined;
  readonly fields: ReadonlyMap<string, PlanNode> | undefined;
  readonly required: number;
  readonly names: Map<string, FieldName>;
  /** The name that came first the last time. */
  first: FieldName | undefined;
  /** The object in which this field was seen last. */
  seenIn: number;
}

export interface FieldName {
  readonly text: string;
  /** From its opening quote to the colon, four bytes each; the last four may overlap those before. */
  readonly words: Int32Array;
  readonly length: number;
  readonly field: PlanNode | undefined;
  /** The name that came after it the last time. */
  next: FieldName | undefined;
}

/** Makes a plan ready. `given`: fields that are nodes already. */
export function nodeOf(plan: JsonPlan, isRequired: boolean, given?: ReadonlyMap<string, PlanNode>): PlanNode {
  const { fields, items, required } = plan;
  const planned =
    fields === undefined
      ? undefined
      : new Map([...fields].map(([name, inner]) => [name, nodeOf(inner, required?.has(name) === true)]));
  return {
    plan,
    kinds: plan.kinds,
    isRequired,
    isExact: plan.test !== undefined || plan.slot !== undefined,
    items: items === undefined ? undefined : nodeOf(items, false),
    fields: given ?? planned,
    required: required?.size ?? 0,
    names: new Map(),
    first: undefined,
    seenIn: 0,
  };
}

/** True when an object goes on at this position with this name and its colon. */
export function isNext({ bytes, view }: JsonBytes, at: number, { words, length }: FieldName): boolean {
  if (at + length > bytes.length) return false;
  const last = words.length - 1;
  for (let index = 0; index < last; index += 1) if (view.getInt32(at + 4 * index, true) !== words[index]) return false;
  return view.getInt32(at + length - 4, true) === words[last];
}

/** The name whose quotes and colon are at these positions, as it is kept for the object's next ones. */
export function fieldName(node: PlanNode, bytes: Buffer, from: number, end: number, next: number): FieldName {
  const spelled = bytes.toString('latin1', from, next);
  const known = node.names.get(spelled);
  if (known !== undefined) return known;
  const text = String(JSON.parse(bytes.toString('utf8', from, end)));
  const length = next - from;
  const spelling = new DataView(bytes.buffer, bytes.byteOffset + from, length);
  const words = Int32Array.from({ length: Math.ceil(length / 4) }, (_, index) =>
    // An empty name is shorter than four bytes: it never matches, and is read anew each time.
    length < 4 ? 0 : spelling.getInt32(Math.min(4 * index, length - 4), true),
  );
  const name: FieldName = {
    text,
    words,
    length: length < 4 ? Infinity : length,
    field: node.fields?.get(text),
    next: undefined,
  };
  if (node.names.size < MOST_NAMES) node.names.set(spelled, name);
  return name;
}

function kindsByFirstByte(): Uint8Array {
  const kinds = new Uint8Array(256);
  kinds[QUOTE] = TEXT;
  kinds[OPEN_OBJECT] = OBJECT;
  kinds[OPEN_LIST] = LIST;
  for (const letter of 'tf') kinds[letter.charCodeAt(0)] = BOOLEAN;
  kinds['n'.charCodeAt(0)] = NULL;
  for (const sign of '-0123456789') kinds[sign.charCodeAt(0)] = NUMBER;
  return kinds;
}
