import { type FieldNames, fieldNames, nameAt, type FieldName } from './json-fields.ts';
import {
  CLOSE_LIST,
  CLOSE_OBJECT,
  COMMA,
  type JsonBytes,
  OPEN_LIST,
  OPEN_OBJECT,
  skipBlank,
  skipValue,
  WRONG,
} from './json-skip.ts';

/** Where a list lies in a JSON text, its brackets included. */
export interface ListPlace {
  readonly from: number;
  readonly to: number;
}

/** Takes one item of a list. Gives where it ends, or WRONG. */
export type TakeItem = (at: number, depth: number) => number;

/**
 * Walks through JSON texts of one kind to the list at a path of names, and hands over its items one after the other. All
 * bytes of the text are looked at. Undefined where only JSON.parse can tell: no whole JSON, nested deeper than `deepest`, a
 * name of the path twice or not at all, no list.
 */
export type ListWalk = (text: JsonBytes, take: TakeItem) => ListPlace | undefined;

export function listWalk(path: readonly string[], deepest: number): ListWalk {
  const levels = path.map((name) => fieldNames(new Map([[name, true as const]])));
  return (text, take) => {
    const walk = new Walk(text, levels, take);
    const end = walk.value(0, skipBlank(text.bytes, 0), deepest);
    if (end === WRONG || skipBlank(text.bytes, end) !== text.bytes.length) return undefined;
    return walk.place;
  };
}

class Walk {
  place: ListPlace | undefined;
  readonly #text: JsonBytes;
  readonly #levels: readonly FieldNames<true>[];
  readonly #take: TakeItem;

  constructor(text: JsonBytes, levels: readonly FieldNames<true>[], take: TakeItem) {
    this.#text = text;
    this.#levels = levels;
    this.#take = take;
  }

  value(level: number, at: number, depth: number): number {
    const names = this.#levels[level];
    return names === undefined ? this.#items(at, depth) : this.#fields(names, level, at, depth);
  }

  #fields(names: FieldNames<true>, level: number, from: number, depth: number): number {
    const { bytes } = this.#text;
    if (bytes[from] !== OPEN_OBJECT || depth === 0) return WRONG;
    let at = skipBlank(bytes, from + 1);
    if (bytes[at] === CLOSE_OBJECT) return at + 1;
    let name: FieldName<true> | undefined;
    let isFound = false;
    for (;;) {
      name = nameAt(this.#text, names, at, name);
      if (name === undefined) return WRONG;
      const value = skipBlank(bytes, at + name.size);
      const isOurs = name.field === true;
      if (isOurs && isFound) return WRONG;
      isFound ||= isOurs;
      const end = isOurs ? this.value(level + 1, value, depth - 1) : skipValue(this.#text, value, depth - 1);
      if (end === WRONG) return WRONG;
      at = skipBlank(bytes, end);
      if (bytes[at] === CLOSE_OBJECT) return at + 1;
      if (bytes[at] !== COMMA) return WRONG;
      at = skipBlank(bytes, at + 1);
    }
  }

  #items(from: number, depth: number): number {
    const { bytes } = this.#text;
    if (bytes[from] !== OPEN_LIST || depth === 0) return WRONG;
    let at = skipBlank(bytes, from + 1);
    while (bytes[at] !== CLOSE_LIST) {
      const end = this.#take(at, depth - 1);
      if (end === WRONG) return WRONG;
      at = skipBlank(bytes, end);
      if (bytes[at] === CLOSE_LIST) break;
      if (bytes[at] !== COMMA) return WRONG;
      at = skipBlank(bytes, at + 1);
      // A comma is followed by an item.
      if (bytes[at] === CLOSE_LIST) return WRONG;
    }
    this.place = { from, to: at + 1 };
    return at + 1;
  }
}
