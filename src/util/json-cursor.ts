import { isHere, wordsOf } from './json-fields.ts';
import {
  BACKSLASH,
  type JsonBytes,
  OPEN_LIST,
  OPEN_OBJECT,
  plainUntil,
  QUOTE,
  skipBlank,
  skipNumber,
  skipValue,
  WRONG,
} from './json-skip.ts';
import { mayRound } from './lossless-json.ts';

/** No such value stands there, or only JSON.parse with all its care can read it. */
export const NOT_READ: unique symbol = Symbol('not read');
type Read<Value> = Value | typeof NOT_READ;

/** A number of no more characters, without an exponent, is what it is spelled as. */
const EXACT_LENGTH = 15;
/** Texts of no more characters are made quicker from their characters than by a call out of JavaScript. */
const SHORT_TEXT = 12;

/** A text of which it is known how it is spelled. */
export interface SpelledText {
  readonly value: string;
  readonly words: Int32Array;
  readonly size: number;
}

/** The spelling without escapes; undefined for what has more than one. */
export function spelledText(value: string): SpelledText | undefined {
  const spelling = Buffer.from(JSON.stringify(value));
  if (spelling.length !== value.length + 2 || spelling.includes(BACKSLASH)) return undefined;
  return { value, words: wordsOf(spelling), size: spelling.length };
}

/**
 * Reads values out of a JSON text, each as JSON.parse gives it, or NOT_READ. After a value `end` is where it ends. A number
 * that JSON.parse may round is NOT_READ.
 */
export class JsonCursor implements JsonBytes {
  bytes: Buffer = Buffer.alloc(0);
  view: DataView = new DataView(new ArrayBuffer(0));
  end = 0;

  open(bytes: Buffer): void {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** The first position from here on that is no white space. */
  blank(at: number): number {
    return skipBlank(this.bytes, at);
  }

  /** Passes over a value; false where there is none. */
  skip(at: number, depth: number): boolean {
    const end = skipValue(this, at, depth);
    this.end = end;
    return end !== WRONG;
  }

  text(at: number): Read<string> {
    const { bytes } = this;
    if (bytes[at] !== QUOTE) return NOT_READ;
    const end = plainUntil(this, at + 1, true);
    if (bytes[end] !== QUOTE) return this.#escaped(at);
    this.end = end + 1;
    return end - at <= SHORT_TEXT + 1 ? shortText(bytes, at + 1, end) : latin1(bytes, at + 1, end);
  }

  /** One of these texts, as it is usually spelled. */
  option(at: number, options: readonly SpelledText[]): Read<string> {
    for (let index = 0; index < options.length; index += 1) {
      const option = options[index];
      if (option === undefined || !isHere(this, at, option)) continue;
      this.end = at + option.size;
      return option.value;
    }
    return NOT_READ;
  }

  number(at: number): Read<number> {
    const { bytes } = this;
    let byte = bytes[at] ?? 0;
    if (byte > 0x30 && byte <= 0x39) {
      let value = 0;
      let end = at;
      for (; byte >= 0x30 && byte <= 0x39 && end - at <= EXACT_LENGTH; byte = bytes[end] ?? 0) {
        value = value * 10 + byte - 0x30;
        end += 1;
      }
      if (end - at <= EXACT_LENGTH && byte !== 0x2e && (byte | 0x20) !== 0x65) {
        this.end = end;
        return value;
      }
    }
    return this.#anyNumber(at);
  }

  integer(at: number): Read<number> {
    const value = this.number(at);
    return Number.isSafeInteger(value) ? value : NOT_READ;
  }

  boolean(at: number): Read<boolean> {
    const first = this.bytes[at];
    if ((first !== 0x74 && first !== 0x66) || !this.skip(at, 0)) return NOT_READ;
    return first === 0x74;
  }

  nothing(at: number): Read<null> {
    return this.bytes[at] === 0x6e && this.skip(at, 0) ? null : NOT_READ;
  }

  any(at: number, depth: number): unknown {
    const first = this.bytes[at] ?? 0;
    if (first === QUOTE) return this.text(at);
    if (first === OPEN_OBJECT || first === OPEN_LIST) return this.#whole(at, depth);
    if (first === 0x74 || first === 0x66) return this.boolean(at);
    return first === 0x6e ? this.nothing(at) : this.number(at);
  }

  #escaped(at: number): Read<string> {
    if (!this.skip(at, 0)) return NOT_READ;
    return String(JSON.parse(this.bytes.toString('utf8', at, this.end)));
  }

  #anyNumber(at: number): Read<number> {
    const end = skipNumber(this.bytes, at);
    if (end === WRONG) return NOT_READ;
    const spelled = this.bytes.toString('latin1', at, end);
    if (end - at > EXACT_LENGTH || /e/i.test(spelled)) return NOT_READ;
    this.end = end;
    return Number(spelled);
  }

  #whole(at: number, depth: number): unknown {
    if (!this.skip(at, depth)) return NOT_READ;
    const text = this.bytes.toString('utf8', at, this.end);
    return mayRound(text) ? NOT_READ : JSON.parse(text);
  }
}

declare global {
  interface Buffer {
    /** Not in Node's documentation, but what `toString` calls, and what undici uses for the same reason. */
    latin1Slice?(from: number, end: number): string;
  }
}

/** Half of what `toString` takes for a short text is finding out what is asked. */
const latin1 =
  typeof Buffer.prototype.latin1Slice === 'function'
    ? (bytes: Buffer, from: number, end: number): string => bytes.latin1Slice?.(from, end) ?? ''
    : (bytes: Buffer, from: number, end: number): string => bytes.toString('latin1', from, end);

/** ASCII. One call with four characters takes half the time of one for each. */
function shortText(bytes: Buffer, from: number, end: number): string {
  let text = '';
  let at = from;
  for (; at + 4 <= end; at += 4)
    text += String.fromCharCode(bytes[at] ?? 0, bytes[at + 1] ?? 0, bytes[at + 2] ?? 0, bytes[at + 3] ?? 0);
  for (; at < end; at += 1) text += String.fromCharCode(bytes[at] ?? 0);
  return text;
}
