import { SassyError } from '../../errors/sassy-error.ts';
import type { HttpRequest, HttpResponse } from '../../model/http.ts';
import { awsErrorCode } from '../aws-verdict.ts';

/** What a signature is made for. */
export interface AwsPlace {
  readonly service: string;
  readonly region: string;
}

const REGION = /^[a-z]{2,5}(-[a-z]+)+-\d+$/;
const SUFFIX = /\.amazonaws\.com(\.cn)?$/;

/**
 * Service and region that a host speaks for: `s3.eu-west-1.amazonaws.com`, `iam.amazonaws.com` (us-east-1, as all services
 * that have one place for the world), `b.s3.eu-west-1.amazonaws.com`. Undefined for a host that is none of Amazon's.
 */
export function placeOfHost(host: string): AwsPlace | undefined {
  const name = host.toLowerCase().replace(/:\d+$/, '');
  if (!SUFFIX.test(name)) return undefined;
  // `s3-eu-west-1` is how hosts were written before 2014, and are in redirects still.
  const labels = name
    .replace(SUFFIX, '')
    .replace(/(^|\.)s3-([a-z]{2,5}(?:-[a-z]+)+-\d+)$/, '$1s3.$2')
    .split('.')
    .filter((label) => label !== 'dualstack');
  const last = labels.at(-1) ?? '';
  const region = REGION.test(last) ? last : last === 'us-gov' ? 'us-gov-west-1' : 'us-east-1';
  const service = labels.at(REGION.test(last) || last === 'us-gov' ? -2 : -1)?.replace(/-fips$/, '');
  return service === undefined || service === '' ? undefined : { service, region };
}

/** Follows S3 to the region in which a bucket lies, and remembers it. */
export interface BucketRegions {
  /** The request as it is to be sent, by what is known of its bucket. */
  toKnown(request: HttpRequest): HttpRequest;
  /** The same request to where the answer says that the bucket is; undefined when the answer says no such thing. */
  toNamed(request: HttpRequest, answer: HttpResponse): HttpRequest | undefined;
}

const S3_HOST = /^s3(?:[.-](?<region>[a-z]{2,5}(?:-[a-z]+)+-\d+))?\.amazonaws\.com(?<cn>\.cn)?$/;

/**
 * For requests in path style, `s3.<region>.amazonaws.com/<bucket>`. A wrong region is answered with 301 PermanentRedirect,
 * 307, or 400 AuthorizationHeaderMalformed, mostly without a Location, and has to be signed anew:
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/Redirects.html
 */
export function bucketRegions(): BucketRegions {
  const known = new Map<string, string>();

  return {
    toKnown(request) {
      const region = known.get(bucketOf(request));
      return region === undefined ? request : inRegion(request, region);
    },
    toNamed(request, answer) {
      const at = S3_HOST.exec(request.host ?? new URL(request.url).hostname);
      if (at === null) return undefined;
      const region = namedRegion(answer);
      if (region === undefined || region === (at.groups?.['region'] ?? 'us-east-1')) return undefined;
      known.set(bucketOf(request), region);
      return inRegion(request, region);
    },
  };
}

/** Below the base URL, whatever that is: the sub-resources of a bucket are in the query. */
function bucketOf({ url, as = '' }: HttpRequest): string {
  return `${as} ${new URL(url).pathname}`;
}

function inRegion(request: HttpRequest, region: string): HttpRequest {
  const url = new URL(request.url);
  const named = request.host ?? url.hostname;
  const at = S3_HOST.exec(named);
  if (at === null) return request;
  const host = `s3.${region}.amazonaws.com${at.groups?.['cn'] ?? ''}`;
  // Where a base URL of the user stands in for all hosts, the signature alone says which one is meant.
  if (url.hostname === named) url.hostname = host;
  return { ...request, url: url.href, host };
}

function namedRegion(answer: HttpResponse): string | undefined {
  const { status, headers, body } = answer;
  if (status !== 301 && status !== 307 && status !== 400) return undefined;
  if (
    status === 400 &&
    !/^(AuthorizationHeaderMalformed|IllegalLocationConstraintException)$/.test(awsErrorCode(answer) ?? '')
  )
    return undefined;
  const text = body.toString('utf8', 0, 16 * 1024);
  const endpoint = /<Endpoint>([^<]+)<\/Endpoint>/.exec(text)?.[1];
  const found =
    headers['x-amz-bucket-region'] ??
    /<Region>([^<]+)<\/Region>/.exec(text)?.[1] ??
    (endpoint === undefined ? undefined : placeOfHost(endpoint)?.region);
  return found !== undefined && REGION.test(found) ? found : undefined;
}

/** DEFINITION for a request of which nobody can say to which service it goes. */
export function placeOf(request: HttpRequest, given: Partial<AwsPlace>): AwsPlace {
  const host = request.host ?? new URL(request.url).hostname;
  const place = { ...placeOfHost(host), ...given };
  const { service, region } = place;
  if (service !== undefined && region !== undefined) return { service, region };
  throw new SassyError('DEFINITION', {
    message: `A request to ${host} cannot be signed: its ${service === undefined ? 'service' : 'region'} is not known`,
    why: 'the host is none of amazonaws.com, and awsSigV4 names neither',
    fix: "name the host in the request (host: 's3.eu-west-1.amazonaws.com'), or give service and region to awsSigV4",
  });
}
