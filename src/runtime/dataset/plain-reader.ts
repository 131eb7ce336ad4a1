import type { z } from 'zod';
import { isObject } from '../../util/json.ts';

/** The value is not plainly right: what it is, its schema must say. */
export const NOT_PLAIN: unique symbol = Symbol('not plain');

export interface PlainReader {
  /** What the schema gives for a value that fits it, or NOT_PLAIN. */
  readonly read: (value: unknown) => unknown;
  /** Some fields are read by zod, which leaves out what is named `__proto__` within them. */
  readonly asksZod: boolean;
}

type Definition = Readonly<Record<string, unknown>>;

/**
 * Reads what is plainly right at a fifth of what the schema takes: objects, arrays, texts, numbers, enumerations and the
 * like, copied as zod copies them: unknown fields left out or kept, fields in the order of the schema. Fields of other kinds
 * (checks, formats, transforms, …) are asked of zod one by one. Where anything is not right, or missing, the answer
 * is NOT_PLAIN, and the whole is for zod. Undefined for schemas that are no plain object, and where a
 * process may not compile code. Only zod's public tags are looked at, so another copy of zod is understood.
 */
export function plainReader(schema: z.ZodType): PlainReader | undefined {
  const source = new ReaderSource();
  const name = source.objectReader(schema);
  if (name === undefined) return undefined;
  try {
    // The one way to name fields in the code itself, which is what makes it quick; zod does the same. Nothing of it comes from data.
    // oxlint-disable-next-line typescript/no-implied-eval -- see above
    const made: unknown = new Function('NO', 'PROTO', 'V', `${source.text}\nreturn ${name};`)(
      NOT_PLAIN,
      Object.prototype,
      source.values,
    );
    if (typeof made !== 'function') return undefined;
    return { read: (value): unknown => made(value), asksZod: source.asksZod };
  } catch {
    return undefined;
  }
}

/** `safeParse` of a schema, quicker for values that are plainly right. */
export function safeReader(schema: z.ZodType): (value: unknown) => z.ZodSafeParseResult<unknown> {
  const plain = plainReader(schema);
  if (plain === undefined) return (value) => schema.safeParse(value);
  return (value) => {
    const data = plain.read(value);
    return data === NOT_PLAIN ? schema.safeParse(value) : { success: true, data };
  };
}

/** The text of one function for each object of a schema. */
class ReaderSource {
  readonly values: unknown[] = [];
  asksZod = false;
  readonly #functions: string[] = [];
  readonly #names = new Map<unknown, string | undefined>();
  #count = 0;

  get text(): string {
    return this.#functions.join('\n');
  }

  /** The name of the function that reads an object; undefined where it is no plain one. */
  objectReader(schema: unknown): string | undefined {
    if (this.#names.has(schema)) return this.#names.get(schema);
    const definition = plainDefinition(schema);
    const shape = definition?.['shape'];
    if (definition?.['type'] !== 'object' || !isObject(shape)) return undefined;
    const catchall = definitionOf(definition['catchall']);
    if (catchall !== undefined && catchall['type'] !== 'unknown') return undefined;
    const fields = Object.keys(shape);
    if (fields.includes('__proto__')) return undefined;
    const name = this.#fresh('read');
    // Before its fields: a schema may refer to itself.
    this.#names.set(schema, name);
    const lines = fields.map((field, index) => {
      const read = `let f${index} = v[${JSON.stringify(field)}];`;
      return `${read} ${this.#check(shape[field], `f${index}`)}`;
    });
    const firstOptional = fields.findIndex((field) => mayLack(shape[field]));
    const always = firstOptional < 0 ? fields.length : firstOptional;
    const given = fields.slice(0, always).map((field, index) => `${JSON.stringify(field)}: f${index}`);
    const rest = fields.slice(always).map((field, index) => {
      const [key, value] = [JSON.stringify(field), `f${always + index}`];
      return `if (${value} !== undefined || ${key} in v) r[${key}] = ${value};`;
    });
    const known = catchall === undefined ? '' : this.#value(new Set(fields));
    // Own fields of that name would be lost: zod leaves them out, and they are put back by who called it.
    this.#functions.push(`function ${name}(v) {
  if (typeof v !== 'object' || v === null || v.__proto__ !== PROTO) return NO;
  ${lines.join('\n  ')}
  const r = { ${given.join(', ')} };
  ${rest.join('\n  ')}
  ${known === '' ? '' : `for (const k in v) if (!${known}.has(k)) r[k] = v[k];`}
  return r;
}`);
    return name;
  }

  /** Statements that end the function when the variable does not fit, and leave in it what the schema gives. */
  #check(schema: unknown, name: string): string {
    const definition = plainDefinition(schema);
    const inner = definition?.['innerType'];
    switch (definition?.['type']) {
      case 'string':
      case 'boolean':
        return `if (typeof ${name} !== '${definition['type']}') return NO;`;
      case 'number':
        return isInteger(definition)
          ? `if (!Number.isSafeInteger(${name})) return NO;`
          : `if (!Number.isFinite(${name})) return NO;`;
      case 'null':
        return `if (${name} !== null) return NO;`;
      case 'unknown':
      case 'any':
        return `if (${name} === undefined) return NO;`;
      case 'enum':
      case 'literal':
        return `if (!${this.#value(valuesOf(schema))}.has(${name})) return NO;`;
      case 'optional':
        // One does not take a field that is there and undefined, the other puts something in its place.
        if (isExact(schema) || mayLack(inner)) return this.#checkOther(schema, name);
        return `if (${name} !== undefined) { ${this.#check(inner, name)} }`;
      case 'nullable':
        return `if (${name} !== null) { ${this.#check(inner, name)} }`;
      case 'array':
        return this.#checkArray(definition['element'], name);
      default:
        return this.#checkOther(schema, name);
    }
  }

  #checkArray(element: unknown, name: string): string {
    const [copy, index, item] = [this.#fresh('c'), this.#fresh('i'), this.#fresh('e')];
    return `if (!Array.isArray(${name})) return NO;
  const ${copy} = new Array(${name}.length);
  for (let ${index} = 0; ${index} < ${copy}.length; ${index} += 1) {
    let ${item} = ${name}[${index}]; ${this.#check(element, item)} ${copy}[${index}] = ${item};
  }
  ${name} = ${copy};`;
  }

  #checkOther(schema: unknown, name: string): string {
    const reader = this.objectReader(schema);
    if (reader !== undefined) return `${name} = ${reader}(${name}); if (${name} === NO) return NO;`;
    this.asksZod = true;
    // What a missing field means is for the schema of the whole to say.
    return `if (${name} === undefined) return NO;
  ${name} = ${this.#value(askZod(schema))}(${name}); if (${name} === NO) return NO;`;
  }

  #value(value: unknown): string {
    this.values.push(value);
    return `V[${this.values.length - 1}]`;
  }

  #fresh(prefix: string): string {
    this.#count += 1;
    return `${prefix}_${this.#count}`;
  }
}

function askZod(schema: unknown): (value: unknown) => unknown {
  const safeParse: unknown = typeof schema === 'object' && schema !== null && 'safeParse' in schema && schema.safeParse;
  if (typeof safeParse !== 'function') return () => NOT_PLAIN;
  return (value) => {
    const parsed: unknown = safeParse(value);
    return isObject(parsed) && parsed['success'] === true ? parsed['data'] : NOT_PLAIN;
  };
}

function definitionOf(schema: unknown): Definition | undefined {
  if (!isObject(schema) || !isObject(schema['_zod'])) return undefined;
  const definition = schema['_zod']['def'];
  return isObject(definition) ? definition : undefined;
}

/** Undefined where a check, a format or a coercion says more than the type. */
function plainDefinition(schema: unknown): Definition | undefined {
  const definition = definitionOf(schema);
  if (definition === undefined || definition['coerce'] === true) return undefined;
  if (definition['type'] === 'number') return isInteger(definition) || hasNoChecks(definition) ? definition : undefined;
  return hasNoChecks(definition) ? definition : undefined;
}

function hasNoChecks(definition: Definition): boolean {
  const { checks } = definition;
  return (!Array.isArray(checks) || checks.length === 0) && !('format' in definition);
}

/** `z.int()` or `z.number().int()`, and nothing else. */
function isInteger(definition: Definition): boolean {
  const checks: unknown[] = Array.isArray(definition['checks']) ? definition['checks'] : [];
  if ('format' in definition) return definition['format'] === 'safeint' && checks.length === 0;
  return checks.length === 1 && definitionOf(checks[0])?.['format'] === 'safeint';
}

/** The schema has something to say of a field that is not there. */
function mayLack(schema: unknown): boolean {
  return isObject(schema) && isObject(schema['_zod']) && schema['_zod']['optin'] !== undefined;
}

function isExact(schema: unknown): boolean {
  const traits = isObject(schema) && isObject(schema['_zod']) ? schema['_zod']['traits'] : undefined;
  return traits instanceof Set && traits.has('$ZodExactOptional');
}

function valuesOf(schema: unknown): ReadonlySet<unknown> {
  const values = isObject(schema) && isObject(schema['_zod']) ? schema['_zod']['values'] : undefined;
  return values instanceof Set ? values : new Set();
}
