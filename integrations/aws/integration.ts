import { AbstractIntegration, Check, FullRefresh, Integration, Latest, Parser } from 'sassy';
import type { CheckContext, Dataset, Lookup } from 'sassy';
import { CloudResource, Person } from '../_domain/security.ts';
import { checkBucketSettings, checkIdentities, checkLists } from './checks.ts';
import { awsHttp } from './http.ts';
import { type BucketFacts, fromAccount, fromBucket, fromRole, toPerson, toS3Bucket } from './mapping.ts';
import {
  type Account,
  type Bucket,
  type BucketSetting,
  type BucketTags,
  Config,
  type IamRole,
  type IamUser,
  S3Bucket,
} from './schema.ts';
import {
  Accounts,
  BucketAcls,
  BucketEncryption,
  BucketLifecycle,
  BucketLocations,
  BucketLogging,
  BucketPolicyStatus,
  BucketPublicAccess,
  Buckets,
  BucketTagSets,
  BucketVersioning,
  IamRoles,
  IamUsers,
} from './streams.ts';

@Integration({
  title: 'AWS',
  config: Config,
  http: awsHttp,
  streams: [
    Accounts,
    Buckets,
    BucketLocations,
    BucketTagSets,
    BucketEncryption,
    BucketPublicAccess,
    BucketPolicyStatus,
    BucketAcls,
    BucketVersioning,
    BucketLogging,
    BucketLifecycle,
    IamUsers,
    IamRoles,
  ],
  entities: [CloudResource, S3Bucket, Person],
})
export class AwsIntegration extends AbstractIntegration<Config> {
  @Check('the access key is good, and every role can be assumed (sts:AssumeRole)')
  async identities(context: CheckContext<Config>): Promise<void> {
    await checkIdentities(context);
  }

  @Check('buckets can be listed in every account (s3:ListAllMyBuckets)')
  async buckets(context: CheckContext<Config>): Promise<void> {
    await checkLists(context, 's3:ListAllMyBuckets');
  }

  @Check('IAM users can be listed in every account (iam:ListUsers)')
  async users(context: CheckContext<Config>): Promise<void> {
    await checkLists(context, 'iam:ListUsers');
  }

  @Check('IAM roles can be listed in every account (iam:ListRoles)')
  async roles(context: CheckContext<Config>): Promise<void> {
    await checkLists(context, 'iam:ListRoles');
  }

  @Check('the settings of a bucket can be read (s3:GetBucket…)')
  async bucketSettings(context: CheckContext<Config>): Promise<void> {
    await checkBucketSettings(context);
  }

  @Parser(CloudResource)
  // oxlint-disable-next-line eslint/max-params -- each input of a parser is a parameter
  async *cloudResources(
    @FullRefresh(Accounts) accounts: Dataset<Account>,
    @FullRefresh(Buckets) buckets: Dataset<Bucket>,
    @FullRefresh(IamRoles) roles: Dataset<IamRole>,
    @Latest(BucketLocations) location: Lookup<BucketSetting>,
    @Latest(BucketTagSets) tags: Lookup<BucketTags>,
    @Latest(BucketEncryption) encryption: Lookup<BucketSetting>,
    @Latest(BucketPublicAccess) publicAccess: Lookup<BucketSetting>,
    @Latest(BucketPolicyStatus) policyStatus: Lookup<BucketSetting>,
    @Latest(BucketAcls) acl: Lookup<BucketSetting>,
  ): AsyncGenerator<CloudResource> {
    const account = await accounts.keyBy('as');
    for await (const found of accounts) yield fromAccount(found);
    for await (const bucket of buckets) {
      const { as, Name } = bucket;
      const facts: BucketFacts = {
        account: account.get(as)?.Account,
        location: location.get(Name),
        tags: tags.get(Name),
        encryption: encryption.get(Name),
        publicAccess: publicAccess.get(Name),
        policyStatus: policyStatus.get(Name),
        acl: acl.get(Name),
      };
      yield fromBucket(bucket, facts);
    }
    for await (const role of roles) yield fromRole(role);
  }

  @Parser(S3Bucket)
  // oxlint-disable-next-line eslint/max-params -- each input of a parser is a parameter
  async *s3Buckets(
    @FullRefresh(Buckets) buckets: Dataset<Bucket>,
    @Latest(BucketLocations) location: Lookup<BucketSetting>,
    @Latest(BucketEncryption) encryption: Lookup<BucketSetting>,
    @Latest(BucketPublicAccess) publicAccess: Lookup<BucketSetting>,
    @Latest(BucketPolicyStatus) policyStatus: Lookup<BucketSetting>,
    @Latest(BucketVersioning) versioning: Lookup<BucketSetting>,
    @Latest(BucketLogging) logging: Lookup<BucketSetting>,
    @Latest(BucketLifecycle) lifecycle: Lookup<BucketSetting>,
  ): AsyncGenerator<S3Bucket> {
    for await (const bucket of buckets) {
      const of = <T>(setting: Lookup<T>): T | undefined => setting.get(bucket.Name);
      yield toS3Bucket(bucket, {
        location: of(location),
        encryption: of(encryption),
        publicAccess: of(publicAccess),
        policyStatus: of(policyStatus),
        versioning: of(versioning),
        logging: of(logging),
        lifecycle: of(lifecycle),
      });
    }
  }

  @Parser(Person)
  async *people(@FullRefresh(IamUsers) users: Dataset<IamUser>): AsyncGenerator<Person> {
    for await (const user of users) yield toPerson(user);
  }
}
