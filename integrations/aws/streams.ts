import { bodyCursor, bodyToken, each, HttpStream, optionalRecordsAt, SassyError, singlePage, Stream, xml } from 'sassy';
import type { PageRequest, Paginator, RecordPlace, RequestContext, SliceContext } from 'sassy';
import { hostOf, OWN, type SUB_RESOURCES } from './http.ts';
import { Account, Bucket, BucketSetting, BucketTags, type Config, IamRole, IamUser } from './schema.ts';

/** Every answer of S3, IAM and STS that is read here is XML. */
export const FORMAT = xml({
  arrays: [
    'Bucket',
    'member',
    'TagSet/Tag',
    'And/Tag',
    'Grant',
    'Rule',
    'Transition',
    'NoncurrentVersionTransition',
    'EncryptionType',
  ],
});

/** With whom the accounts are read: the access key itself, and each role. */
export function identities({ roles = [], ownAccount }: Config): readonly string[] {
  return [...(ownAccount ? [OWN] : []), ...new Set(roles)];
}

const accounts = ({ config }: SliceContext<Config>) => identities(config).map((as) => ({ as }));

/** `region` is `all` where the config names none. */
const accountsAndRegions = ({ config }: SliceContext<Config>) =>
  identities(config).flatMap((as) => (config.regions ?? ['all']).map((region) => ({ as, region })));

/** The identity of a slice as a request names it. */
export function identity(as: string): Pick<PageRequest, 'as'> {
  return as === OWN ? {} : { as };
}

abstract class AwsStream<R> extends HttpStream<Config, R> {
  override readonly format = FORMAT;
}

/** A request of the query protocol: https://docs.aws.amazon.com/IAM/latest/APIReference/ */
export function query(host: string, as: string, form: NonNullable<PageRequest['form']>): PageRequest {
  return { host, path: '/', method: 'POST', form, idempotent: true, ...identity(as) };
}

/** Which account each identity is in. Needs no permission at all. */
@Stream({ record: Account, primaryKey: 'as', slices: accounts })
export class Accounts extends AwsStream<Account> {
  override request({ config, slice }: RequestContext<Config, 'as'>): PageRequest {
    return query(hostOf('sts', config.region), slice.as, { Action: 'GetCallerIdentity', Version: '2011-06-15' });
  }
  override readonly records = (body: unknown, { slice }: RecordPlace): readonly unknown[] => [
    { as: slice['as'], ...objectAt(body, 'GetCallerIdentityResponse', 'GetCallerIdentityResult') },
  ];
}

/**
 * With `max-buckets` the list comes in pages and names each bucket's region; without it S3 would name none, and refuse
 * accounts with many buckets. https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBuckets.html
 */
@Stream({ record: Bucket, primaryKey: 'Name', slices: accountsAndRegions })
export class Buckets extends AwsStream<Bucket> {
  override request({ config, slice }: RequestContext<Config, 'as' | 'region'>): PageRequest {
    const only = slice.region === 'all' ? undefined : slice.region;
    return {
      host: hostOf('s3', only ?? config.region),
      path: '/',
      query: { 'max-buckets': 1000, 'bucket-region': only },
      ...identity(slice.as),
    };
  }
  override readonly records = (body: unknown, { slice }: RecordPlace): readonly unknown[] =>
    bucketsIn(body).map((bucket) => ({ as: slice['as'], place: placeOf(bucket, slice), ...bucket }));
  override readonly paginator = bodyCursor({
    from: '/ListAllMyBucketsResult/ContinuationToken',
    to: 'continuation-token',
  });
}

/** All that a request about one bucket has to know, as one value of a slice: whose it is, where, and its name. */
function placeOf(bucket: Readonly<Record<string, unknown>>, slice: RecordPlace['slice']): string {
  const asked = slice['region'] === 'all' ? '' : slice['region'];
  const region = typeof bucket['BucketRegion'] === 'string' ? bucket['BucketRegion'] : asked;
  return [slice['as'], region, bucket['Name']].join(' ');
}

/** A setting of a bucket, of each bucket: a sub-resource of its path. Without one, S3 says so with a 404 that is kept. */
abstract class BucketStream<R extends BucketSetting> extends AwsStream<R> {
  abstract readonly subResource: (typeof SUB_RESOURCES)[number];

  override request({ config, slice }: RequestContext<Config, 'bucket'>): PageRequest {
    const [as = OWN, region = '', name = ''] = slice.bucket.split(' ');
    const host = hostOf('s3', region === '' ? config.region : region);
    return { host, path: `/${encodeURIComponent(name)}?${this.subResource}`, ...identity(as) };
  }
  override readonly records = (body: unknown, { slice }: RecordPlace): readonly unknown[] => {
    const [as, , bucket] = (slice['bucket'] ?? '').split(' ');
    return [{ bucket, as, ...contentOf(body) }];
  };
  override readonly paginator: Paginator = singlePage();
}

const ofBucket = { record: BucketSetting, primaryKey: 'bucket', slices: each(Buckets, { key: '/place' }) } as const;

@Stream(ofBucket)
export class BucketLocations extends BucketStream<BucketSetting> {
  override readonly subResource = 'location';
}
@Stream({ ...ofBucket, record: BucketTags })
export class BucketTagSets extends BucketStream<BucketTags> {
  override readonly subResource = 'tagging';
}
@Stream(ofBucket)
export class BucketEncryption extends BucketStream<BucketSetting> {
  override readonly subResource = 'encryption';
}
@Stream(ofBucket)
export class BucketPublicAccess extends BucketStream<BucketSetting> {
  override readonly subResource = 'publicAccessBlock';
}
@Stream(ofBucket)
export class BucketPolicyStatus extends BucketStream<BucketSetting> {
  override readonly subResource = 'policyStatus';
}
@Stream(ofBucket)
export class BucketAcls extends BucketStream<BucketSetting> {
  override readonly subResource = 'acl';
}
@Stream(ofBucket)
export class BucketVersioning extends BucketStream<BucketSetting> {
  override readonly subResource = 'versioning';
}
@Stream(ofBucket)
export class BucketLogging extends BucketStream<BucketSetting> {
  override readonly subResource = 'logging';
}
@Stream(ofBucket)
export class BucketLifecycle extends BucketStream<BucketSetting> {
  override readonly subResource = 'lifecycle';
}

/** Lists of IAM: `Marker` goes on while `IsTruncated` says that there is more; a page may be short, or empty, before that. */
abstract class IamStream<R> extends AwsStream<R> {
  /** `ListUsers` */
  abstract readonly action: string;
  /** The element that holds the list: `Users`. */
  abstract readonly list: string;

  override request({ config, slice }: RequestContext<Config, 'as'>): PageRequest {
    return query(hostOf('iam', config.region), slice.as, {
      Action: this.action,
      Version: '2010-05-08',
      MaxItems: 1000,
    });
  }
  override readonly records = (body: unknown, { slice }: RecordPlace): readonly unknown[] => {
    const result = `/${this.action}Response/${this.action}Result`;
    const found = optionalRecordsAt(`${result}/${this.list}/member`, { within: result })(body);
    return found.map((item) => ({ as: slice['as'], ...(isObject(item) ? item : {}) }));
  };
}

function markers(action: string): Paginator {
  const result = `/${action}Response/${action}Result`;
  return bodyToken({ from: `${result}/Marker`, to: '/Marker', more: `${result}/IsTruncated` });
}

@Stream({ record: IamUser, primaryKey: 'Arn', slices: accounts })
export class IamUsers extends IamStream<IamUser> {
  override readonly action = 'ListUsers';
  override readonly list = 'Users';
  override readonly paginator = markers('ListUsers');
}

@Stream({ record: IamRole, primaryKey: 'Arn', slices: accounts })
export class IamRoles extends IamStream<IamRole> {
  override readonly action = 'ListRoles';
  override readonly list = 'Roles';
  override readonly paginator = markers('ListRoles');
}

/** Whatever the root is called; an empty account has an empty `Buckets`, and its owner. */
function bucketsIn(body: unknown): readonly Readonly<Record<string, unknown>>[] {
  const { name, content } = rootOf(body);
  if (!isObject(content) || !('Buckets' in content || 'Owner' in content)) {
    throw wrongAnswer(`the answer to ListBuckets is <${name}> without Buckets and Owner`);
  }
  const { Buckets: list } = content;
  const found = isObject(list) ? list['Bucket'] : undefined;
  return Array.isArray(found) ? found.filter(isObject) : [];
}

/** What stands in the root element. As in the SDKs of AWS its name does not matter, but for `Error`. */
function contentOf(body: unknown): Readonly<Record<string, unknown>> {
  const { name, content } = rootOf(body);
  const fields = isObject(content)
    ? content
    : content === '' && name !== 'LocationConstraint'
      ? {}
      : { [name]: content };
  return { configured: name !== 'Error', ...fields };
}

function rootOf(body: unknown): { readonly name: string; readonly content: unknown } {
  const [root] = isObject(body) ? Object.entries(body) : [];
  if (root === undefined) throw wrongAnswer('the answer is no XML of S3');
  return { name: root[0], content: root[1] };
}

function objectAt(body: unknown, ...names: readonly string[]): Readonly<Record<string, unknown>> {
  const found = names.reduce<unknown>((value, name) => (isObject(value) ? value[name] : undefined), body);
  if (isObject(found)) return found;
  throw wrongAnswer(`the answer has nothing at ${names.join('/')}`);
}

function wrongAnswer(message: string): SassyError {
  return new SassyError('API_WRONG_ANSWER', { message });
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
