import * as fc from 'fast-check';
import { z } from 'zod';

/** Schemas of each kind that authors write for records. */
export const SCHEMAS: Readonly<Record<string, z.ZodType>> = {
  'loose object': z.looseObject({ a: z.string(), b: z.number().optional(), c: z.unknown() }),
  'plain object': z.object({ a: z.string().nullable(), b: z.array(z.boolean()) }),
  'strict object': z.strictObject({ a: z.string() }),
  'catch-all': z.object({ a: z.string() }).catchall(z.number()),
  checks: z.looseObject({ a: z.string().min(2), b: z.int().optional(), c: z.array(z.string()).min(1).optional() }),
  formats: z.looseObject({ a: z.uuid(), b: z.iso.datetime().optional() }),
  'changes of the value': z.looseObject({
    a: z.coerce.string(),
    b: z.string().transform(Number),
    c: z.string().default('x'),
  }),
  'a refined object': z.looseObject({ a: z.string() }).refine(({ a }) => a !== 'no'),
  'enum and literal': z.looseObject({ a: z.enum(['x', 'y']), b: z.literal([1, 'z']).nullish() }),
  union: z.looseObject({
    a: z.union([z.string(), z.number()]),
    b: z
      .discriminatedUnion('k', [z.object({ k: z.literal('p') }), z.object({ k: z.literal('q'), v: z.number() })])
      .optional(),
  }),
  record: z.looseObject({ a: z.record(z.string(), z.number()), b: z.null().optional() }),
  'missing fields': z.looseObject({ a: z.any(), b: z.undefined(), c: z.string().catch('x'), d: z.string().nullable() }),
  lazy: z.lazy(() => z.looseObject({ a: z.string() })),
};

const value = fc.oneof(
  fc.constantFrom<unknown>(
    undefined,
    null,
    '',
    'x',
    'y',
    'no',
    1,
    1.5,
    true,
    [],
    ['s'],
    [true],
    {},
    { k: 'p' },
    { k: 'q', v: 2 },
    { k: 'q' },
    { n: 1 },
  ),
  fc.constantFrom<unknown>('3916a413-2fca-45c9-a1bf-000000000000', '2026-01-01T00:00:00Z', NaN, Infinity),
);
/** Records that fit some of them, and others. */
export const record = fc.oneof(
  { weight: 9, arbitrary: fc.record({ a: value, b: value, c: value, d: value, e: value }, { requiredKeys: [] }) },
  { weight: 1, arbitrary: value },
);
