import type { HttpRequest, HttpResponse, Verdict } from '../model/http.ts';
import { limitedVerdict } from './limited-verdict.ts';

/** Too much was asked. The codes of all services: https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html */
const LIMITED =
  /^(SlowDown|Throttl(ing|ed)(Exception)?|RequestThrottled(Exception)?|EC2ThrottledException|TooManyRequests(Exception)?|RequestLimitExceeded|BandwidthLimitExceeded|LimitExceededException|ProvisionedThroughputExceededException)$/;

/** Broken for the moment, also where it comes as 400. */
const PASSING =
  /^(InternalError|InternalFailure|InternalServerError|ServiceUnavailable(Exception)?|ServiceFailure|RequestTimeout(Exception)?|PriorRequestNotComplete|OperationAborted)$/;

/** The credentials are no good, whatever the status: https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html */
const LOGIN =
  /^(Expired(Token|TokenException)|Invalid(ClientTokenId|AccessKeyId|Token|Security|SignatureException)|TokenRefreshRequired|UnrecognizedClientException|SignatureDoesNotMatch|IncompleteSignature|Missing(AuthenticationToken|AuthenticationTokenException|SecurityHeader)|AuthFailure|RequestExpired|RequestTimeTooSkewed|NotSignedUp)$/;

/** Of temporary credentials: new ones may do. */
const EXPIRED = /^(Expired(Token|TokenException)|InvalidToken|TokenRefreshRequired|RequestExpired)$/;

/**
 * What the errors of Amazon's services mean where the status does not say it: limits (400, 403 and 503), trouble that passes,
 * and credentials that are no good (400 and 403). AccessDenied and all else are left to the defaults. Understands the
 * bodies of S3, of the query services (IAM, STS, EC2) and of those that speak JSON.
 */
export function awsVerdict(response: HttpResponse, _request?: HttpRequest): Verdict | undefined {
  if (response.status < 400) return undefined;
  const code = awsErrorCode(response);
  if (code === undefined) return undefined;
  if (LIMITED.test(code)) return withReason(limitedVerdict(response), code);
  if (PASSING.test(code)) return { kind: 'retry', reason: code };
  if (LOGIN.test(code)) return { kind: 'refresh', reason: code };
  return undefined;
}

function withReason(verdict: Verdict, reason: string): Verdict {
  return verdict.kind === 'retry' ? { ...verdict, reason } : verdict;
}

/** The code of an error answer: `NoSuchBucketPolicy`; undefined where there is none. */
export function awsErrorCode({ headers, body }: HttpResponse): string | undefined {
  const text = body.toString('utf8', 0, 16 * 1024);
  const found =
    /<Code>\s*([\w.:-]+)\s*<\/Code>/.exec(text)?.[1] ??
    headers['x-amzn-errortype'] ??
    /"(?:__type|code|Code)"\s*:\s*"([^"]+)"/.exec(text)?.[1];
  // `com.amazonaws.sts#ExpiredToken:http://…`, `Sender.Throttling` of old services.
  return found?.split('#').at(-1)?.split(':')[0]?.split('.').at(-1);
}

/** True for a refusal of temporary credentials that have run out. */
export function isExpiredLogin(response: HttpResponse): boolean {
  return response.status >= 400 && response.status < 500 && EXPIRED.test(awsErrorCode(response) ?? '');
}
