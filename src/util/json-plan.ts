import { type FieldNames, fieldNames } from './json-fields.ts';
import { OPEN_LIST, OPEN_OBJECT, QUOTE } from './json-skip.ts';

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

/** The kind of the value that begins with a byte; 0 where none does. */
export const KINDS = kindsByFirstByte();

/** A JsonPlan with what is learned while reading. */
export interface PlanNode extends FieldNames<PlanNode> {
  readonly plan: JsonPlan;
  readonly kinds: number;
  readonly isRequired: boolean;
  readonly isExact: boolean;
  readonly items: PlanNode | undefined;
  readonly required: number;
  /** The object in which this field was seen last. */
  seenIn: number;
}

/** Makes a plan ready. */
export function nodeOf(plan: JsonPlan, isRequired: boolean): PlanNode {
  const { fields, items, required } = plan;
  const planned =
    fields === undefined
      ? undefined
      : new Map([...fields].map(([name, inner]) => [name, nodeOf(inner, required?.has(name) === true)]));
  return {
    ...fieldNames(planned),
    plan,
    kinds: plan.kinds,
    isRequired,
    isExact: plan.test !== undefined || plan.slot !== undefined,
    items: items === undefined ? undefined : nodeOf(items, false),
    required: required?.size ?? 0,
    seenIn: 0,
  };
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
