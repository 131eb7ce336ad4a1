import { secret } from 'sassy';
import { z } from 'zod';
import { lenient } from '../_domain/lenient.ts';

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

const Text = lenient(z.string());
const Texts = lenient(z.array(z.string()));
const Flag = lenient(z.boolean());

const Related = lenient(z.looseObject({ data: lenient(z.looseObject({ id: z.string(), type: Text })) }));

export const Group = z.looseObject({ id: z.string() });

export const Org = z.looseObject({
  id: z.string(),
  attributes: lenient(z.looseObject({ name: Text, slug: Text, group_id: Text })),
});
export type Org = z.infer<typeof Org>;

export const Target = z.looseObject({
  id: z.string(),
  attributes: lenient(
    z.looseObject({ display_name: Text, displayName: Text, url: Text, remoteUrl: Text, origin: Text }),
  ),
  relationships: lenient(
    z.looseObject({
      integration: lenient(
        z.looseObject({
          data: lenient(z.looseObject({ attributes: lenient(z.looseObject({ integration_type: Text })) })),
        }),
      ),
    }),
  ),
});
export type Target = z.infer<typeof Target>;

export const SnykProject = z.looseObject({
  id: z.string(),
  attributes: lenient(
    z.looseObject({
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
      tags: lenient(z.array(z.looseObject({ key: Text, value: Text }))),
    }),
  ),
  relationships: lenient(z.looseObject({ organization: Related, target: Related })),
});
export type SnykProject = z.infer<typeof SnykProject>;

const Named = lenient(z.array(lenient(z.looseObject({ id: Text }))));

const Representation = lenient(
  z.looseObject({ dependency: lenient(z.looseObject({ package_name: Text, package_version: Text })) }),
);
export type Representation = z.infer<typeof Representation>;

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
    coordinates: lenient(
      z.array(
        lenient(
          z.looseObject({
            is_fixable_manually: Flag,
            is_fixable_snyk: Flag,
            is_fixable_upstream: Flag,
            is_patchable: Flag,
            is_pinnable: Flag,
            is_upgradeable: Flag,
            representations: lenient(z.array(Representation)),
          }),
        ),
      ),
    ),
    resolution: lenient(z.looseObject({ resolved_at: Text })),
    risk: lenient(
      z.looseObject({
        score: lenient(z.looseObject({ value: lenient(z.number()) })),
      }),
    ),
  }),
  relationships: lenient(z.looseObject({ organization: Related, scan_item: Related })),
});
export type Issue = z.infer<typeof Issue>;

/** Of an organisation or of a group. */
export const Membership = z.looseObject({
  id: z.string(),
  relationships: lenient(
    z.looseObject({
      user: lenient(
        z.looseObject({
          data: lenient(
            z.looseObject({
              id: z.string(),
              attributes: lenient(z.looseObject({ name: Text, username: Text, email: Text, active: Flag })),
            }),
          ),
        }),
      ),
    }),
  ),
});
export type Membership = z.infer<typeof Membership>;
