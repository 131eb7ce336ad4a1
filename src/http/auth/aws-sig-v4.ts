import type { Auth, HttpRequest } from '../../model/http.ts';
import type { Secret } from '../../util/secret.ts';
import { type Credential, optionalText, requiredText, type Setting } from './credential-text.ts';
import { needContext } from './need-context.ts';
import { serverClock } from './server-clock.ts';
import { amzDate, sha256, signatureV4, type SigningScope } from './sigv4.ts';

export interface AwsSigV4<Config> {
  /** As AWS writes it in signatures: `execute-api`, `s3`, `securityhub`. */
  readonly service: string;
  readonly region: Setting<Config>;
  readonly credentials: (config: Config) => {
    readonly accessKeyId: Secret | string;
    readonly secretAccessKey: Secret | string;
    /** Of temporary credentials. */
    readonly sessionToken?: Secret | string | undefined;
  };
}

/** AWS refuses signatures that are five minutes off: less than that cannot be the reason of a refusal. */
const TOLERATED_MS = 4 * 60_000;

/**
 * Signs each request as it goes out (AWS Signature Version 4): method, path, query, headers and body. When the service
 * refuses one and its clock shows another time than ours, the request is signed with its time and sent again, once.
 */
export function awsSigV4<Config>(options: AwsSigV4<Config>): Auth<Config> {
  return {
    policy(config, given) {
      const context = needContext(given);
      if (context.isReplay) return (next) => next;
      const clock = serverClock(context.host.clock, TOLERATED_MS);
      const { accessKeyId, secretAccessKey, sessionToken } = options.credentials(config);
      const scope: SigningScope = {
        accessKeyId: requiredText('access key id', () => accessKeyId, config),
        secretAccessKey: requiredText('secret access key', () => secretAccessKey, config),
        region: requiredText('region', options.region, config),
        service: options.service,
      };
      const token = optionalText(asCredential(sessionToken), config);
      return (next) => async (request) => {
        const answer = await next(signed(request, scope, token, clock.nowMs()));
        if (![400, 401, 403].includes(answer.status) || !clock.learn(answer)) return answer;
        return next(signed(request, scope, token, clock.nowMs()));
      };
    },
  };
}

function asCredential<Config>(value: Secret | string | undefined): Credential<Config> {
  return () => value;
}

function signed(request: HttpRequest, scope: SigningScope, token: string | undefined, nowMs: number): HttpRequest {
  const { host, pathname, search } = new URL(request.url);
  const body = request.body ?? '';
  const added = {
    'x-amz-date': amzDate(nowMs),
    ...(token === undefined ? {} : { 'x-amz-security-token': token }),
    // S3 alone wants it, and refuses a request without.
    ...(scope.service === 's3' ? { 'x-amz-content-sha256': sha256(body) } : {}),
  };
  const headers = { ...request.headers, ...added, host };
  const signable = { method: request.method, path: pathname, query: search.slice(1), headers, body };
  const { authorization } = signatureV4(signable, scope);
  return { ...request, headers: { ...request.headers, ...added, authorization } };
}
