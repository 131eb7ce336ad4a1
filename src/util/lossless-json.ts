/** A number of a JSON text, kept as it was spelled: one that a JavaScript number would change, or that is too large to count with. */
export class ExactNumber {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  /** False for one that a JavaScript number holds as it is: those are spelled out only when all are asked for. */
  isRounded(): boolean {
    return rounds(this.text, Number(this.text));
  }

  /** For code that compares it as a number: rounded, as JSON.parse would have it. */
  valueOf(): number {
    return Number(this.text);
  }

  toString(): string {
    return this.text;
  }
}

/**
 * What a JSON text can begin a number with, and then at least 16 digits (one point among them) or an exponent of three: so
 * that the ids, hashes and UUIDs within strings are passed over. A quarter of the time of JSON.parse. Two patterns, because
 * one that may also match at the beginning of the text takes twice as long at every other place.
 */
const LONG = String.raw`\s*-?\d(?:[\d.]{14,}\d|[\d.]*[eE][+-]?\d{3})`;
const SUSPICIOUS = new RegExp(`[:,[]${LONG}`);
const SUSPICIOUS_ALONE = new RegExp(`^${LONG}`);

/** True when a JSON text may hold a number that JSON.parse rounds. Cheap; also true for some texts within strings. */
export function mayRound(text: string): boolean {
  return SUSPICIOUS.test(text) || SUSPICIOUS_ALONE.test(text);
}

/**
 * JSON.parse that rounds nothing: numbers that would change or lie beyond 2^53 are ExactNumbers, and all are when `every` is set.
 * @throws SyntaxError; RangeError for a text that is nested too deeply
 */
export function parseLossless(text: string, every = false): unknown {
  const revive = (_key: string, value: unknown, context?: { readonly source?: string }): unknown => {
    if (typeof value !== 'number') return value;
    const source = context?.source ?? String(value);
    return every || Math.abs(value) > Number.MAX_SAFE_INTEGER || rounds(source, value)
      ? new ExactNumber(source)
      : value;
  };
  const parsed: unknown = JSON.parse(text, revive);
  return parsed;
}

function rounds(source: string, value: number): boolean {
  if (source.length <= 15 && !/[eE]/.test(source)) return false;
  return !Number.isFinite(value) || decimal(source) !== decimal(String(value));
}

/** One spelling for one decimal number: its digits without zeros around them, and where the point is. */
function decimal(source: string): string {
  const [mantissa = '', exponent = '0'] = source.replace(/^-/, '').split(/[eE]/);
  const [whole = '', fraction = ''] = mantissa.split('.');
  const all = (whole + fraction).replace(/^0+/, '');
  const short = all.replace(/0+$/, '');
  const point = Number(exponent) - fraction.length + (all.length - short.length);
  return short === '' ? '0' : `${short}e${point}`;
}

/** A copy with each ExactNumber as a number where that holds it, else as its text. */
export function withTexts(value: unknown): unknown {
  if (value instanceof ExactNumber) return value.isRounded() ? value.text : value.valueOf();
  if (Array.isArray(value)) return value.map(withTexts);
  if (typeof value !== 'object' || value === null) return value;
  const copy: Record<string, unknown> = {};
  for (const [name, item] of Object.entries(value)) setField(copy, name, withTexts(item));
  return copy;
}

/** `define` where it must be, which takes several times as long as an assignment. */
function setField(object: Record<string, unknown>, name: string, value: unknown): void {
  if (name === '__proto__') define(object, name, value);
  else object[name] = value;
}

/** Sets an own field, also one named `__proto__`: an assignment would change what the object inherits. */
export function define(object: object, name: string, value: unknown): void {
  Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
}
