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

// Raw records: the fields that the parsers use. Only ids and the cursor are asked for; all else may be missing or null,
// and may be named as in the versions before 2024 (camelCase). Everything is kept in the raw store and passes through.

const Text = z.string().nullish();
const Texts = z.array(z.string()).nullish();
const Flag = z.boolean().nullish();

const Related = z.looseObject({ data: z.looseObject({ id: z.string(), type: Text }).nullish() }).nullish();

export const Group = z.looseObject({ id: z.string() });

export const Org = z.looseObject({
  id: z.string(),
  attributes: z.looseObject({ name: Text, slug: Text, group_id: Text }).nullish(),
});
export type Org = z.infer<typeof Org>;

export const Target = z.looseObject({
  id: z.string(),
  attributes: z
    .looseObject({ display_name: Text, displayName: Text, url: Text, remoteUrl: Text, origin: Text })
    .nullish(),
  relationships: z
    .looseObject({
      integration: z
        .looseObject({
          data: z.looseObject({ attributes: z.looseObject({ integration_type: Text }).nullish() }).nullish(),
        })
        .nullish(),
    })
    .nullish(),
});
export type Target = z.infer<typeof Target>;

export const SnykProject = z.looseObject({
  id: z.string(),
  attributes: z
    .looseObject({
      name: Text,
      type: Text,
      origin: Text,
      status: Text,
      created: Text,
      target_file: Text,
      target_reference: Text,
      business_criticality: Texts,
      environment: Texts,
      lifecycle: Texts,
      tags: z.array(z.looseObject({ key: Text, value: Text })).nullish(),
    })
    .nullish(),
  relationships: z.looseObject({ organization: Related, target: Related }).nullish(),
});
export type SnykProject = z.infer<typeof SnykProject>;

const Named = z.array(z.looseObject({ id: Text }).nullish()).nullish();

export const Issue = z.looseObject({
  id: z.string(),
  attributes: z.looseObject({
    key: Text,
    title: Text,
    type: Text,
    status: Text,
    ignored: Flag,
    effective_severity_level: Text,
    created_at: Text,
    updated_at: Text,
    problems: Named,
    classes: Named,
    coordinates: z
      .array(
        z
          .looseObject({
            is_fixable_manually: Flag,
            is_fixable_snyk: Flag,
            is_fixable_upstream: Flag,
            is_patchable: Flag,
            is_pinnable: Flag,
            is_upgradeable: Flag,
            representations: z.array(z.unknown()).nullish(),
          })
          .nullish(),
      )
      .nullish(),
    resolution: z.looseObject({ resolved_at: Text }).nullish(),
    risk: z.looseObject({ score: z.looseObject({ value: z.number().nullish() }).nullish() }).nullish(),
  }),
  relationships: z.looseObject({ organization: Related, scan_item: Related }).nullish(),
});
export type Issue = z.infer<typeof Issue>;

/** Of an organisation or of a group. */
export const Membership = z.looseObject({
  id: z.string(),
  relationships: z
    .looseObject({
      user: z
        .looseObject({
          data: z
            .looseObject({
              id: z.string(),
              attributes: z.looseObject({ name: Text, username: Text, email: Text, active: Flag }).nullish(),
            })
            .nullish(),
        })
        .nullish(),
    })
    .nullish(),
});
export type Membership = z.infer<typeof Membership>;
