import { z } from 'zod';
import { parsePointer } from '../util/json-pointer.ts';
import { ANY, BOOLEAN, type JsonPlan, LIST, NULL, NUMBER, OBJECT, TEXT } from '../util/json-plan.ts';
import { acceptsOf, hasChecks } from './record-check.ts';

/** What is looked for in a record's text: whether it fits its schema, and what lies at some pointers. */
export interface RecordPlan {
  readonly plan: JsonPlan;
  /** The pointers' names, in the order of the plan's slots. */
  readonly paths: readonly (readonly string[])[];
}

/**
 * The plan for a schema. Undefined where reading records in part would save nothing, or could give something else than
 * reading them whole does: schemas that are no plain object, pointers into lists or into what a schema checks as a whole.
 */
export function recordPlan(schema: z.ZodType, pointers: readonly string[]): RecordPlan | undefined {
  const paths = [...new Set(pointers)].map(parsePointer);
  let plan: JsonPlan | undefined = planOf(schema);
  if (plan.fields === undefined) return undefined;
  for (const [slot, path] of paths.entries()) plan = plan === undefined ? undefined : withSlot(plan, path, slot);
  return plan === undefined ? undefined : { plan, paths };
}

/** The parts of a schema that `recordCheck` looks at by itself; of all others the schema is asked. */
function planOf(schema: unknown): JsonPlan {
  return (schema instanceof z.ZodType && !hasChecks(schema) ? plainPlan(schema) : undefined) ?? asked(schema);
}

function asked(schema: unknown): JsonPlan {
  return { kinds: ANY, test: acceptsOf(schema) };
}

function plainPlan(schema: z.ZodType): JsonPlan | undefined {
  if (schema instanceof z.ZodString) return { kinds: TEXT };
  if (schema instanceof z.ZodNumber) return { kinds: NUMBER };
  if (schema instanceof z.ZodBoolean) return { kinds: BOOLEAN };
  if (schema instanceof z.ZodNull) return { kinds: NULL };
  if (schema instanceof z.ZodUnknown || schema instanceof z.ZodAny) return { kinds: ANY };
  if (schema instanceof z.ZodOptional) return planOf(schema.def.innerType);
  if (schema instanceof z.ZodNullable) return orNull(planOf(schema.def.innerType));
  if (schema instanceof z.ZodArray) return { kinds: LIST, items: planOf(schema.def.element) };
  return schema instanceof z.ZodObject ? objectPlan(schema) : undefined;
}

function orNull(plan: JsonPlan): JsonPlan {
  const { kinds, test } = plan;
  return {
    ...plan,
    kinds: kinds | NULL,
    ...(test === undefined ? {} : { test: (value) => value === null || test(value) }),
  };
}

function objectPlan({ def }: z.ZodObject): JsonPlan | undefined {
  const { catchall } = def;
  if (catchall !== undefined && !(catchall instanceof z.ZodUnknown)) return undefined;
  const fields = Object.entries(def.shape);
  if (fields.some(([name]) => name === '__proto__')) return undefined;
  return {
    kinds: OBJECT,
    fields: new Map(fields.map(([name, inner]) => [name, planOf(inner)])),
    required: new Set(fields.flatMap(([name, inner]) => (inner instanceof z.ZodOptional ? [] : [name]))),
  };
}

function withSlot(plan: JsonPlan, [name, ...rest]: readonly string[], slot: number): JsonPlan | undefined {
  const isWhole = plan.test !== undefined || plan.slot !== undefined || plan.items !== undefined;
  if (name === undefined) return plan.items === undefined && plan.fields === undefined ? { ...plan, slot } : undefined;
  // Of a list a pointer takes the item with that number.
  if (isWhole || name === '__proto__' || /^\d+$/.test(name)) return undefined;
  const inner = withSlot(plan.fields?.get(name) ?? { kinds: ANY }, rest, slot);
  return inner === undefined ? undefined : { ...plan, fields: new Map(plan.fields).set(name, inner) };
}
