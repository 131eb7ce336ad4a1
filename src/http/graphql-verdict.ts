import type { HttpRequest, HttpResponse, Verdict } from '../model/http.ts';
import { isObject } from '../util/json.ts';
import { limitedVerdict } from './limited-verdict.ts';

/** Codes of GitHub, Shopify, Monday and Apollo servers, compared without case and separators. */
const LIMITED =
  /^(ratelimited|ratelimitexceeded|ratelimit|throttled|toomanyrequests|complexitybudgetexhausted|concurrencylimitexceeded)$/;
const LOGIN = /^(unauthenticated|notauthenticated|unauthorized|authenticationerror|invalidtoken)$/;
const DENIED = /^(forbidden|accessdenied|permissiondenied|insufficientscopes|userunauthorized)$/;
const PASSING = /^(internalservererror|internalerror|timeout|serviceunavailable|downstreamserviceerror)$/;

/**
 * The verdict of an answer to a GraphQL query (a POST whose JSON body has a `query`) that holds `errors`
 * (https://spec.graphql.org/October2021/#sec-Errors): 200 is their usual status. Undefined for every other answer. Data
 * beside errors is partial and counts as refused: what is missing in it could not be told from what is gone.
 */
export function graphqlVerdict(response: HttpResponse, request: HttpRequest): Verdict | undefined {
  if (request.method !== 'POST' || !response.body.includes('"errors"')) return undefined;
  const sent = parsed(request.body ?? '');
  if (!isObject(sent) || typeof sent['query'] !== 'string') return undefined;
  const answer = parsed(response.body.toString('utf8'));
  const errors = isObject(answer) ? answer['errors'] : undefined;
  if (!Array.isArray(errors) || errors.length === 0) return undefined;
  return verdictOf(errors.flatMap(codesOf), response, errors);
}

function verdictOf(codes: readonly string[], response: HttpResponse, errors: readonly unknown[]): Verdict {
  const reason = codes[0] ?? 'GraphQL error';
  const has = (kind: RegExp): boolean => codes.some((code) => kind.test(code.toLowerCase().replaceAll(/[^a-z]/g, '')));
  if (has(LIMITED)) {
    const seconds = errors.map(secondsOf).find((told) => told !== undefined);
    const verdict = limitedVerdict(response);
    if (verdict.kind !== 'retry' || verdict.afterMs !== undefined || seconds === undefined) return verdict;
    return { ...verdict, reason, afterMs: seconds * 1000 };
  }
  if (has(LOGIN)) return { kind: 'refresh', reason };
  if (has(DENIED)) return { kind: 'denied', reason };
  if (has(PASSING)) return { kind: 'retry', reason };
  return { kind: 'fail', reason: codes.length === 0 ? 'errors in the answer' : reason };
}

/** Where servers put an error's code: `extensions.code` (Apollo), `type` (GitHub), `error_code` (Monday). */
function codesOf(error: unknown): readonly string[] {
  if (!isObject(error)) return [];
  const extensions = isObject(error['extensions']) ? error['extensions'] : {};
  return [extensions['code'], error['type'], error['error_code'], error['code']].filter(
    (code) => typeof code === 'string',
  );
}

/** Monday tells the wait beside the code. */
function secondsOf(error: unknown): number | undefined {
  const extensions = isObject(error) && isObject(error['extensions']) ? error['extensions'] : {};
  const seconds = extensions['retry_in_seconds'];
  return typeof seconds === 'number' && seconds > 0 ? seconds : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
