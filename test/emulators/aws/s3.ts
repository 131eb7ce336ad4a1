import { ApiError } from './api-error.ts';
import type { AwsBucket } from './contract.ts';
import { element, HEAD, type Node } from './xml.ts';

export interface S3Call {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  /** Of the signature. */
  readonly region: string;
  /** The account of the signature. */
  readonly accountId: string;
  readonly buckets: readonly AwsBucket[];
  readonly namesRegions: boolean;
  readonly mostPerPage: number;
  isDenied(bucket: string, subResource: string): boolean;
}

const XMLNS = { '@xmlns': 'http://s3.amazonaws.com/doc/2006-03-01/' };
const OWNER = { ID: 'af4rf45db0927637c66fb848dfc972b8b5126e1237bde6fe02862b11481fdfd9', DisplayName: 'owner' };

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html */
export function answerS3(call: S3Call): string {
  if (call.method !== 'GET')
    throw new ApiError(405, 'MethodNotAllowed', 'The specified method is not allowed against this resource.');
  if (call.path === '/') return listBuckets(call);
  const name = decodeURIComponent(call.path.slice(1));
  const [subResource = ''] = [...call.query.keys()];
  const bucket = call.buckets.find((one) => one.name === name);
  if (bucket === undefined) {
    throw new ApiError(404, 'NoSuchBucket', 'The specified bucket does not exist', { fields: { BucketName: name } });
  }
  if (bucket.region !== call.region) throw wrongRegion(bucket, call.region);
  if (bucket.accountId !== call.accountId || call.isDenied(name, subResource)) {
    throw new ApiError(403, 'AccessDenied', 'Access Denied');
  }
  return HEAD + setting(bucket, subResource);
}

/** What a region says about the bucket of another: https://docs.aws.amazon.com/AmazonS3/latest/userguide/Redirects.html */
function wrongRegion({ name, region }: AwsBucket, signedFor: string): ApiError {
  const headers = { 'x-amz-bucket-region': region };
  if (signedFor === 'us-east-1') {
    const message = `The authorization header is malformed; the region '${signedFor}' is wrong; expecting '${region}'`;
    return new ApiError(400, 'AuthorizationHeaderMalformed', message, { fields: { Region: region } });
  }
  return new ApiError(
    301,
    'PermanentRedirect',
    'The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.',
    { fields: { Endpoint: `${name}.s3.${region}.amazonaws.com`, Bucket: name }, headers },
  );
}

function listBuckets({ query, accountId, buckets, region, namesRegions, mostPerPage }: S3Call): string {
  const only = query.get('bucket-region');
  if (only !== null && only !== region) throw new ApiError(400, 'InvalidArgument', 'Argument value is not supported');
  const own = buckets
    .filter((bucket) => bucket.accountId === accountId && (only === null || bucket.region === only))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const token = query.get('continuation-token');
  const after = token === null ? '' : Buffer.from(token, 'base64').toString('utf8');
  if (token !== null && !own.some(({ name }) => name === after)) {
    throw new ApiError(400, 'InvalidArgument', 'The continuation token provided is incorrect');
  }
  const rest = own.filter(({ name }) => name > after);
  const isPaged = query.has('max-buckets');
  const page = isPaged ? rest.slice(0, Math.min(Number(query.get('max-buckets')), mostPerPage)) : rest;
  const last = page.at(-1);
  const hasParameters = [...query.keys()].length > 0;
  const content: Node = {
    ...XMLNS,
    Owner: OWNER,
    Buckets: {
      Bucket: page.map(({ name, createdAt, region: at }) => ({
        Name: name,
        CreationDate: createdAt.replace('Z', '.000Z'),
        ...(hasParameters && namesRegions ? { BucketRegion: at } : {}),
      })),
    },
    ...(last !== undefined && page.length < rest.length
      ? { ContinuationToken: Buffer.from(last.name).toString('base64') }
      : {}),
  };
  return HEAD + element('ListAllMyBucketsResult', content);
}

function setting(bucket: AwsBucket, subResource: string): string {
  const missing = (code: string, message: string): ApiError =>
    new ApiError(404, code, message, { fields: { BucketName: bucket.name } });
  switch (subResource) {
    case 'location':
      // The oldest region has no constraint, and buckets of old times have that of a name no longer used.
      return bucket.region === 'us-east-1'
        ? '<LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/"/>'
        : `<LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${bucket.region === 'eu-west-1' ? 'EU' : bucket.region}</LocationConstraint>`;
    case 'tagging':
      if (bucket.tags === undefined) throw missing('NoSuchTagSet', 'The TagSet does not exist');
      return element('Tagging', {
        ...XMLNS,
        TagSet: { Tag: bucket.tags.map(({ key, value }) => ({ Key: key, Value: value })) },
      });
    case 'encryption':
      if (bucket.encryption === undefined)
        throw missing(
          'ServerSideEncryptionConfigurationNotFoundError',
          'The server side encryption configuration was not found',
        );
      return element('ServerSideEncryptionConfiguration', {
        ...XMLNS,
        Rule: {
          ApplyServerSideEncryptionByDefault: {
            SSEAlgorithm: bucket.encryption.algorithm,
            KMSMasterKeyID: bucket.encryption.key,
          },
          BucketKeyEnabled: 'false',
        },
      });
    case 'publicAccessBlock':
      if (bucket.blocks === undefined)
        throw missing('NoSuchPublicAccessBlockConfiguration', 'The public access block configuration was not found');
      return element('PublicAccessBlockConfiguration', {
        ...XMLNS,
        ...Object.fromEntries(
          ['BlockPublicAcls', 'IgnorePublicAcls', 'BlockPublicPolicy', 'RestrictPublicBuckets'].map((name) => [
            name,
            String(bucket.blocks?.includes(name) === true),
          ]),
        ),
      });
    case 'policyStatus':
      if (bucket.policy === undefined) throw missing('NoSuchBucketPolicy', 'The bucket policy does not exist');
      return element('PolicyStatus', { ...XMLNS, IsPublic: String(bucket.policy === 'public').toUpperCase() });
    case 'acl':
      return element('AccessControlPolicy', { ...XMLNS, Owner: OWNER, AccessControlList: { Grant: grants(bucket) } });
    case 'versioning':
      return element('VersioningConfiguration', { ...XMLNS, Status: bucket.versioning });
    case 'logging':
      return element('BucketLoggingStatus', {
        ...XMLNS,
        LoggingEnabled: bucket.logsTo === undefined ? undefined : { TargetBucket: bucket.logsTo, TargetPrefix: '' },
      });
    case 'lifecycle':
      if (bucket.lifecycle === undefined)
        throw missing('NoSuchLifecycleConfiguration', 'The lifecycle configuration does not exist');
      return element('LifecycleConfiguration', {
        ...XMLNS,
        Rule: bucket.lifecycle.map((ID) => ({
          ID,
          Filter: { Prefix: '' },
          Status: 'Enabled',
          Expiration: { Days: '365' },
        })),
      });
    default:
      throw new ApiError(501, 'NotImplemented', 'A header you provided implies functionality that is not implemented.');
  }
}

function grants({ isAclOpen }: AwsBucket): readonly Node[] {
  const xsi = { '@xmlns:xsi': 'http://www.w3.org/2001/XMLSchema-instance' };
  const owner = { Grantee: { ...xsi, '@xsi:type': 'CanonicalUser', ...OWNER }, Permission: 'FULL_CONTROL' };
  const URI = 'http://acs.amazonaws.com/groups/global/AllUsers';
  return isAclOpen ? [owner, { Grantee: { ...xsi, '@xsi:type': 'Group', URI }, Permission: 'READ' }] : [owner];
}
