import { NOT_READ } from '../../util/json-cursor.ts';
import { isObject } from '../../util/json.ts';

/**
 * What a schema takes, as far as it can be told without asking it: of all else it is `asked` with the value itself. Made
 * once and read by those that write quicker code for it.
 */
export type PlainSchema =
  | { readonly kind: 'text' | 'boolean' | 'number' | 'integer' | 'null' | 'any' }
  | { readonly kind: 'values'; readonly values: ReadonlySet<unknown> }
  | { readonly kind: 'optional' | 'nullable'; readonly inner: PlainSchema }
  | { readonly kind: 'list'; readonly item: PlainSchema }
  | PlainObject
  | AskedSchema;

export interface PlainObject {
  readonly kind: 'object';
  readonly fields: readonly PlainField[];
  /** Fields that the schema does not name are kept as they are; else they are left out. */
  readonly keepsOthers: boolean;
}

export interface PlainField {
  readonly name: string;
  readonly schema: PlainSchema;
  /** The schema has something to say of it when it is not there. */
  readonly mayLack: boolean;
}

export interface AskedSchema {
  readonly kind: 'asked';
  /** What the schema gives for a value, or NOT_PLAIN. */
  readonly ask: (value: unknown) => unknown;
}

/** The value is not plainly right: what it is, its schema must say. The mark of what a cursor could not read, so that it is passed on as it is. */
export const NOT_PLAIN: typeof NOT_READ = NOT_READ;

/** Undefined for what is no object whose fields are read one by one. Only zod's public tags are looked at, so another copy of zod is understood. */
export function plainObject(schema: unknown): PlainObject | undefined {
  return objectOf(schema, new Map());
}

type Definition = Readonly<Record<string, unknown>>;
type Known = Map<unknown, PlainObject | undefined>;

function objectOf(schema: unknown, known: Known): PlainObject | undefined {
  if (known.has(schema)) return known.get(schema);
  const definition = plainDefinition(schema);
  const shape = definition?.['shape'];
  if (definition?.['type'] !== 'object' || !isObject(shape)) return undefined;
  const catchall = definitionOf(definition['catchall']);
  if (catchall !== undefined && catchall['type'] !== 'unknown') return undefined;
  const names = Object.keys(shape);
  if (names.includes('__proto__')) return undefined;
  const fields: PlainField[] = [];
  const object: PlainObject = { kind: 'object', fields, keepsOthers: catchall !== undefined };
  // Before its fields: a schema may refer to itself.
  known.set(schema, object);
  for (const name of names)
    fields.push({ name, schema: plainSchema(shape[name], known), mayLack: mayLack(shape[name]) });
  return object;
}

function plainSchema(schema: unknown, known: Known): PlainSchema {
  const definition = plainDefinition(schema);
  const inner = definition?.['innerType'];
  switch (definition?.['type']) {
    case 'string':
      return { kind: 'text' };
    case 'boolean':
    case 'null':
      return { kind: definition['type'] };
    case 'number':
      return { kind: isInteger(definition) ? 'integer' : 'number' };
    case 'unknown':
    case 'any':
      return { kind: 'any' };
    case 'enum':
    case 'literal':
      return { kind: 'values', values: valuesOf(schema) };
    case 'optional':
      // One does not take a field that is there and undefined, the other puts something in its place.
      if (isExact(schema) || mayLack(inner)) return asked(schema);
      return { kind: 'optional', inner: plainSchema(inner, known) };
    case 'nullable':
      return { kind: 'nullable', inner: plainSchema(inner, known) };
    case 'array':
      return { kind: 'list', item: plainSchema(definition['element'], known) };
    default:
      return objectOf(schema, known) ?? asked(schema);
  }
}

function asked(schema: unknown): AskedSchema {
  const safeParse: unknown = typeof schema === 'object' && schema !== null && 'safeParse' in schema && schema.safeParse;
  if (typeof safeParse !== 'function') return { kind: 'asked', ask: () => NOT_PLAIN };
  return {
    kind: 'asked',
    ask(value) {
      const parsed: unknown = safeParse(value);
      return isObject(parsed) && parsed['success'] === true ? parsed['data'] : NOT_PLAIN;
    },
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
