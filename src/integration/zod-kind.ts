import { z } from 'zod';

// zod 4 knows its own by what a schema is made of, not by which copy of zod made it.

export function isZodType(value: unknown): value is z.ZodType {
  return value instanceof z.ZodType;
}

export function isZodObject(value: unknown): value is z.ZodObject {
  return value instanceof z.ZodObject;
}
