import { type AskedSchema, NOT_PLAIN, type PlainField, type PlainObject } from './plain-schema.ts';

/** The text of functions that are compiled for a schema, and the values that they refer to. */
export class ReaderText {
  readonly values: unknown[] = [];
  /** Some fields are read by zod. */
  asksZod = false;
  readonly #functions: string[] = [];
  readonly #names = new Map<PlainObject, string>();
  #count = 0;

  get functions(): string {
    return this.#functions.join('\n');
  }

  /** The name of the function for an object; `write` gives its text when it is asked for first. */
  function(object: PlainObject, write: (name: string) => string): string {
    const known = this.#names.get(object);
    if (known !== undefined) return known;
    const name = this.fresh('read');
    // Before its fields: an object may hold others of its kind.
    this.#names.set(object, name);
    this.#functions.push(write(name));
    return name;
  }

  add(text: string): void {
    this.#functions.push(text);
  }

  /** How a value is referred to. */
  value(value: unknown): string {
    this.values.push(value);
    return `V[${this.values.length - 1}]`;
  }

  asked({ ask }: AskedSchema): string {
    this.asksZod = true;
    return this.value(ask);
  }

  /** A name that no other has. */
  fresh(prefix: string): string {
    this.#count += 1;
    return `${prefix}_${this.#count}`;
  }
}

/**
 * Statements that make an object `r` of the variables `f0`, `f1`, …: the fields up to the first that may be missing at once,
 * which is what V8 is quickest with, the others where `isThere` says so.
 */
export function resultText(
  fields: readonly PlainField[],
  isThere: (field: PlainField, index: number) => string,
): string {
  const firstLacking = fields.findIndex((field) => field.mayLack);
  const always = firstLacking < 0 ? fields.length : firstLacking;
  const given = fields.slice(0, always).map(({ name }, index) => `${JSON.stringify(name)}: f${index}`);
  const rest = fields.slice(always).map((field, place) => {
    const index = always + place;
    return `if (${isThere(field, index)}) r[${JSON.stringify(field.name)}] = f${index};`;
  });
  return [`const r = { ${given.join(', ')} };`, ...rest].join('\n  ');
}

type Compiled = (...parameters: unknown[]) => unknown;

/** The function of that name, with `NO` for NOT_PLAIN and whatever else is given; undefined where a process may not compile code. */
export function compiled(
  text: ReaderText,
  name: string,
  given: Readonly<Record<string, unknown>>,
): Compiled | undefined {
  try {
    // The one way to name fields in the code itself, which is what makes it quick; zod does the same. Nothing of it comes from data.
    // oxlint-disable-next-line typescript/no-implied-eval -- see above
    const made: unknown = new Function('NO', 'V', ...Object.keys(given), `${text.functions}\nreturn ${name};`)(
      NOT_PLAIN,
      text.values,
      ...Object.values(given),
    );
    return isFunction(made) ? made : undefined;
  } catch {
    return undefined;
  }
}

function isFunction(value: unknown): value is Compiled {
  return typeof value === 'function';
}
