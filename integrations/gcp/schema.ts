import { secret } from 'sassy';
import { z } from 'zod';

export const Config = z.object({
  serviceAccount: secret().describe(
    'The JSON key file of a service account, whole, on one line: IAM & Admin > Service accounts > Keys (jq -c . key.json)',
  ),
  projects: z
    .array(z.string())
    .optional()
    .describe('Only these projects, by id, with commas between. Default: all active ones that the account can see'),
  organization: z
    .string()
    .regex(/^(organizations\/)?\d+$/, 'must be the number of an organization: 123456789012')
    .optional()
    .describe(
      'Number of the organization whose assets are listed as one. Default: assets are listed project by project',
    ),
  quotaProject: z
    .string()
    .optional()
    .describe("The project whose quota the requests use up (x-goog-user-project). Default: the account's own"),
  assetTypes: z
    .array(z.string())
    .optional()
    .describe('Only these asset types, e.g. compute.googleapis.com/Instance, also as RE2 patterns. Default: all'),
  baseUrl: z
    .url()
    .optional()
    .describe('Serves all hosts of Google Cloud in their place, paths kept: a test server, a proxy'),
});
export type Config = z.infer<typeof Config>;

// Raw records: what the parser cannot do without is asked for, all else may be missing, null or of another type. Google
// leaves out every field that has its default value, and its data objects differ with each type and version.

const text = z.string().nullish().catch(null);
const map = z.record(z.string(), z.unknown()).nullish().catch(null);

/** An organization, folder or project of Resource Manager: `organizations/1`, `folders/2`, `projects/3`. */
export const Container = z.looseObject({
  name: z.string().min(1),
  displayName: text,
  labels: map,
  createTime: text,
  updateTime: text,
});
export type Container = z.infer<typeof Container>;

export const GcpProject = Container.extend({ projectId: z.string().min(1) });
export type GcpProject = z.infer<typeof GcpProject>;

const AccessControls = z
  .array(z.looseObject({ entity: text }))
  .nullish()
  .catch(null);

export const Bucket = z.looseObject({
  name: z.string().min(1),
  projectNumber: z.coerce.string().nullish().catch(null),
  location: text,
  labels: map,
  timeCreated: text,
  updated: text,
  iamConfiguration: z
    .looseObject({
      publicAccessPrevention: text,
      uniformBucketLevelAccess: z
        .looseObject({ enabled: z.boolean().nullish().catch(null) })
        .nullish()
        .catch(null),
    })
    .nullish()
    .catch(null),
  /** Only in answers that were asked for with `projection=full`. */
  acl: AccessControls,
});
export type Bucket = z.infer<typeof Bucket>;

export const BucketPolicy = z.looseObject({
  /** `projects/_/buckets/<name>` */
  resourceId: z.string().min(1),
  bindings: z
    .array(z.looseObject({ members: z.array(z.string()).nullish().catch(null) }))
    .nullish()
    .catch(null),
});
export type BucketPolicy = z.infer<typeof BucketPolicy>;

export const Asset = z.looseObject({
  name: z.string().min(1),
  assetType: z.string(),
  ancestors: z.array(z.string()).nullish().catch(null),
  updateTime: text,
  resource: z.looseObject({ parent: text, location: text, data: map }).nullish().catch(null),
});
export type Asset = z.infer<typeof Asset>;

export const SearchedResource = z.looseObject({
  name: z.string().min(1),
  assetType: z.string(),
  updateTime: z.string(),
  project: text,
  displayName: text,
  location: text,
  labels: map,
  createTime: text,
  kmsKeys: z.array(z.string()).nullish().catch(null),
});
export type SearchedResource = z.infer<typeof SearchedResource>;
