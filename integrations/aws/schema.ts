import { entity, ref, secret } from 'sassy';
import { z } from 'zod';
import { CloudResource } from '../_domain/security.ts';

const REGION = /^[a-z]{2,5}(-[a-z]+)+-\d+$/;
const ROLE = /^arn:aws[\w-]*:iam::\d{12}:role\/\S+$/;

export const Config = z.object({
  accessKeyId: z.string().min(1).describe('Access key id of an IAM user, or of temporary credentials: AKIA…, ASIA…'),
  secretAccessKey: secret().describe('The secret access key that belongs to it'),
  sessionToken: secret().optional().describe('Session token, where the credentials are temporary'),
  region: z
    .string()
    .regex(REGION, 'must be a region: eu-west-1')
    .default('us-east-1')
    .describe('Where S3 and STS are asked first; the buckets of all regions are read from there. Default: us-east-1'),
  regions: z
    .array(z.string().regex(REGION, 'must be a region: eu-west-1'))
    .optional()
    .describe('Only the buckets of these regions, with commas between. Default: all buckets'),
  roles: z
    .array(z.string().regex(ROLE, 'must be the ARN of a role: arn:aws:iam::123456789012:role/reader'))
    .optional()
    .describe('Roles to assume, by ARN, with commas between: each is an account that is read with it'),
  ownAccount: z
    .boolean()
    .default(true)
    .describe('False when the credentials only serve to assume the roles, and their own account is not to be read'),
  externalId: z.string().optional().describe("What the roles' trust policies ask for as sts:ExternalId"),
  baseUrl: z.url().optional().describe('Serves all hosts of AWS in their place: a test server, a proxy, LocalStack'),
});
export type Config = z.infer<typeof Config>;

// Raw records, as the XML has them: every value is a text, what is not set is not there. Fields in lower case are ours: what
// the record's slice knows and its body does not say.

const text = z.string().nullish().catch(null);
const Tags = z.array(z.looseObject({ Key: text, Value: text }).catch({ Key: null, Value: null })).catch([]);
/** A list that is empty comes as an empty element. */
const tagsIn = (name: 'Tag' | 'member') =>
  z
    .looseObject({ [name]: Tags })
    .nullish()
    .catch(null);

/** Who the credentials are. `as`: `own`, or the ARN of the role that was assumed. */
export const Account = z.looseObject({ as: z.string(), Account: z.string().min(1), Arn: text, UserId: text });
export type Account = z.infer<typeof Account>;

export const Bucket = z.looseObject({
  as: z.string(),
  Name: z.string().min(1),
  CreationDate: text,
  BucketRegion: text,
  BucketArn: text,
});
export type Bucket = z.infer<typeof Bucket>;

const setting = {
  bucket: z.string(),
  as: z.string(),
  /** False where S3 answered that the bucket has no such setting; `Code` then says how. */
  configured: z.boolean(),
  Code: text,
};
export const BucketSetting = z.looseObject(setting);
export type BucketSetting = z.infer<typeof BucketSetting>;

export const BucketTags = z.looseObject({ ...setting, TagSet: tagsIn('Tag') });
export type BucketTags = z.infer<typeof BucketTags>;

const principal = { Path: text, Arn: z.string().min(1), CreateDate: text, Tags: tagsIn('member') };

export const IamUser = z.looseObject({ as: z.string(), UserName: z.string().min(1), ...principal });
export type IamUser = z.infer<typeof IamUser>;

export const IamRole = z.looseObject({
  as: z.string(),
  RoleName: z.string().min(1),
  AssumeRolePolicyDocument: text,
  ...principal,
});
export type IamRole = z.infer<typeof IamRole>;

/** What S3 says about a bucket beyond what all clouds have; null where it may not be read. */
export const S3Bucket = entity(
  'S3Bucket',
  { key: 'id' },
  {
    id: ref(CloudResource),
    name: z.string(),
    /** `enabled`, `suspended`, or `off`: it was never on. */
    versioning: z.enum(['enabled', 'suspended', 'off']).nullable(),
    mfaDelete: z.boolean().nullable(),
    /** `AES256`, `aws:kms`, `aws:kms:dsse`; '' for a bucket without encryption by default. */
    encryption: z.string().nullable(),
    kmsKey: z.string().nullable(),
    /** All four settings that block public access are on. */
    blocksPublicAccess: z.boolean().nullable(),
    publicByPolicy: z.boolean().nullable(),
    /** Where its access logs go; '' for nowhere. */
    logsTo: z.string().nullable(),
    lifecycleRules: z.number().int().nullable(),
  },
);
export type S3Bucket = z.infer<typeof S3Bucket>;
