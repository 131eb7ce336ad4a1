import { z } from 'zod';

const Tree = z.object({
  name: z.string(),
  get children() {
    return z.array(Tree).optional();
  },
});

/** Fields that are all called `a`, `b` or `c`, so that random objects hit them. */
export const FIELDS: readonly z.ZodType[] = [
  z.string(),
  z.number(),
  z.int(),
  z.number().int(),
  z.number().int().min(3),
  z.boolean(),
  z.null(),
  z.unknown(),
  z.any(),
  z.enum(['x', 'y']),
  z.literal(['x', 1, true, null]),
  z.string().optional(),
  z.string().nullable(),
  z.string().nullish(),
  z.string().optional().nullable(),
  z.exactOptional(z.string()),
  z.string().default('there'),
  z.string().default('there').optional(),
  z.string().catch('caught'),
  z.string().min(2),
  z.string().trim(),
  z.string().transform((text) => text.length),
  z.coerce.string(),
  z.email(),
  z.array(z.string()),
  z.array(z.unknown()),
  z.array(z.string().optional()),
  z.object({ a: z.string(), c: z.number().optional() }),
  z.looseObject({ b: z.string() }),
  z.strictObject({ b: z.string() }),
  z.object({ a: z.string() }).refine(({ a }) => a !== 'x'),
  z.object({ b: z.string() }).catchall(z.number()),
  z.record(z.string(), z.number()),
  z.union([z.string(), z.number()]),
  z.object({ a: z.array(z.object({ b: z.string().optional() })) }).readonly(),
  Tree.optional(),
];

/** JSON does not tell what is undefined from what is not there, nor -0 from 0; the order of fields is part of it. */
export function exactly(one: unknown): unknown {
  if (Array.isArray(one)) return one.map(exactly);
  if (typeof one !== 'object' || one === null) return one;
  return Object.entries(one).map(([key, item]) => [key, exactly(item)]);
}
