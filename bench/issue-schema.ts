import { z } from 'zod';

const reference = z.looseObject({ data: z.looseObject({ id: z.string(), type: z.string() }) });

/** One contract for both sides: the fields of the shipped integration's own schema, and more of them. */
export const Issue = z.looseObject({
  id: z.string(),
  attributes: z.looseObject({
    key: z.string(),
    title: z.string(),
    type: z.string(),
    status: z.enum(['open', 'resolved']),
    ignored: z.boolean(),
    effective_severity_level: z.enum(['info', 'low', 'medium', 'high', 'critical']),
    created_at: z.string(),
    updated_at: z.string(),
    problems: z.array(z.looseObject({ id: z.string(), source: z.string() })).optional(),
    classes: z.array(z.looseObject({ id: z.string(), source: z.string() })).optional(),
    coordinates: z
      .array(
        z.looseObject({
          is_fixable_snyk: z.boolean().optional(),
          representations: z.array(z.looseObject({})).optional(),
        }),
      )
      .optional(),
    risk: z.looseObject({ score: z.looseObject({ value: z.number() }).optional() }).optional(),
  }),
  relationships: z.looseObject({ organization: reference, scan_item: reference }),
});
