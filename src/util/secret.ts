import { inspect } from 'node:util';

const MASK = '<secret>';

/**
 * A value that must never be printed. Strings, templates, JSON, `console.log` and errors show a mask; only
 * `reveal()` gives the value, and only the code that attaches credentials to a request calls it.
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return MASK;
  }

  toJSON(): string {
    return MASK;
  }

  [inspect.custom](): string {
    return MASK;
  }
}
