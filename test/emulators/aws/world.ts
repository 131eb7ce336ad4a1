import { SeededRandom } from '../snyk/seeded-random.ts';
import type { AwsAccount, AwsBucket, AwsEmulatorOptions, AwsRole, AwsTag, AwsUser } from './contract.ts';

export const REGIONS = ['us-east-1', 'eu-west-1', 'eu-central-1', 'ap-southeast-2'] as const;

/** The role by which an account is read. */
const READER = 'sassy-reader';

export interface World {
  readonly seed: number;
  readonly accounts: readonly AwsAccount[];
  buckets: readonly AwsBucket[];
  users: readonly AwsUser[];
  roles: readonly AwsRole[];
  /** How many changes were made: each makes other data. */
  changes: number;
}

export function createWorld(options: AwsEmulatorOptions): World {
  const { seed = 1, accounts: count = 2, bucketsPerAccount = 10, usersPerAccount = 12, rolesPerAccount = 8 } = options;
  const accounts = Array.from({ length: count }, (_, index) => {
    const id = String(210_987_654_321 + index * 11_111);
    return { id, role: index === 0 ? undefined : `arn:aws:iam::${id}:role/${READER}` };
  });
  return {
    seed,
    accounts,
    buckets: accounts.flatMap(({ id }) => times(bucketsPerAccount, (index) => makeBucket(seed, id, `${index}`))),
    users: accounts.flatMap(({ id }) => times(usersPerAccount, (index) => makeUser(seed, id, `${index}`))),
    roles: accounts.flatMap(({ id, role }) => [
      ...(role === undefined ? [] : [makeRole(seed, id, READER)]),
      ...times(rolesPerAccount, (index) => makeRole(seed, id, `service-${index}`)),
    ]),
    changes: 0,
  };
}

export function times<T>(count: number, make: (index: number) => T): readonly T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

export function makeBucket(seed: number, accountId: string, tail: string): AwsBucket {
  const random = new SeededRandom(seed, 'bucket', accountId, tail);
  const team = random.pick(['web', 'data', 'logs', 'backup', 'ml']);
  const name = `${team}-${accountId.slice(-5)}-${tail}${random.chance(0.2) ? '.example.com' : ''}`;
  const isKms = random.chance(0.4);
  const region = random.pick(REGIONS);
  return {
    name,
    accountId,
    region,
    createdAt: timeFrom(random),
    tags: random.chance(0.7) ? makeTags(random, team) : undefined,
    encryption: random.chance(0.9)
      ? {
          algorithm: isKms ? 'aws:kms' : 'AES256',
          key: isKms ? `arn:aws:kms:${region}:${accountId}:key/1-2-3` : undefined,
        }
      : undefined,
    blocks: random.chance(0.75) ? BLOCKS.filter(() => random.chance(0.85)) : undefined,
    policy: random.weighted([
      ['public', 2],
      ['private', 4],
      [undefined, 4],
    ]),
    isAclOpen: random.chance(0.15),
    versioning: random.weighted([
      ['Enabled', 5],
      ['Suspended', 1],
      [undefined, 4],
    ]),
    logsTo: random.chance(0.3) ? `logs-${accountId}` : undefined,
    lifecycle: random.chance(0.4) ? times(random.int(1, 3), (index) => `rule-${index}`) : undefined,
  };
}

const BLOCKS = ['BlockPublicAcls', 'IgnorePublicAcls', 'BlockPublicPolicy', 'RestrictPublicBuckets'];

/** One tag, or several; names and values as people write them. */
function makeTags(random: SeededRandom, team: string): readonly AwsTag[] {
  const all = [
    { key: 'team', value: team },
    { key: 'cost-centre', value: `00${random.int(100, 999)}` },
    { key: 'note', value: 'R&D <draft> "ü" 1e3' },
  ];
  return all.slice(0, random.int(1, all.length));
}

export function changedBucket(seed: number, bucket: AwsBucket, change: number): AwsBucket {
  const versioning = bucket.versioning === 'Enabled' ? 'Suspended' : 'Enabled';
  return { ...bucket, versioning, tags: [{ key: 'changed', value: `${seed}-${change}` }] };
}

export function makeUser(seed: number, accountId: string, tail: string): AwsUser {
  const random = new SeededRandom(seed, 'user', accountId, tail);
  const name = `${random.pick(['ada', 'grace', 'alan', 'edsger', 'barbara'])}.${tail}@example.com`;
  return {
    accountId,
    name,
    id: `AIDA${letters(random, 17)}`,
    arn: `arn:aws:iam::${accountId}:user${random.chance(0.3) ? '/division_abc' : ''}/${name}`,
    createdAt: timeFrom(random),
    passwordLastUsed: random.chance(0.5) ? timeFrom(random) : undefined,
  };
}

function makeRole(seed: number, accountId: string, name: string): AwsRole {
  const random = new SeededRandom(seed, 'role', accountId, name);
  const service = { Service: random.pick(['ec2.amazonaws.com', 'lambda.amazonaws.com']) };
  const principal = random.chance(0.15) ? random.pick(['*', { AWS: '*' }]) : service;
  const condition = random.chance(0.3) ? { Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-1' } } } : {};
  const statement = { Effect: 'Allow', Principal: principal, Action: 'sts:AssumeRole', ...condition };
  return {
    accountId,
    name,
    id: `AROA${letters(random, 17)}`,
    arn: `arn:aws:iam::${accountId}:role/${name}`,
    createdAt: timeFrom(random),
    description: random.chance(0.5) ? `Allows ${name} & others\nto work` : undefined,
    trust: JSON.stringify({ Version: '2012-10-17', Statement: [statement] }),
  };
}

function timeFrom(random: SeededRandom): string {
  return new Date(Date.UTC(2019, 0, 1) + random.int(0, 6 * 365 * 86_400) * 1000).toISOString().replace('.000Z', 'Z');
}

function letters(random: SeededRandom, length: number): string {
  return times(length, () => random.pick([...'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'])).join('');
}
