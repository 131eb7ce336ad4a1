/** No text, or one that ends too early. */
export const WRONG = -1;

export const QUOTE = 0x22;
export const BACKSLASH = 0x5c;
export const COMMA = 0x2c;
export const COLON = 0x3a;
export const OPEN_LIST = 0x5b;
export const CLOSE_LIST = 0x5d;
export const OPEN_OBJECT = 0x7b;
export const CLOSE_OBJECT = 0x7d;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;

/** A JSON text: its bytes, and the same bytes as numbers of four. */
export interface JsonBytes {
  readonly bytes: Buffer;
  readonly view: DataView;
}

/** The first position from here on that is no white space. */
export function skipBlank(bytes: Uint8Array, from: number): number {
  let at = from;
  for (;;) {
    const byte = bytes[at] ?? 0;
    if (byte > 0x20 || (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09)) return at;
    at += 1;
  }
}

/**
 * Where the JSON value that begins here ends; WRONG where JSON.parse would take none, or where more than `depth` objects and
 * lists lie in one another. That the bytes are UTF-8 is not looked at.
 */
export function skipValue(text: JsonBytes, from: number, depth: number): number {
  const { bytes } = text;
  const byte = bytes[from] ?? 0;
  if (byte === QUOTE) return skipText(text, from + 1);
  if (byte === OPEN_OBJECT) return depth === 0 ? WRONG : skipObject(text, from, depth - 1);
  if (byte === OPEN_LIST) return depth === 0 ? WRONG : skipList(text, from, depth - 1);
  if (byte === 0x74) return isWord(bytes, from, 0x72, 0x75, 0x65) ? from + 4 : WRONG;
  if (byte === 0x6e) return isWord(bytes, from, 0x75, 0x6c, 0x6c) ? from + 4 : WRONG;
  if (byte === 0x66) return bytes[from + 1] === 0x61 && isWord(bytes, from + 1, 0x6c, 0x73, 0x65) ? from + 5 : WRONG;
  return skipNumber(bytes, from);
}

function isWord(bytes: Uint8Array, at: number, second: number, third: number, fourth: number): boolean {
  return bytes[at + 1] === second && bytes[at + 2] === third && bytes[at + 3] === fourth;
}

function skipObject(text: JsonBytes, from: number, depth: number): number {
  const { bytes } = text;
  let at = skipBlank(bytes, from + 1);
  if (bytes[at] === CLOSE_OBJECT) return at + 1;
  for (;;) {
    if (bytes[at] !== QUOTE) return WRONG;
    at = skipText(text, at + 1);
    if (at === WRONG) return WRONG;
    at = skipBlank(bytes, at);
    if (bytes[at] !== COLON) return WRONG;
    at = skipValue(text, skipBlank(bytes, at + 1), depth);
    if (at === WRONG) return WRONG;
    at = skipBlank(bytes, at);
    if (bytes[at] === CLOSE_OBJECT) return at + 1;
    if (bytes[at] !== COMMA) return WRONG;
    at = skipBlank(bytes, at + 1);
  }
}

function skipList(text: JsonBytes, from: number, depth: number): number {
  const { bytes } = text;
  let at = skipBlank(bytes, from + 1);
  if (bytes[at] === CLOSE_LIST) return at + 1;
  for (;;) {
    at = skipValue(text, at, depth);
    if (at === WRONG) return WRONG;
    at = skipBlank(bytes, at);
    if (bytes[at] === CLOSE_LIST) return at + 1;
    if (bytes[at] !== COMMA) return WRONG;
    at = skipBlank(bytes, at + 1);
  }
}

/** From the position after a text's opening quote to the one after its closing quote. */
export function skipText(text: JsonBytes, from: number): number {
  const { bytes } = text;
  for (let at = from; ;) {
    at = plainUntil(text, at, false);
    const byte = bytes[at];
    if (byte === QUOTE) return at + 1;
    if (byte !== BACKSLASH) return WRONG;
    const escaped = bytes[at + 1] ?? 0;
    if (escaped === 0x75) {
      for (let digit = at + 2; digit < at + 6; digit += 1) if (!isHexDigit(bytes[digit] ?? 0)) return WRONG;
      at += 6;
    } else if (isEscape(escaped)) at += 2;
    else return WRONG;
  }
}

/**
 * The first position from here on that holds a quote, a backslash, a control character or, where `isAscii` is set, what is no
 * ASCII. Four bytes at a time: most of what an API sends is text.
 */
export function plainUntil({ bytes, view }: JsonBytes, from: number, isAscii: boolean): number {
  const last = bytes.length - 4;
  let at = from;
  for (; at <= last; at += 4) {
    const four = view.getInt32(at, true);
    const quotes = four ^ 0x22222222;
    const backslashes = four ^ 0x5c5c5c5c;
    // Of each byte the highest bit, where a subtraction has borrowed from it (Hacker's Delight, 6-1).
    const borrowed =
      ((four - 0x20202020) & ~four) | ((quotes - 0x01010101) & ~quotes) | ((backslashes - 0x01010101) & ~backslashes);
    const found = (isAscii ? borrowed | four : borrowed) & 0x80808080;
    // The lowest is the first, and it alone is certain.
    if (found !== 0) return at + ((31 - Math.clz32(found & -found)) >> 3);
  }
  for (; at < bytes.length; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte < 0x20 || byte === QUOTE || byte === BACKSLASH || (isAscii && byte > 0x7f)) break;
  }
  return at;
}

function isHexDigit(byte: number): boolean {
  const letter = byte | 0x20;
  return (byte >= ZERO && byte <= NINE) || (letter >= 0x61 && letter <= 0x66);
}

/** `"`, `\`, `/`, b, f, n, r, t. */
function isEscape(byte: number): boolean {
  if (byte === QUOTE || byte === BACKSLASH || byte === 0x2f) return true;
  return byte === 0x62 || byte === 0x66 || byte === 0x6e || byte === 0x72 || byte === 0x74;
}

export function skipNumber(bytes: Uint8Array, from: number): number {
  let at = bytes[from] === MINUS ? from + 1 : from;
  at = bytes[at] === ZERO ? at + 1 : skipDigits(bytes, at);
  if (at !== WRONG && bytes[at] === POINT) at = skipDigits(bytes, at + 1);
  if (at === WRONG || ((bytes[at] ?? 0) | 0x20) !== 0x65) return at;
  const sign = bytes[at + 1];
  return skipDigits(bytes, sign === 0x2b || sign === MINUS ? at + 2 : at + 1);
}

/** One digit or more. */
function skipDigits(bytes: Uint8Array, from: number): number {
  let at = from;
  for (let byte = bytes[at] ?? 0; byte >= ZERO && byte <= NINE; byte = bytes[at] ?? 0) at += 1;
  return at === from ? WRONG : at;
}
