import fc from 'fast-check';
import { expect, it } from 'vitest';
import { CloudResource, Person } from '../../integrations/_domain/security.ts';
import { fromAccount, fromBucket, fromRole, toPerson, toS3Bucket } from '../../integrations/aws/mapping.ts';
import {
  Account,
  Bucket,
  BucketSetting,
  BucketTags,
  IamRole,
  IamUser,
  S3Bucket,
} from '../../integrations/aws/schema.ts';

const bucket = Bucket.parse({ as: 'own', Name: 'b', BucketRegion: 'eu-west-1' });
const nothing = {
  account: undefined,
  location: undefined,
  tags: undefined,
  encryption: undefined,
  publicAccess: undefined,
  policyStatus: undefined,
  acl: undefined,
};
const setting = (fields: object) => BucketSetting.parse({ bucket: 'b', as: 'own', configured: true, ...fields });

it.each([
  [{ LocationConstraint: '' }, 'us-east-1'],
  [{}, 'us-east-1'],
  [{ LocationConstraint: 'EU' }, 'eu-west-1'],
  [{ LocationConstraint: 'ap-south-1' }, 'ap-south-1'],
  [{ configured: false, Code: 'NoSuchBucket' }, 'eu-west-1'],
])('a location of %o is %s', (location, region) => {
  expect(fromBucket(bucket, { ...nothing, location: setting(location) }).region).toBe(region);
});

const OPEN = setting({ IsPublic: 'TRUE' });
const CLOSED = setting({ configured: false, Code: 'NoSuchBucketPolicy' });
const EVERYBODY = setting({
  AccessControlList: {
    Grant: [{ Grantee: { '@type': 'Group', URI: 'http://acs.amazonaws.com/groups/global/AllUsers' } }],
  },
});
const NOBODY = setting({ AccessControlList: '' });
const UNBLOCKED = setting({ configured: false, Code: 'NoSuchPublicAccessBlockConfiguration' });
const BLOCKED = setting({ RestrictPublicBuckets: 'true', IgnorePublicAcls: 'true' });

it.each([
  ['a public policy', { policyStatus: OPEN, acl: NOBODY, publicAccess: UNBLOCKED }, true],
  ['a public policy that is restricted', { policyStatus: OPEN, acl: NOBODY, publicAccess: BLOCKED }, false],
  ['an open ACL', { policyStatus: CLOSED, acl: EVERYBODY, publicAccess: UNBLOCKED }, true],
  ['an open ACL that is ignored', { policyStatus: CLOSED, acl: EVERYBODY, publicAccess: BLOCKED }, false],
  ['neither', { policyStatus: CLOSED, acl: NOBODY, publicAccess: UNBLOCKED }, false],
  ['what may not be read, where all is blocked', { publicAccess: BLOCKED }, false],
  ['an ACL that may not be read', { policyStatus: CLOSED, publicAccess: UNBLOCKED }, null],
  ['an open one, with blocks that may not be read', { policyStatus: OPEN, acl: NOBODY }, null],
  ['nothing readable', {}, null],
])('public by %s: %o', (_what, facts, expected) => {
  expect(fromBucket(bucket, { ...nothing, ...facts }).isPublic).toBe(expected);
});

it.each([
  ['{"Statement":{"Effect":"Allow","Principal":"*"}}', true],
  ['{"Statement":[{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::1:root","*"]}}]}', true],
  ['{"Statement":[{"Effect":"Allow","Principal":"*","Condition":{"Bool":{}}}]}', false],
  ['{"Statement":[{"Effect":"Deny","Principal":"*"}]}', false],
  ['{"Statement":[]}', false],
  ['not JSON', null],
  ['%E0%A4%A', null],
  [null, null],
])('a trust policy of %s is open: %s', (document, expected) => {
  const role = {
    as: 'own',
    RoleName: 'r',
    Arn: 'arn:aws:iam::123456789012:role/r',
    AssumeRolePolicyDocument: document,
  };
  expect(fromRole(IamRole.parse(role)).isPublic).toBe(expected);
});

const ODD_FIELDS =
  'CreationDate BucketRegion BucketArn Arn TagSet Tags Rule LoggingEnabled Code AccessControlList Status LocationConstraint IsPublic CreateDate AssumeRolePolicyDocument'.split(
    ' ',
  );

it('no field of any kind makes the parsers throw, or an entity that is none', () => {
  const odd = fc.dictionary(
    fc.constantFrom(...ODD_FIELDS),
    fc.oneof(fc.string(), fc.constant(null), fc.anything({ maxDepth: 3 })),
  );
  fc.assert(
    fc.property(odd, odd, (fields, more) => {
      const one = Bucket.parse({ ...fields, as: 'own', Name: 'b' });
      const any = setting(more);
      const tags = BucketTags.parse({ ...more, bucket: 'b', as: 'own', configured: true });
      const facts = {
        account: undefined,
        location: any,
        tags,
        encryption: any,
        publicAccess: any,
        policyStatus: any,
        acl: any,
      };
      CloudResource.parse(fromBucket(one, facts));
      S3Bucket.parse(toS3Bucket(one, { ...facts, versioning: any, logging: any, lifecycle: any }));
      const named = { ...fields, as: 'own', Arn: 'arn:aws:iam::123456789012:x/y', RoleName: 'r', UserName: 'u' };
      CloudResource.parse(fromRole(IamRole.parse(named)));
      Person.parse(toPerson(IamUser.parse(named)));
      CloudResource.parse(fromAccount(Account.parse({ ...fields, as: 'own', Account: '1' })));
    }),
    { numRuns: 300 },
  );
});
