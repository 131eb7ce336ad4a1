import { SassyError } from '../../errors/sassy-error.ts';
import type { Auth, AuthContext, HttpRequest, HttpResponse } from '../../model/http.ts';
import { pointerReader } from '../../util/json-pointer.ts';
import { Secret } from '../../util/secret.ts';
import { readableError } from '../error-body.ts';
import { nameOf } from '../refusal.ts';
import { type Credential, requiredText, revealingJson, type Setting } from './credential-text.ts';
import { needContext } from './need-context.ts';
import { type TokenOptions, tokenPolicy } from './token-policy.ts';
import {
  formRequest,
  jsonOf,
  lifetimeOf,
  loginRefused,
  noToken,
  requireSendable,
  sendForToken,
} from './token-request.ts';
import { goodUntil, type LiveToken } from './token-source.ts';

export interface SessionToken<Config> extends TokenOptions {
  readonly login: {
    /** `/login` for a path below the base URL, or a whole URL. Sent with POST. */
    readonly url: Setting<Config>;
    /** The body, as JSON. A Secret in it is sent as it is: no `reveal()` in an integration. */
    readonly json?: (config: Config) => unknown;
    /** The body, as form fields. */
    readonly form?: (config: Config) => Readonly<Record<string, Secret | string>>;
    /** User and password in an Authorization header. */
    readonly basic?: { readonly user: Setting<Config>; readonly password: Credential<Config> };
    readonly headers?: Readonly<Record<string, string>>;
  };
  /** Where the token lies in the answer: a JSON pointer, a header or a cookie. */
  readonly token: string | { readonly header: string } | { readonly cookie: string };
  /** Seconds, or a JSON pointer to them in the answer. Without it a session lasts until the service refuses it. */
  readonly expiresIn?: number | string;
}

const MEND = 'check the user and the password of this connection';

/**
 * A login in two steps: credentials are posted to a login endpoint, whose answer holds the token of a session. When the
 * session ends, by its time or by a refusal, the login is made again, once for all requests that wait for it.
 */
export function sessionToken<Config>(options: SessionToken<Config>): Auth<Config> {
  return {
    policy(config, given) {
      const context = needContext(given);
      return tokenPolicy(context, () => logIn(context, options, config), MEND, options);
    },
  };
}

async function logIn<Config>(context: AuthContext, options: SessionToken<Config>, config: Config): Promise<LiveToken> {
  const askedMs = context.host.clock.monotonicMs();
  const request = await loginRequest(context, options.login, config);
  const answer = await sendForToken(context, request);
  if (answer.status >= 300) {
    const told = `${nameOf(request)}: ${answer.status}: ${readableError(answer, context.redact)}`;
    throw loginRefused(context, { code: '', told, answer }, MEND);
  }
  const body = jsonOf(answer);
  const value = tokenIn(answer, body, options.token);
  if (value === undefined) throw noToken(context, request, `${placeOf(options.token)} is not in the answer`);
  await context.learnSecret(new Secret(value));
  requireSendable(context, request, value);
  const { expiresIn } = options;
  const lifetimeMs =
    typeof expiresIn === 'string'
      ? lifetimeOf(body, { token: '', expiresIn }, answer)
      : expiresIn === undefined
        ? undefined
        : expiresIn * 1000;
  return { value, goodUntilMs: goodUntil(askedMs, lifetimeMs) };
}

async function loginRequest<Config>(
  context: AuthContext,
  login: SessionToken<Config>['login'],
  config: Config,
): Promise<HttpRequest> {
  const url = context.locate(requiredText('login URL', login.url, config));
  const headers = Object.fromEntries(
    Object.entries(login.headers ?? {}).map(([key, value]) => [key.toLowerCase(), value]),
  );
  if (login.basic !== undefined) {
    const user = requiredText('user', login.basic.user, config);
    const pair = Buffer.from(`${user}:${requiredText('password', login.basic.password, config)}`).toString('base64');
    await context.learnSecret(new Secret(pair));
    headers['authorization'] = `Basic ${pair}`;
  }
  if (login.form !== undefined) {
    const fields = Object.entries(login.form(config)).map(([key, value]) => [
      key,
      requiredText(key, () => value, config),
    ]);
    return formRequest(url, Object.fromEntries(fields), headers);
  }
  const json = login.json?.(config);
  const common = { method: 'POST', url, headers: { accept: 'application/json', ...headers } };
  if (json === undefined) return common;
  const body = revealingJson(json);
  if (body.includes('"<secret>"')) throw maskedBody();
  return { ...common, headers: { ...common.headers, 'content-type': 'application/json' }, body };
}

function tokenIn(answer: HttpResponse, body: unknown, place: SessionToken<unknown>['token']): string | undefined {
  const found =
    typeof place === 'string'
      ? pointerReader(place)(body)
      : 'header' in place
        ? answer.headers[place.header.toLowerCase()]
        : cookieIn(answer, place.cookie);
  return typeof found === 'string' && found !== '' ? found : undefined;
}

/** Cookies that came in several headers are joined with commas; so are the parts of a date in one of them. */
function cookieIn(answer: HttpResponse, name: string): string | undefined {
  const cookies = answer.headers['set-cookie']?.split(/,(?=\s*[^\s;,=]+=)/) ?? [];
  const pairs = cookies.map((cookie) => cookie.split(';', 1)[0]?.trim() ?? '');
  return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1);
}

function placeOf(place: SessionToken<unknown>['token']): string {
  if (typeof place === 'string') return place;
  return 'header' in place ? `the header ${place.header}` : `the cookie ${place.cookie}`;
}

function maskedBody(): SassyError {
  return new SassyError('DEFINITION', {
    message: 'The body of the login request holds a masked secret',
    why: 'a Secret inside a template, or turned into a text, becomes its mask',
    fix: 'put the Secret itself into the body: json: (config) => ({ password: config.password })',
  });
}
