import { isUtf8 } from 'node:buffer';
import {
  fieldName,
  type FieldName,
  isNext,
  type JsonPlan,
  KINDS,
  LIST,
  nodeOf,
  NUMBER,
  OBJECT,
  type PlanNode,
} from './json-plan.ts';
import {
  CLOSE_LIST,
  CLOSE_OBJECT,
  COLON,
  COMMA,
  type JsonBytes,
  OPEN_LIST,
  OPEN_OBJECT,
  plainUntil,
  QUOTE,
  skipBlank,
  skipText,
  skipValue,
  WRONG,
} from './json-skip.ts';

/** A list that lies in a JSON text. */
export interface ScannedList {
  /** The text's value, with an empty list in the place of this one. */
  readonly around: unknown;
  readonly count: number;
  /** The item fits the plan. */
  fits(index: number): boolean;
  /** What the item has under a slot of the plan; undefined where there is nothing. */
  slot(index: number, slot: number): unknown;
  /** The item as JSON.parse gives it. */
  item(index: number): unknown;
  /** The same from a copy of the text's bytes. Holds no bytes itself. */
  readonly again: (bytes: Buffer) => (index: number) => unknown;
}

/** Reads the list out of texts of one kind; learns in which order the fields come. */
export interface ListScanner {
  /**
   * Looks at every byte, so what is given is what JSON.parse would give. Undefined where that cannot be promised and only
   * JSON.parse can tell: no whole JSON in UTF-8, nested too deeply, the list or a field of the plan twice or the list not at
   * all, a byte order mark.
   */
  scan(bytes: Buffer): ScannedList | undefined;
}

/** A number that is no longer, and has no exponent, is finite. */
const SHORT_NUMBER = 300;

/**
 * @param path the names that lead from the root to the list
 * @param slots how many slots the plan has
 * @param deepest how many objects and lists may lie in one another
 */
export function listScanner(path: readonly string[], plan: JsonPlan, slots: number, deepest: number): ListScanner {
  let root = nodeOf(plan, true);
  for (const name of path.toReversed()) {
    const inner: PlanNode = root;
    root = nodeOf({ kinds: OBJECT }, true, new Map([[name, inner]]));
  }
  const seen = { objects: 0 };
  return {
    scan: (bytes) => (isUtf8(bytes) ? new Scan(bytes, path.length, slots, seen).list(root, deepest) : undefined),
  };
}

/** One pass over one text. Positions are handed on from value to value, and WRONG is handed up. */
class Scan {
  readonly #text: JsonBytes;
  readonly #bytes: Buffer;
  readonly #slots: number;
  readonly #levels: number;
  /** Of each item: where it begins, where it ends. */
  readonly #places: number[] = [];
  readonly #values: unknown[] = [];
  readonly #fit: boolean[] = [];
  #list: readonly [number, number] | undefined;
  #base = 0;
  #isFit = true;
  #name: FieldName | undefined;
  /** Of all passes: tells the objects apart in which fields are seen. */
  readonly #seen: { objects: number };

  constructor(bytes: Buffer, levels: number, slots: number, seen: { objects: number }) {
    this.#bytes = bytes;
    this.#text = { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength) };
    this.#levels = levels;
    this.#slots = slots;
    this.#seen = seen;
  }

  list(root: PlanNode, deepest: number): ScannedList | undefined {
    const bytes = this.#bytes;
    const end = this.#around(root, skipBlank(bytes, 0), this.#levels, deepest);
    if (end === WRONG || this.#list === undefined || skipBlank(bytes, end) !== bytes.length) return undefined;
    const [from, to] = this.#list;
    const again = itemsAt(this.#places);
    const values = this.#values;
    const fit = this.#fit;
    const slots = this.#slots;
    const around: unknown = JSON.parse(`${bytes.toString('utf8', 0, from)}[]${bytes.toString('utf8', to)}`);
    return {
      around,
      count: fit.length,
      fits: (index) => fit[index] === true,
      slot: (index, slot) => values[index * slots + slot],
      item: again(bytes),
      again,
    };
  }

  /** The value from which `levels` names lead to the list. */
  #around(node: PlanNode, at: number, levels: number, depth: number): number {
    if (levels === 0) return this.#items(node, at, depth);
    if (this.#bytes[at] !== OPEN_OBJECT || depth === 0) return WRONG;
    return this.#fields(node, at, depth - 1, levels);
  }

  #items(node: PlanNode, from: number, depth: number): number {
    const bytes = this.#bytes;
    if (bytes[from] !== OPEN_LIST || depth === 0) return WRONG;
    let at = skipBlank(bytes, from + 1);
    if (bytes[at] !== CLOSE_LIST) {
      for (;;) {
        this.#isFit = true;
        this.#base = this.#fit.length * this.#slots;
        for (let slot = 0; slot < this.#slots; slot += 1) this.#values.push(undefined);
        const end = this.#value(node, at, depth - 1);
        if (end === WRONG) return WRONG;
        this.#fit.push(this.#isFit);
        this.#places.push(at, end);
        at = skipBlank(bytes, end);
        if (bytes[at] === CLOSE_LIST) break;
        if (bytes[at] !== COMMA) return WRONG;
        at = skipBlank(bytes, at + 1);
      }
    }
    this.#list = [from, at + 1];
    return at + 1;
  }

  #value(node: PlanNode, at: number, depth: number): number {
    const bytes = this.#bytes;
    const kind = KINDS[bytes[at] ?? 0] ?? 0;
    if ((node.kinds & kind) === 0) this.#isFit = false;
    if (node.isExact) return this.#exact(node.plan, at, depth);
    if (kind === OBJECT && node.fields !== undefined) return depth === 0 ? WRONG : this.#fields(node, at, depth - 1, 0);
    if (kind === LIST && node.items !== undefined) return depth === 0 ? WRONG : this.#each(node.items, at, depth - 1);
    const end = skipValue(this.#text, at, depth);
    if (kind === NUMBER && end !== WRONG && !isPlainlyFinite(bytes, at, end)) {
      if (!Number.isFinite(parsed(bytes, at, end))) this.#isFit = false;
    }
    return end;
  }

  #exact({ test, slot }: JsonPlan, at: number, depth: number): number {
    const bytes = this.#bytes;
    let value: unknown;
    let end = bytes[at] === QUOTE ? plainUntil(this.#text, at + 1, true) : at;
    if (end > at && bytes[end] === QUOTE) {
      value = bytes.toString('latin1', at + 1, end);
      end += 1;
    } else {
      end = skipValue(this.#text, at, depth);
      if (end === WRONG) return WRONG;
      value = parsed(bytes, at, end);
    }
    if (slot !== undefined) this.#values[this.#base + slot] = value;
    if ((test !== undefined && !test(value)) || value === Infinity || value === -Infinity) this.#isFit = false;
    return end;
  }

  #each(item: PlanNode, from: number, depth: number): number {
    const bytes = this.#bytes;
    let at = skipBlank(bytes, from + 1);
    if (bytes[at] === CLOSE_LIST) return at + 1;
    for (;;) {
      const end = this.#value(item, at, depth);
      if (end === WRONG) return WRONG;
      at = skipBlank(bytes, end);
      if (bytes[at] === CLOSE_LIST) return at + 1;
      if (bytes[at] !== COMMA) return WRONG;
      at = skipBlank(bytes, at + 1);
    }
  }

  /** `levels`: names from here to the list, 0 inside of it. */
  #fields(node: PlanNode, from: number, depth: number, levels: number): number {
    const bytes = this.#bytes;
    const object = (this.#seen.objects += 1);
    let missing = node.required;
    let at = skipBlank(bytes, from + 1);
    if (bytes[at] !== CLOSE_OBJECT) {
      let before: FieldName | undefined;
      for (;;) {
        const value = this.#field(node, at, before);
        if (value === WRONG) return WRONG;
        before = this.#name;
        const field = before?.field;
        let end: number;
        if (field === undefined) end = skipValue(this.#text, value, depth);
        else {
          if (field.seenIn === object) return WRONG;
          field.seenIn = object;
          if (field.isRequired) missing -= 1;
          end = levels === 0 ? this.#value(field, value, depth) : this.#around(field, value, levels - 1, depth);
        }
        if (end === WRONG) return WRONG;
        at = skipBlank(bytes, end);
        if (bytes[at] === CLOSE_OBJECT) break;
        if (bytes[at] !== COMMA) return WRONG;
        at = skipBlank(bytes, at + 1);
      }
    }
    if (missing > 0) this.#isFit = false;
    return at + 1;
  }

  /** Reads a name and its colon: `#name` is then the name. Gives where the value begins. */
  #field(node: PlanNode, from: number, before: FieldName | undefined): number {
    const bytes = this.#bytes;
    const expected = before === undefined ? node.first : before.next;
    if (expected !== undefined && isNext(this.#text, from, expected)) {
      this.#name = expected;
      return skipBlank(bytes, from + expected.length);
    }
    if (bytes[from] !== QUOTE) return WRONG;
    const end = skipText(this.#text, from + 1);
    if (end === WRONG) return WRONG;
    const colon = skipBlank(bytes, end);
    if (bytes[colon] !== COLON) return WRONG;
    const name = fieldName(node, bytes, from, end, colon + 1);
    if (before === undefined) node.first = name;
    else before.next = name;
    this.#name = name;
    return skipBlank(bytes, colon + 1);
  }
}

/** A scope of its own: a closure holds all that is in the scope where it was made. */
function itemsAt(places: readonly number[]): ScannedList['again'] {
  return (bytes) => (index) => parsed(bytes, places[2 * index] ?? 0, places[2 * index + 1] ?? 0);
}

function parsed(bytes: Buffer, from: number, to: number): unknown {
  return JSON.parse(bytes.toString('utf8', from, to));
}

function isPlainlyFinite(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at += 1) if (((bytes[at] ?? 0) | 0x20) === 0x65) return false;
  return to - from <= SHORT_NUMBER;
}
