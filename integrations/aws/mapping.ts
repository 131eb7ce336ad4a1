import { timeIn } from '../_domain/mapping.ts';
import type { CloudResource, Person } from '../_domain/security.ts';
import type { Account, Bucket, BucketSetting, BucketTags, IamRole, IamUser, S3Bucket } from './schema.ts';

/** What is known of one bucket; a setting that may not be read is not there. */
export interface BucketFacts {
  readonly account: string | undefined;
  readonly location: BucketSetting | undefined;
  readonly tags: BucketTags | undefined;
  readonly encryption: BucketSetting | undefined;
  readonly publicAccess: BucketSetting | undefined;
  readonly policyStatus: BucketSetting | undefined;
  readonly acl: BucketSetting | undefined;
}

const none = { tags: {}, isPublic: null, isEncrypted: null, region: null, createdAt: null, updatedAt: null };

export function fromAccount({ Account: id, Arn }: Account): CloudResource {
  const partition = Arn?.split(':')[1] ?? 'aws';
  const arn = `arn:${partition}:iam::${id}:root`;
  return { ...none, id: arn, source: 'aws', name: id, kind: 'aws.account', accountId: id };
}

export function fromBucket(bucket: Bucket, facts: BucketFacts): CloudResource {
  const region = regionOf(bucket, facts.location);
  return {
    id: bucketArn(bucket, region),
    source: 'aws',
    name: bucket.Name,
    kind: 's3.bucket',
    accountId: facts.account ?? accountOfArn(bucket.as),
    region,
    isPublic: isPublic(facts),
    isEncrypted: facts.encryption?.configured ?? null,
    tags: tagsOf(facts.tags?.TagSet?.['Tag']),
    createdAt: timeIn(bucket.CreationDate) ?? null,
    updatedAt: null,
  };
}

/** The settings that only S3 has. */
export interface S3Facts {
  readonly location: BucketSetting | undefined;
  readonly encryption: BucketSetting | undefined;
  readonly publicAccess: BucketSetting | undefined;
  readonly policyStatus: BucketSetting | undefined;
  readonly versioning: BucketSetting | undefined;
  readonly logging: BucketSetting | undefined;
  readonly lifecycle: BucketSetting | undefined;
}

export function toS3Bucket(bucket: Bucket, facts: S3Facts): S3Bucket {
  const { encryption, versioning, logging, lifecycle } = facts;
  const byDefault = field(firstOf(encryption?.['Rule']), 'ApplyServerSideEncryptionByDefault');
  const rules = lifecycle?.['Rule'];
  return {
    id: bucketArn(bucket, regionOf(bucket, facts.location)),
    name: bucket.Name,
    versioning: versioning === undefined ? null : stateOf(textOf(versioning['Status'])),
    mfaDelete: versioning === undefined ? null : textOf(versioning['MfaDelete']) === 'Enabled',
    encryption: encryption === undefined ? null : textOf(field(byDefault, 'SSEAlgorithm')),
    kmsKey: textOf(field(byDefault, 'KMSMasterKeyID')) || null,
    blocksPublicAccess:
      facts.publicAccess === undefined ? null : BLOCKS.every((name) => isTrue(facts.publicAccess, name)),
    publicByPolicy: facts.policyStatus === undefined ? null : isTrue(facts.policyStatus, 'IsPublic'),
    logsTo: logging === undefined ? null : textOf(field(logging['LoggingEnabled'], 'TargetBucket')),
    lifecycleRules: lifecycle === undefined ? null : Array.isArray(rules) ? rules.length : 0,
  };
}

export function fromRole(role: IamRole): CloudResource {
  return {
    ...none,
    id: role.Arn,
    source: 'aws',
    name: role.RoleName,
    kind: 'iam.role',
    accountId: accountOfArn(role.Arn),
    isPublic: isOpenTo(role.AssumeRolePolicyDocument),
    tags: tagsOf(role.Tags?.['member']),
    createdAt: timeIn(role.CreateDate) ?? null,
  };
}

export function toPerson(user: IamUser): Person {
  return { id: user.Arn, source: 'aws', name: user.UserName, email: null, active: true, kind: 'iam.user' };
}

/** `arn:aws:iam::123456789012:role/x` */
export function accountOfArn(arn: string): string | null {
  return /^arn:[\w-]+:\w*:[\w-]*:(\d{12}):/.exec(arn)?.[1] ?? null;
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html: nothing is us-east-1, EU is eu-west-1. */
function regionOf({ BucketRegion }: Bucket, location: BucketSetting | undefined): string | null {
  if (location?.configured !== true) return BucketRegion || null;
  const constraint = location['LocationConstraint'];
  if (constraint === '' || constraint === undefined) return 'us-east-1';
  return typeof constraint !== 'string' ? BucketRegion || null : constraint === 'EU' ? 'eu-west-1' : constraint;
}

/** Names of buckets are unique in a partition, and their ARNs hold neither account nor region. */
function bucketArn({ BucketArn, Name }: Bucket, region: string | null): string {
  const partition = region?.startsWith('cn-') ? 'aws-cn' : region?.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
  return BucketArn || `arn:${partition}:s3:::${Name}`;
}

const BLOCKS = ['BlockPublicAcls', 'IgnorePublicAcls', 'BlockPublicPolicy', 'RestrictPublicBuckets'] as const;

/**
 * By the bucket's own settings: a public policy counts unless RestrictPublicBuckets is on, a public ACL unless
 * IgnorePublicAcls is. Null where what is not readable could change it.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
 */
function isPublic({ publicAccess, policyStatus, acl }: BucketFacts): boolean | null {
  const ways = [
    {
      isOpen: policyStatus && isTrue(policyStatus, 'IsPublic'),
      isBlocked: blocks(publicAccess, 'RestrictPublicBuckets'),
    },
    { isOpen: acl && isOpenAcl(acl), isBlocked: blocks(publicAccess, 'IgnorePublicAcls') },
  ];
  const each = ways.map(({ isOpen, isBlocked }) => {
    if (isBlocked === true || isOpen === false) return false;
    return isOpen === true && isBlocked === false ? true : null;
  });
  if (each.includes(true)) return true;
  return each.includes(null) ? null : false;
}

function blocks(publicAccess: BucketSetting | undefined, name: (typeof BLOCKS)[number]): boolean | undefined {
  return publicAccess === undefined ? undefined : isTrue(publicAccess, name);
}

/** The two groups that stand for everybody: https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html */
const EVERYBODY = /\/groups\/global\/(AllUsers|AuthenticatedUsers)$/;

function isOpenAcl(acl: BucketSetting): boolean {
  const grants = field(acl['AccessControlList'], 'Grant');
  return Array.isArray(grants) && grants.some((grant) => EVERYBODY.test(textOf(field(field(grant, 'Grantee'), 'URI'))));
}

/** True for a trust policy that lets everybody assume the role, without a condition. It comes URL-encoded (RFC 3986). */
function isOpenTo(document: string | null | undefined): boolean | null {
  if (typeof document !== 'string' || document === '') return null;
  try {
    const policy: unknown = JSON.parse(document.startsWith('%') ? decodeURIComponent(document) : document);
    const statements = field(policy, 'Statement');
    return [statements].flat().some((statement) => {
      const principal = field(statement, 'Principal');
      const who = [principal, field(principal, 'AWS')].flat();
      return field(statement, 'Effect') === 'Allow' && who.includes('*') && field(statement, 'Condition') === undefined;
    });
  } catch {
    return null;
  }
}

function stateOf(status: string): S3Bucket['versioning'] {
  return status === 'Enabled' ? 'enabled' : status === 'Suspended' ? 'suspended' : 'off';
}

function tagsOf(
  tags: readonly { readonly Key?: unknown; readonly Value?: unknown }[] | null | undefined,
): Record<string, string> {
  const pairs = (tags ?? []).flatMap(({ Key, Value }) =>
    typeof Key === 'string' ? [[Key, textOf(Value)] as const] : [],
  );
  return Object.fromEntries(pairs);
}

function isTrue(record: unknown, name: string): boolean {
  return textOf(field(record, name)).trim().toLowerCase() === 'true';
}

function firstOf(value: unknown): unknown {
  return Array.isArray(value) ? value[0] : value;
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Object.getOwnPropertyDescriptor(value, name)?.value : undefined;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
