import { isUtf8 } from 'node:buffer';
import { type FieldName, nameAt } from './json-fields.ts';
import { type ListPlace, listWalk } from './json-list.ts';
import { type JsonPlan, KINDS, LIST, nodeOf, NUMBER, OBJECT, type PlanNode } from './json-plan.ts';
import {
  CLOSE_LIST,
  CLOSE_OBJECT,
  COMMA,
  type JsonBytes,
  plainUntil,
  QUOTE,
  skipBlank,
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
  const item = nodeOf(plan, false);
  const walk = listWalk(path, deepest);
  const seen = { objects: 0 };
  return {
    scan(bytes) {
      if (!isUtf8(bytes)) return undefined;
      const scan = new Scan(bytes, slots, seen);
      const place = walk(scan.text, (at, depth) => scan.take(item, at, depth));
      return place && scan.list(place);
    },
  };
}

/** One pass over one text. Positions are handed on from value to value, and WRONG is handed up. */
class Scan {
  readonly text: JsonBytes;
  readonly #bytes: Buffer;
  readonly #slots: number;
  /** Of each item: where it begins, where it ends. */
  readonly #places: number[] = [];
  readonly #values: unknown[] = [];
  readonly #fit: boolean[] = [];
  #base = 0;
  #isFit = true;
  /** Of all passes: tells the objects apart in which fields are seen. */
  readonly #seen: { objects: number };

  constructor(bytes: Buffer, slots: number, seen: { objects: number }) {
    this.#bytes = bytes;
    this.text = { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength) };
    this.#slots = slots;
    this.#seen = seen;
  }

  list({ from, to }: ListPlace): ScannedList {
    const bytes = this.#bytes;
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

  take(item: PlanNode, at: number, depth: number): number {
    this.#isFit = true;
    this.#base = this.#fit.length * this.#slots;
    for (let slot = 0; slot < this.#slots; slot += 1) this.#values.push(undefined);
    const end = this.#value(item, at, depth);
    this.#fit.push(this.#isFit);
    this.#places.push(at, end);
    return end;
  }

  #value(node: PlanNode, at: number, depth: number): number {
    const bytes = this.#bytes;
    const kind = KINDS[bytes[at] ?? 0] ?? 0;
    if ((node.kinds & kind) === 0) this.#isFit = false;
    if (node.isExact) return this.#exact(node.plan, at, depth);
    if (kind === OBJECT && node.fields !== undefined) return depth === 0 ? WRONG : this.#fields(node, at, depth - 1);
    if (kind === LIST && node.items !== undefined) return depth === 0 ? WRONG : this.#each(node.items, at, depth - 1);
    const end = skipValue(this.text, at, depth);
    if (kind === NUMBER && end !== WRONG && !isPlainlyFinite(bytes, at, end)) {
      if (!Number.isFinite(parsed(bytes, at, end))) this.#isFit = false;
    }
    return end;
  }

  #exact({ test, slot }: JsonPlan, at: number, depth: number): number {
    const bytes = this.#bytes;
    let value: unknown;
    let end = bytes[at] === QUOTE ? plainUntil(this.text, at + 1, true) : at;
    if (end > at && bytes[end] === QUOTE) {
      value = bytes.toString('latin1', at + 1, end);
      end += 1;
    } else {
      end = skipValue(this.text, at, depth);
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

  #fields(node: PlanNode, from: number, depth: number): number {
    const bytes = this.#bytes;
    const object = (this.#seen.objects += 1);
    let missing = node.required;
    let at = skipBlank(bytes, from + 1);
    if (bytes[at] !== CLOSE_OBJECT) {
      let name: FieldName<PlanNode> | undefined;
      for (;;) {
        name = nameAt(this.text, node, at, name);
        if (name === undefined) return WRONG;
        const value = skipBlank(bytes, at + name.size);
        const { field } = name;
        let end: number;
        if (field === undefined) end = skipValue(this.text, value, depth);
        else {
          if (field.seenIn === object) return WRONG;
          field.seenIn = object;
          if (field.isRequired) missing -= 1;
          end = this.#value(field, value, depth);
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
