import { parsePointer } from './json-pointer.ts';

/**
 * The texts of an array's elements, cut out of a JSON document without changing a character. `pointer` says where the
 * array lies; undefined when there is no array. The document must be valid JSON: it was parsed before.
 */
export function elementTexts(json: string, pointer: string): readonly string[] | undefined {
  let at = skipSpace(json, 0);
  for (const token of parsePointer(pointer)) {
    const found = json[at] === '{' ? memberStart(json, at, token) : undefined;
    if (found === undefined) return undefined;
    at = found;
  }
  if (json[at] !== '[') return undefined;
  const texts: string[] = [];
  for (at = skipSpace(json, at + 1); json[at] !== ']';) {
    const end = valueEnd(json, at);
    texts.push(json.slice(at, end));
    at = skipSpace(json, end);
    if (json[at] === ',') at = skipSpace(json, at + 1);
  }
  return texts;
}

/** Where the value of a member starts; of the last one when the name stands twice, as JSON.parse does. */
function memberStart(json: string, object: number, name: string): number | undefined {
  let found: number | undefined;
  for (let at = skipSpace(json, object + 1); json[at] !== '}';) {
    const nameEnd = stringEnd(json, at);
    const key: unknown = JSON.parse(json.slice(at, nameEnd));
    const value = skipSpace(json, skipSpace(json, nameEnd) + 1);
    if (key === name) found = value;
    at = skipSpace(json, valueEnd(json, value));
    if (json[at] === ',') at = skipSpace(json, at + 1);
  }
  return found;
}

function skipSpace(json: string, from: number): number {
  let at = from;
  while (json[at] === ' ' || json[at] === '\n' || json[at] === '\r' || json[at] === '\t') at += 1;
  return at;
}

/** The position after the value that starts here. A loop, not a recursion: documents may be deeper than the stack. */
function valueEnd(json: string, from: number): number {
  const first = json[from];
  if (first === '"') return stringEnd(json, from);
  if (first !== '{' && first !== '[') {
    let at = from;
    while (at < json.length && !',]} \n\r\t'.includes(json[at] ?? '')) at += 1;
    return at;
  }
  let depth = 0;
  for (let at = from; at < json.length; at += 1) {
    const char = json[at];
    if (char === '"') at = stringEnd(json, at) - 1;
    else if (char === '{' || char === '[') depth += 1;
    else if (char === '}' || char === ']') {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return json.length;
}

function stringEnd(json: string, from: number): number {
  for (let at = from + 1; at < json.length; at += 1) {
    if (json[at] === '\\') at += 1;
    else if (json[at] === '"') return at + 1;
  }
  return json.length;
}
