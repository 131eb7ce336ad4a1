import { SassyError } from '../../errors/sassy-error.ts';
import type { Auth, HttpRequest, HttpResponse, Send } from '../../model/http.ts';
import type { Secret } from '../../util/secret.ts';
import { isExpiredLogin } from '../aws-verdict.ts';
import { type AwsPlace, bucketRegions, placeOf } from './aws-host.ts';
import { assumedRoles, type AwsCredentials } from './aws-roles.ts';
import { type Credential, optionalText, requiredText, type Setting } from './credential-text.ts';
import { needContext } from './need-context.ts';
import { serverClock } from './server-clock.ts';
import { amzDate, sha256, signatureV4 } from './sigv4.ts';

export interface AwsSigV4<Config> {
  /** As AWS writes it in signatures: `execute-api`, `s3`. Default: what the host of each request says. */
  readonly service?: string;
  /** Of all requests. Default: what the host of each request says; us-east-1 for services with one place for the world. */
  readonly region?: Setting<Config>;
  readonly credentials: (config: Config) => {
    readonly accessKeyId: Secret | string;
    readonly secretAccessKey: Secret | string;
    /** Of temporary credentials. */
    readonly sessionToken?: Secret | string | undefined;
  };
  /** How the roles are assumed that requests name in `as`. Without it such a request is a mistake of the integration. */
  readonly roles?: AwsRoleOptions<Config>;
}

export interface AwsRoleOptions<Config> {
  /** Where STS is asked. Default `sts.us-east-1.amazonaws.com`. */
  readonly stsHost?: Setting<Config>;
  /** What the trust policies of the roles ask for: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html */
  readonly externalId?: Credential<Config>;
  /** What CloudTrail shows. Default `sassy`. */
  readonly sessionName?: Setting<Config>;
  /** Default 3600, which is also the most for a role that is assumed by a role. */
  readonly durationSeconds?: number;
  /** `skip`: the slice is left out and counted, the others go on. Default `fail`: PERMISSION_DENIED. */
  readonly ifDenied?: 'fail' | 'skip';
}

/** AWS refuses signatures that are five minutes off: less than that cannot be the reason of a refusal. */
const TOLERATED_MS = 4 * 60_000;

/**
 * Signs each request as it goes out (AWS Signature Version 4): method, path, query, headers and body.
 *
 * Service and region follow from the host that the request names. Where the user's `baseUrl` stands in for all hosts, the
 * signature is made for the host on the wire, and its scope (`…/20260101/eu-west-1/s3/aws4_request`) says which service
 * and region are meant: what every emulator of AWS goes by.
 *
 * - A request with `as: '<ARN of a role>'` goes with temporary credentials of that role.
 * - S3's answer for a bucket of another region is followed: signed anew, for that region.
 * - When a service refuses a signature and its clock shows another time than ours, the request is signed with its time and
 *   sent again, once.
 */
export function awsSigV4<Config>(options: AwsSigV4<Config>): Auth<Config> {
  return {
    policy(config, given) {
      const context = needContext(given);
      const regions = bucketRegions();
      const region = optionalText(options.region, config);
      const fixed: Partial<AwsPlace> = {
        ...(options.service === undefined ? {} : { service: options.service }),
        ...(region === undefined ? {} : { region }),
      };
      const clock = serverClock(context.host.clock, TOLERATED_MS);
      const own = context.isReplay ? undefined : ownCredentials(options, config);
      const sign = (request: HttpRequest, credentials: AwsCredentials): HttpRequest =>
        signed(request, placeOf(request, fixed), credentials, clock.nowMs());
      const roles =
        own === undefined || options.roles === undefined
          ? undefined
          : assumedRoles(context, {
              host: optionalText(options.roles.stsHost, config) ?? 'sts.us-east-1.amazonaws.com',
              sign: (request) => sign(request, own),
              learnTime: (refusal) => clock.learn(refusal),
              sessionName: optionalText(options.roles.sessionName, config) ?? 'sassy',
              externalId: optionalText(options.roles.externalId, config),
              durationSeconds: options.roles.durationSeconds ?? 3600,
              ifDenied: options.roles.ifDenied ?? 'fail',
            });

      async function deliver(request: HttpRequest, next: Send): Promise<HttpResponse> {
        if (own === undefined) return next(request);
        const { as } = request;
        const role = as === undefined ? undefined : { arn: as, of: required(roles, as) };
        const credentials = role === undefined ? own : await role.of.current(role.arn);
        const answer = await next(sign(request, credentials));
        if ([400, 401, 403].includes(answer.status) && clock.learn(answer)) return next(sign(request, credentials));
        if (role === undefined || !isExpiredLogin(answer)) return answer;
        return next(sign(request, await role.of.after(role.arn, credentials, answer)));
      }

      return (next) => async (request) => {
        const asked = regions.toKnown(request);
        const answer = await deliver(asked, next);
        const moved = regions.toNamed(asked, answer);
        return moved === undefined ? answer : deliver(moved, next);
      };
    },
  };
}

function ownCredentials<Config>({ credentials }: AwsSigV4<Config>, config: Config): AwsCredentials {
  const { accessKeyId, secretAccessKey, sessionToken } = credentials(config);
  return {
    accessKeyId: requiredText('access key id', () => accessKeyId, config),
    secretAccessKey: requiredText('secret access key', () => secretAccessKey, config),
    sessionToken: optionalText(() => sessionToken, config),
  };
}

function required<T>(roles: T | undefined, as: string): T {
  if (roles !== undefined) return roles;
  throw new SassyError('DEFINITION', {
    message: `A request is to go as ${as}, and the login of the integration assumes no roles`,
    fix: 'give awsSigV4 its `roles`: awsSigV4({ credentials, roles: {} })',
  });
}

function signed(
  request: HttpRequest,
  { service, region }: AwsPlace,
  { accessKeyId, secretAccessKey, sessionToken }: AwsCredentials,
  nowMs: number,
): HttpRequest {
  const { host, pathname, search } = new URL(request.url);
  const body = request.body ?? '';
  const added = {
    'x-amz-date': amzDate(nowMs),
    ...(sessionToken === undefined ? {} : { 'x-amz-security-token': sessionToken }),
    // S3 alone wants it, and refuses a request without.
    ...(service === 's3' ? { 'x-amz-content-sha256': sha256(body) } : {}),
  };
  const headers = { ...request.headers, ...added, host };
  const signable = { method: request.method, path: pathname, query: search.slice(1), headers, body };
  const { authorization } = signatureV4(signable, { accessKeyId, secretAccessKey, region, service });
  return { ...request, headers: { ...request.headers, ...added, authorization } };
}
