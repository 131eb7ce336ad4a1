import { z } from 'zod';

/** What a schema made by `entity()` carries. Found by this symbol, so that two copies of the package understand each other. */
const ENTITY = Symbol.for('sassy.entity');
const REF = Symbol.for('sassy.ref');

export interface EntityInfo {
  /** As the author wrote it: `Finding`. */
  readonly name: string;
  /** The table in SQL sinks: `findings`. */
  readonly table: string;
  /** The fields that make the key. */
  readonly key: readonly string[];
}

export interface EntityOptions<Shape extends z.ZodRawShape> {
  /** The field, or fields, that tell one entity from another. Never null or empty. */
  readonly key: (keyof Shape & string) | readonly (keyof Shape & string)[];
  /** The table's name in SQL sinks. Default: the name in snake_case and plural. */
  readonly table?: string;
}

/** A zod object schema that is an entity of our own domain. */
export type Entity<Shape extends z.ZodRawShape = z.ZodRawShape> = z.ZodObject<Shape> & {
  readonly [ENTITY]: EntityInfo;
};

/**
 * Declares an entity: a name, a key and the fields.
 *
 * @example
 * export const Finding = entity('Finding', { key: 'id' }, { id: z.string(), project: ref(() => Project) });
 * export type Finding = z.infer<typeof Finding>;
 */
export function entity<Shape extends z.ZodRawShape>(
  name: string,
  options: EntityOptions<Shape>,
  shape: Shape,
): Entity<Shape> {
  const key = typeof options.key === 'string' ? [options.key] : [...options.key];
  const info: EntityInfo = Object.freeze({ name, table: options.table ?? tableName(name), key: Object.freeze(key) });
  return Object.assign(z.object(shape), { [ENTITY]: info });
}

/** A field that holds the key of another entity. Given as a function where entities refer to each other. */
export function ref(target: Entity | (() => Entity)): z.ZodString {
  return Object.assign(z.string(), { [REF]: target });
}

/** Reads what `entity()` wrote; undefined for any other value. */
export function entityInfo(schema: unknown): EntityInfo | undefined {
  return isEntity(schema) ? schema[ENTITY] : undefined;
}

function isEntity(schema: unknown): schema is Entity {
  return typeof schema === 'object' && schema !== null && ENTITY in schema;
}

/** The entity that a field refers to, looking through optional and nullable wrappers. */
export function refTarget(field: unknown): EntityInfo | undefined {
  if (isRef(field)) return entityInfo(typeof field[REF] === 'function' ? field[REF]() : field[REF]);
  return isWrapper(field) ? refTarget(field.unwrap()) : undefined;
}

function isRef(field: unknown): field is { readonly [REF]: Entity | (() => Entity) } {
  return typeof field === 'object' && field !== null && REF in field;
}

/** Optional, nullable and the like, of whichever copy of zod. */
function isWrapper(field: unknown): field is { unwrap(): unknown } {
  return typeof field === 'object' && field !== null && 'unwrap' in field && typeof field.unwrap === 'function';
}

/** `CloudResource` → `cloud_resources`, `Repository` → `repositories`, `Box` → `boxes`. */
function tableName(name: string): string {
  const snake = name.replaceAll(/(?<=[a-z0-9])(?=[A-Z])/g, '_').toLowerCase();
  if (/[^aeiou]y$/.test(snake)) return `${snake.slice(0, -1)}ies`;
  return /(s|x|z|ch|sh)$/.test(snake) ? `${snake}es` : `${snake}s`;
}
