import {
  CLOSE_LIST,
  CLOSE_OBJECT,
  type JsonBytes,
  OPEN_LIST,
  OPEN_OBJECT,
  skipBlank,
  skipText,
  skipValue,
  WRONG,
} from './json-skip.ts';

/** Deeper than this nothing is looked for. */
const DEEPEST = 512;

/**
 * The names that stand twice in one object of a JSON text, as pointers with `*` for the items of lists, each once. JSON.parse keeps
 * the last of them and tells nothing (RFC 8259, 4). The text must be valid JSON in UTF-8: it was parsed before.
 */
export function repeatedNames(bytes: Buffer): readonly string[] {
  const found = new Set<string>();
  const text: JsonBytes = { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength) };
  visit(text, skipBlank(bytes, 0), '', found, DEEPEST);
  return [...found];
}

/** Gives where the value ends. */
function visit(text: JsonBytes, from: number, path: string, found: Set<string>, depth: number): number {
  const { bytes } = text;
  const isList = bytes[from] === OPEN_LIST;
  if (depth === 0 || (!isList && bytes[from] !== OPEN_OBJECT)) {
    const end = skipValue(text, from, DEEPEST);
    // Deeper than anybody goes: what comes after it is not looked at.
    return end === WRONG ? bytes.length : end;
  }
  const names = new Set<string>();
  let at = skipBlank(bytes, from + 1);
  while (at < bytes.length && bytes[at] !== CLOSE_LIST && bytes[at] !== CLOSE_OBJECT) {
    let inner = `${path}/*`;
    if (!isList) {
      const end = skipText(text, at + 1);
      const name = String(JSON.parse(bytes.toString('utf8', at, end)));
      inner = `${path}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
      if (names.has(name)) found.add(inner);
      names.add(name);
      at = skipBlank(bytes, skipBlank(bytes, end) + 1);
    }
    at = skipBlank(bytes, visit(text, at, inner, found, depth - 1));
    // A comma, or the end.
    if (bytes[at] !== CLOSE_LIST && bytes[at] !== CLOSE_OBJECT) at = skipBlank(bytes, at + 1);
  }
  return at + 1;
}
