import { parsePointer } from './json-pointer.ts';

/** A value of a JSON text and where it stands there. */
export interface JsonNode {
  /** As JSON.parse gives it, of the same identity wherever it is found below another. */
  readonly value: unknown;
  readonly start: number;
  readonly end: number;
  /** What an array or object holds, in the order of the text. */
  readonly items: readonly JsonItem[];
}

export interface JsonItem {
  /** Of a member of an object. */
  readonly name: string | undefined;
  /** Where the item begins: a member at its name. */
  readonly start: number;
  readonly node: JsonNode;
}

const LITERAL = /[^\s,\]}]+/y;
const SPACE = /[ \n\r\t]*/y;

/** Reads a text that is known to be JSON, keeping the place of each value. As deep as the stack allows. */
export function jsonTree(text: string): JsonNode {
  let at = 0;
  const space = (): void => {
    SPACE.lastIndex = at;
    SPACE.test(text);
    at = SPACE.lastIndex;
  };
  const string = (): string => {
    const start = at;
    for (at += 1; text[at] !== '"'; at += 1) if (text[at] === '\\') at += 1;
    at += 1;
    return String(JSON.parse(text.slice(start, at)));
  };
  const value = (): JsonNode => {
    const start = at;
    const first = text[at];
    if (first === '[') {
      const items = list(']', () => ({ name: undefined, start: at, node: value() }));
      return { value: items.map(({ node }) => node.value), start, end: at, items };
    }
    if (first === '{') {
      const items = list('}', member);
      return { value: Object.fromEntries(items.map(({ name, node }) => [name, node.value])), start, end: at, items };
    }
    if (first === '"') return { value: string(), start, end: at, items: [] };
    LITERAL.lastIndex = at;
    LITERAL.test(text);
    at = LITERAL.lastIndex;
    return { value: JSON.parse(text.slice(start, at)), start, end: at, items: [] };
  };
  const member = (): JsonItem => {
    const start = at;
    const name = string();
    space();
    at += 1;
    space();
    return { name, start, node: value() };
  };
  const list = (closing: string, item: () => JsonItem): JsonItem[] => {
    const items: JsonItem[] = [];
    at += 1;
    for (space(); text[at] !== closing; space()) {
      if (at >= text.length) throw new SyntaxError('the text ends in the middle of a value');
      items.push(item());
      space();
      if (text[at] === ',') at += 1;
    }
    at += 1;
    return items;
  };
  space();
  return value();
}

/** The value at a JSON pointer; of several members of one name the last, as JSON.parse takes it. */
export function nodeAt(root: JsonNode, pointer: string): JsonNode | undefined {
  let node: JsonNode | undefined = root;
  for (const token of parsePointer(pointer)) {
    node = Array.isArray(node?.value)
      ? node.items[Number(token)]?.node
      : node?.items.findLast(({ name }) => name === token)?.node;
  }
  return node;
}

/**
 * The text without some of its items, and with others in the place of some values: every token that is left is spelled as it
 * was. `instead`: JSON texts.
 */
export function editedJson(
  text: string,
  root: JsonNode,
  gone: ReadonlySet<JsonNode>,
  instead: ReadonlyMap<JsonNode, string>,
): string {
  const touched = new Set<JsonNode>();
  const mark = (node: JsonNode): boolean => {
    let isTouched = instead.has(node);
    for (const item of node.items) if (gone.has(item.node) || mark(item.node)) isTouched = true;
    if (isTouched) touched.add(node);
    return isTouched;
  };
  const write = (node: JsonNode): string => {
    if (!touched.has(node)) return text.slice(node.start, node.end);
    const other = instead.get(node);
    if (other !== undefined) return other;
    const items = node.items
      .filter((item) => !gone.has(item.node))
      .map((item) => `${text.slice(item.start, item.node.start)}${write(item.node)}`);
    return `${text[node.start] ?? ''}${items.join(',')}${text[node.end - 1] ?? ''}`;
  };
  mark(root);
  return `${text.slice(0, root.start)}${write(root)}${text.slice(root.end)}`;
}
