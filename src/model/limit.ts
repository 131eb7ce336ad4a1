/** A number of things, or a share of them: `100`, `'100'`, `'0.5%'`, `'1 %'`. */
export type Limit = number | `${number}` | `${number}%` | `${number} %`;

/** How many of `total` a limit allows; always a whole number. */
export interface LimitValue {
  readonly text: string;
  of(total: number): number;
}

/** Reads a limit; undefined for what is none: a share above 100 %, a negative number, any other text. */
export function readLimit(limit: unknown): LimitValue | undefined {
  const text = typeof limit === 'number' ? String(limit) : limit;
  const match = typeof text === 'string' ? /^(\d+(?:\.\d+)?)\s*(%?)$/.exec(text.trim()) : null;
  if (match === null) return undefined;
  const number = Number(match[1]);
  if (match[2] === '%') {
    // Rounded at the 9th digit: 0.07 * 100 is more than 7 in floating point.
    return number > 100 ? undefined : { text: `${number}%`, of: (total) => Math.floor((total * number) / 100 + 1e-9) };
  }
  return Number.isSafeInteger(number) ? { text: String(number), of: () => number } : undefined;
}
