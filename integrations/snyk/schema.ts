import { secret } from 'sassy';
import { z } from 'zod';

export const Config = z.object({
  token: secret().describe('API token: Snyk > Account settings > API Token, or a service account with Org Viewer'),
  baseUrl: z
    .url()
    .optional()
    .describe('Another region or a test server: https://api.eu.snyk.io, https://api.us.snyk.io, …'),
});
export type Config = z.infer<typeof Config>;

// Raw records: only the fields that the parsers rely on. Everything else is kept in the raw store and passes through.

const Relationship = z.looseObject({ data: z.looseObject({ id: z.string(), type: z.string() }) });

export const Org = z.looseObject({
  id: z.string(),
  attributes: z.looseObject({ name: z.string(), slug: z.string() }),
});
export type Org = z.infer<typeof Org>;

export const SnykProject = z.looseObject({
  id: z.string(),
  attributes: z.looseObject({
    name: z.string(),
    type: z.string(),
    origin: z.string(),
    status: z.string(),
    created: z.iso.datetime({ offset: true }),
    target_file: z.string().optional(),
    target_reference: z.string().optional(),
    business_criticality: z.array(z.string()).optional(),
    environment: z.array(z.string()).optional(),
    lifecycle: z.array(z.string()).optional(),
    tags: z.array(z.looseObject({ key: z.string(), value: z.string() })).optional(),
  }),
  relationships: z.looseObject({ organization: Relationship }),
});
export type SnykProject = z.infer<typeof SnykProject>;

export const Issue = z.looseObject({
  id: z.string(),
  attributes: z.looseObject({
    key: z.string(),
    title: z.string(),
    type: z.string(),
    status: z.enum(['open', 'resolved']),
    ignored: z.boolean(),
    effective_severity_level: z.enum(['info', 'low', 'medium', 'high', 'critical']),
    created_at: z.iso.datetime({ offset: true }),
    updated_at: z.iso.datetime({ offset: true }),
    problems: z.array(z.looseObject({ id: z.string(), source: z.string() })).optional(),
    classes: z.array(z.looseObject({ id: z.string(), source: z.string() })).optional(),
    coordinates: z
      .array(
        z.looseObject({
          is_fixable_manually: z.boolean().optional(),
          is_fixable_snyk: z.boolean().optional(),
          is_fixable_upstream: z.boolean().optional(),
          is_patchable: z.boolean().optional(),
          is_pinnable: z.boolean().optional(),
          is_upgradeable: z.boolean().optional(),
          representations: z.array(z.looseObject({})).optional(),
        }),
      )
      .optional(),
    resolution: z.looseObject({ resolved_at: z.iso.datetime({ offset: true }).optional() }).optional(),
    risk: z.looseObject({ score: z.looseObject({ value: z.number() }).optional() }).optional(),
  }),
  relationships: z.looseObject({ organization: Relationship, scan_item: Relationship }),
});
export type Issue = z.infer<typeof Issue>;
