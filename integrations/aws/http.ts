import { awsErrorCode, awsSigV4, awsVerdict } from 'sassy';
import type { HttpRequest, HttpResponse, HttpSettings, Verdict } from 'sassy';
import type { Config } from './schema.ts';

/** The identity of the access key itself, in slices. */
export const OWN = 'own';

/** https://docs.aws.amazon.com/general/latest/gr/s3.html; `cn-…` is a partition with a domain of its own. */
export function hostOf(service: 's3' | 'sts' | 'iam', region: string): string {
  if (region.startsWith('cn-')) return `${service}.${service === 'iam' ? 'cn-north-1' : region}.amazonaws.com.cn`;
  // IAM has one endpoint for each partition: https://docs.aws.amazon.com/general/latest/gr/iam-service.html
  if (service === 'iam') return region.startsWith('us-gov-') ? 'iam.us-gov.amazonaws.com' : 'iam.amazonaws.com';
  return `${service}.${region}.amazonaws.com`;
}

const HOSTS = [
  's3.{region}.amazonaws.com',
  's3.{region}.amazonaws.com.cn',
  'sts.{region}.amazonaws.com',
  'sts.{region}.amazonaws.com.cn',
  'iam.amazonaws.com',
  'iam.us-gov.amazonaws.com',
  'iam.cn-north-1.amazonaws.com.cn',
];

export const awsHttp: HttpSettings<Config> = {
  baseUrl: 'https://sts.amazonaws.com',
  hosts: HOSTS.map((host) => ({ host, login: true })),
  auth: awsSigV4({
    credentials: ({ accessKeyId, secretAccessKey, sessionToken }: Config) => ({
      accessKeyId,
      secretAccessKey,
      sessionToken,
    }),
    roles: {
      stsHost: ({ region }) => hostOf('sts', region),
      externalId: ({ externalId }) => externalId,
      ifDenied: 'skip',
    },
  }),
  verdicts: [awsVerdict, bucketVerdict, accountVerdict],
};

/** `NoSuchTagSet`, `NoSuchBucketPolicy`, `ServerSideEncryptionConfigurationNotFoundError`, `ReplicationConfigurationNotFoundError`. */
const NOT_CONFIGURED = /^(NoSuch(?!Bucket$|Key$|Upload$|Version$|Entity$)\w+|\w+NotFoundError)$/;

/**
 * One bucket costs itself and not the run: it may be denied by its own policy, gone, of a kind without the setting, or in a
 * region that is off. That it has no such setting is an answer like any other, and is kept.
 */
function bucketVerdict(response: HttpResponse, request: HttpRequest): Verdict | undefined {
  const { status } = response;
  if (request.host?.startsWith('s3.') !== true || !isAboutBucket(request)) return undefined;
  const code = awsErrorCode(response) ?? '';
  if (status === 404 && NOT_CONFIGURED.test(code)) return { kind: 'ok' };
  if (status === 404 && code === 'NoSuchBucket') return { kind: 'skip', reason: 'the bucket is gone' };
  if (status === 403) return { kind: 'skip', reason: `the bucket may not be read (${code || '403'})` };
  if (status === 405 || status === 501) return { kind: 'skip', reason: `not there for this kind of bucket (${code})` };
  const isElsewhere =
    status === 301 || status === 307 || /^(AuthorizationHeaderMalformed|IllegalLocationConstraint)/.test(code);
  return isElsewhere ? { kind: 'skip', reason: 'its region cannot be reached' } : undefined;
}

/** Of several accounts, one that denies a list costs itself. The account of the access key is another matter: see the README. */
function accountVerdict(response: HttpResponse, { as }: HttpRequest): Verdict | undefined {
  if (as === undefined || response.status !== 403) return undefined;
  return { kind: 'skip', reason: `the role may not read this (${awsErrorCode(response) ?? '403'})` };
}

/** ListBuckets has no sub-resource in its query: `?location`, `?policyStatus`. */
function isAboutBucket({ url }: HttpRequest): boolean {
  return SUB_RESOURCES.some((name) => new URL(url).searchParams.has(name));
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html */
export const SUB_RESOURCES = [
  'location',
  'tagging',
  'encryption',
  'publicAccessBlock',
  'policyStatus',
  'acl',
  'versioning',
  'logging',
  'lifecycle',
] as const;
