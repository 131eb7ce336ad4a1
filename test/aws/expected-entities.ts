import type { AwsBucket, AwsTruth } from '../emulators/aws/contract.ts';

/** What the truth comes to, written without the integration's mapping. */
export function expectedResources(truth: AwsTruth): readonly object[] {
  const rest = { tags: {}, isPublic: null, isEncrypted: null, region: null, createdAt: null, updatedAt: null };
  return [
    ...truth.accounts.map(({ id }) => ({
      ...rest,
      id: `arn:aws:iam::${id}:root`,
      source: 'aws',
      name: id,
      kind: 'aws.account',
      accountId: id,
    })),
    ...truth.buckets.map((bucket) => ({
      id: `arn:aws:s3:::${bucket.name}`,
      source: 'aws',
      name: bucket.name,
      kind: 's3.bucket',
      accountId: bucket.accountId,
      region: bucket.region,
      isPublic: isPublic(bucket),
      isEncrypted: bucket.encryption !== undefined,
      tags: Object.fromEntries((bucket.tags ?? []).map(({ key, value }) => [key, value])),
      createdAt: bucket.createdAt.replace('Z', '.000Z'),
      updatedAt: null,
    })),
    ...truth.roles.map(({ arn, name, accountId, createdAt, trust }) => ({
      ...rest,
      id: arn,
      source: 'aws',
      name,
      kind: 'iam.role',
      accountId,
      isPublic: /"Principal":("\*"|\{"AWS":"\*"\})/.test(trust) && !trust.includes('Condition'),
      createdAt,
    })),
  ];
}

function isPublic({ policy, isAclOpen, blocks = [] }: AwsBucket): boolean {
  const byPolicy = policy === 'public' && !blocks.includes('RestrictPublicBuckets');
  return byPolicy || (isAclOpen && !blocks.includes('IgnorePublicAcls'));
}

export function expectedS3Buckets(truth: AwsTruth): readonly object[] {
  return truth.buckets.map((bucket) => ({
    id: `arn:aws:s3:::${bucket.name}`,
    name: bucket.name,
    versioning: bucket.versioning === undefined ? 'off' : bucket.versioning.toLowerCase(),
    mfaDelete: false,
    encryption: bucket.encryption?.algorithm ?? '',
    kmsKey: bucket.encryption?.key ?? null,
    blocksPublicAccess: bucket.blocks?.length === 4,
    publicByPolicy: bucket.policy === 'public',
    logsTo: bucket.logsTo ?? '',
    lifecycleRules: bucket.lifecycle?.length ?? 0,
  }));
}

export function expectedPeople(truth: AwsTruth): readonly object[] {
  return truth.users.map(({ arn, name }) => ({
    id: arn,
    source: 'aws',
    name,
    email: null,
    active: true,
    kind: 'iam.user',
  }));
}
