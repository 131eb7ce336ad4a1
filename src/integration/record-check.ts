import { z } from 'zod';
import { isObject } from '../util/json.ts';

/** True: the value fits the schema for certain. False: not known, the schema itself must be asked. */
export type Accepts = (value: unknown) => boolean;

/**
 * Tells whether a record fits its schema, at about a fifth of what the schema takes: the common kinds (objects, strings,
 * numbers, arrays, enums, …) are looked at without making a copy. Whatever has a check, a format, a transform or anything
 * else is asked of zod itself, and so is each record that is not plainly right: the answer is always zod's answer.
 */
export function recordCheck(schema: z.ZodType): (record: unknown) => boolean {
  const accepts = acceptsOf(schema);
  return (record) => accepts(record) || schema.safeParse(record).success;
}

/** The same for any part of a schema; false for what is no schema. */
export function acceptsOf(schema: unknown): Accepts {
  if (!(schema instanceof z.ZodType)) return () => false;
  return (hasChecks(schema) ? undefined : plainAccepts(schema)) ?? ((value) => schema.safeParse(value).success);
}

/** Refinements, lengths, formats and coercion all show in the definition. */
export function hasChecks({ def }: z.ZodType): boolean {
  const { checks } = def;
  return (checks !== undefined && checks.length > 0) || 'format' in def || ('coerce' in def && def.coerce === true);
}

function plainAccepts(schema: z.ZodType): Accepts | undefined {
  if (schema instanceof z.ZodString) return (value) => typeof value === 'string';
  if (schema instanceof z.ZodNumber) return (value) => typeof value === 'number' && Number.isFinite(value);
  if (schema instanceof z.ZodBoolean) return (value) => typeof value === 'boolean';
  if (schema instanceof z.ZodNull) return (value) => value === null;
  if (schema instanceof z.ZodUnknown || schema instanceof z.ZodAny) return () => true;
  if (schema instanceof z.ZodEnum || schema instanceof z.ZodLiteral) {
    const values: ReadonlySet<unknown> = new Set(schema._zod.values);
    return (value) => values.has(value);
  }
  if (schema instanceof z.ZodOptional) {
    const inner = acceptsOf(schema.def.innerType);
    return (value) => value === undefined || inner(value);
  }
  if (schema instanceof z.ZodNullable) {
    const inner = acceptsOf(schema.def.innerType);
    return (value) => value === null || inner(value);
  }
  if (schema instanceof z.ZodArray) {
    const element = acceptsOf(schema.def.element);
    return (value) => Array.isArray(value) && value.every((item) => element(item));
  }
  return schema instanceof z.ZodObject ? objectAccepts(schema) : undefined;
}

function objectAccepts({ def }: z.ZodObject): Accepts | undefined {
  const { catchall } = def;
  if (catchall !== undefined && !(catchall instanceof z.ZodUnknown)) return undefined;
  const names = Object.keys(def.shape);
  const fields = names.map((name) => acceptsOf(def.shape[name]));
  const isOptional = names.map((name) => def.shape[name] instanceof z.ZodOptional);
  return (value) => {
    if (!isObject(value)) return false;
    for (let index = 0; index < names.length; index += 1) {
      const field = value[names[index] ?? ''];
      // What a missing field means is for zod to say, but for the one kind that says it itself.
      if (field === undefined ? isOptional[index] !== true : fields[index]?.(field) !== true) return false;
    }
    return true;
  };
}
