import { SassyError } from '../../errors/sassy-error.ts';
import type { AuthContext, HttpRequest, HttpResponse, VerdictRule } from '../../model/http.ts';
import { isObject } from '../../util/json.ts';
import { pointerReader } from '../../util/json-pointer.ts';
import { Secret } from '../../util/secret.ts';
import { readableError } from '../error-body.ts';
import { retry } from '../policies/retry.ts';
import { nameOf } from '../refusal.ts';
import { classify } from '../verdict.ts';
import { goodUntil, type LiveToken } from './token-source.ts';

/** Where things lie in the answer of a token endpoint: JSON pointers. */
export interface AnswerShape {
  readonly token: string;
  readonly refresh?: string;
  /** Seconds. */
  readonly expiresIn?: string;
  /** A time by the service's clock: ISO 8601, or seconds since 1970. */
  readonly expiresAt?: string;
}

/** RFC 6749, section 5.1. */
export const OAUTH_ANSWER: AnswerShape = {
  token: '/access_token',
  refresh: '/refresh_token',
  expiresIn: '/expires_in',
};

export interface GrantedToken extends LiveToken {
  readonly refresh: string | undefined;
  readonly lifetimeMs: number | undefined;
}

/** The service would not give a token. */
export interface RefusedGrant {
  /** The code of RFC 6749, section 5.2: `invalid_grant`; '' when the service uses none. */
  readonly code: string;
  /** What was said, on one line. */
  readonly told: string;
  readonly answer: HttpResponse;
}

export type GrantAnswer =
  | { readonly granted: GrantedToken; readonly refused?: undefined }
  | { readonly refused: RefusedGrant; readonly granted?: undefined };

/** A POST of form fields, as all token endpoints of OAuth take it. */
export function formRequest(
  url: string,
  fields: Readonly<Record<string, string | undefined>>,
  headers: Readonly<Record<string, string>> = {},
): HttpRequest {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) form.set(name, value);
  return {
    method: 'POST',
    url,
    headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: form.toString(),
  };
}

/**
 * Sends a request for a token. Passing trouble, and what `rules` call so, is tried again. Resolves with any final answer that is 2xx or refuses
 * the login (400, 401, 403, 422); API_REFUSED for any other.
 */
export async function sendForToken(
  context: AuthContext,
  request: HttpRequest,
  rules: readonly VerdictRule[] = [],
): Promise<HttpResponse> {
  const { host, title, redact, signal } = context;
  const policy = retry({ title, redact, host, classify: classify(rules), ...(signal === undefined ? {} : { signal }) });
  // The request itself has no signal: cut off after it was sent, it could lose the token that it was to bring.
  const answer = await policy(context.transport)({ ...request, idempotent: true });
  if (answer.status < 300 || [400, 401, 403, 422].includes(answer.status)) return answer;
  throw new SassyError('API_REFUSED', {
    message: `${title} gives no token`,
    why: `${nameOf(request)}: ${answer.status}: ${readableError(answer, redact)}`,
    fix: 'the URL of the login may be wrong: compare it with the documentation of the service',
  });
}

/** Sends, and reads the answer. All tokens in it are made known to the redaction before this resolves. */
export async function grant(
  context: AuthContext,
  request: HttpRequest,
  shape: AnswerShape = OAUTH_ANSWER,
): Promise<GrantAnswer> {
  const askedMs = context.host.clock.monotonicMs();
  const answer = await sendForToken(context, request);
  const body = jsonOf(answer);
  const token = pointerReader(shape.token)(body);
  if (answer.status < 300 && typeof token === 'string' && token !== '') {
    const refresh = shape.refresh === undefined ? undefined : pointerReader(shape.refresh)(body);
    const idToken = isObject(body) ? body['id_token'] : undefined;
    for (const text of [token, refresh, idToken]) {
      if (typeof text === 'string') await context.learnSecret(new Secret(text));
    }
    requireSendable(context, request, token);
    const lifetimeMs = lifetimeOf(body, shape, answer);
    return {
      granted: {
        value: token,
        goodUntilMs: goodUntil(askedMs, lifetimeMs),
        refresh: typeof refresh === 'string' && refresh !== '' ? refresh : undefined,
        lifetimeMs,
      },
    };
  }
  const code = isObject(body) && typeof body['error'] === 'string' ? body['error'] : '';
  // Some services refuse with 200 and an error in the body. Anything else in a 2xx may be a token that we did not find.
  if (answer.status >= 300 || code !== '') {
    const told = `${nameOf(request)}: ${answer.status}: ${readableError(answer, context.redact)}`;
    return { refused: { code, told, answer } };
  }
  throw noToken(context, request, `${shape.token} is not in the answer, which ${fieldsOf(body)}`);
}

/** LOGIN_REFUSED with what the service said. */
export function loginRefused({ title }: AuthContext, { told }: RefusedGrant, fix?: string): SassyError {
  const message = `${title} refused the login`;
  return new SassyError('LOGIN_REFUSED', { message, why: told, ...(fix === undefined ? {} : { fix }) });
}

/** How long a token lives, by what the service says and by its own clock; undefined when it does not say. */
export function lifetimeOf(body: unknown, shape: AnswerShape, answer: HttpResponse): number | undefined {
  const seconds =
    shape.expiresIn === undefined ? undefined : Number(pointerReader(shape.expiresIn)(body) ?? Number.NaN);
  if (seconds !== undefined && Number.isFinite(seconds) && seconds > 0) return seconds * 1000;
  if (shape.expiresAt === undefined) return undefined;
  const at = pointerReader(shape.expiresAt)(body);
  const endMs = typeof at === 'number' ? at * 1000 : typeof at === 'string' ? Date.parse(at) : Number.NaN;
  // Its time is compared with its own clock: ours may be wrong.
  const lifetimeMs = endMs - Date.parse(answer.headers['date'] ?? '');
  return Number.isFinite(lifetimeMs) && lifetimeMs > 0 ? lifetimeMs : undefined;
}

/** API_WRONG_ANSWER for a token endpoint that did not answer with a token. `why` must not quote the answer. */
export function noToken({ title }: AuthContext, request: HttpRequest, why: string): SassyError {
  return new SassyError('API_WRONG_ANSWER', {
    message: `${title} answered the login with no token`,
    why: `${nameOf(request)}: ${why}`,
    fix: "compare where the integration looks for the token with the service's documentation",
  });
}

/** A token that no header can carry: Node's own error would quote it. */
export function requireSendable(context: AuthContext, request: HttpRequest, token: string): void {
  if (/[^\x21-\x7e]/.test(token)) throw noToken(context, request, 'the token holds characters that cannot be sent');
}

export function jsonOf({ body }: HttpResponse): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}

function fieldsOf(body: unknown): string {
  if (!isObject(body)) return 'is not a JSON object';
  const names = Object.keys(body).slice(0, 10);
  return names.length === 0 ? 'is empty' : `has the fields ${names.join(', ')}`;
}
