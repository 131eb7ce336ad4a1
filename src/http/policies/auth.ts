import { SassyError } from '../../errors/sassy-error.ts';
import type { Auth, HttpRequest, Policy } from '../../model/http.ts';
import { Secret } from '../../util/secret.ts';
import { type Credential, plainText } from '../auth/credential-text.ts';
import { addQuery } from '../request-url.ts';

/**
 * A credential in a header of its own choosing: `headerAuth('Authorization', (config) => config.token, { scheme: 'token' })`
 * sends `Authorization: token <the token>`. The Secret is handed over as it is; no `reveal()` in an integration.
 */
export function headerAuth<Config>(
  name: string,
  credential: Credential<Config>,
  options: { readonly scheme?: string } = {},
): Auth<Config> {
  const prefix = options.scheme === undefined ? '' : `${options.scheme} `;
  return credentialAuth(credential, (value) => {
    const header = { [name.toLowerCase()]: `${prefix}${value}` };
    return (request) => ({ ...request, headers: { ...request.headers, ...header } });
  });
}

/** `Authorization: Bearer <token>` (RFC 6750). */
export function bearerAuth<Config>(credential: Credential<Config>): Auth<Config> {
  return headerAuth('authorization', credential, { scheme: 'Bearer' });
}

/** `Authorization: Basic base64(user:password)` (RFC 7617). */
export function basicAuth<Config>(user: Credential<Config>, password: Credential<Config>): Auth<Config> {
  const pair: Credential<Config> = (config) => {
    const [name, word] = [revealed(user(config)), revealed(password(config))];
    if (name === undefined || word === undefined) return undefined;
    return new Secret(Buffer.from(`${name}:${word}`).toString('base64'));
  };
  return headerAuth('authorization', pair, { scheme: 'Basic' });
}

/** A credential in the query. It is added below the log, and no URL that is shown or stored has it. */
export function queryAuth<Config>(name: string, credential: Credential<Config>): Auth<Config> {
  return credentialAuth(credential, (value) => (request) => ({
    ...request,
    url: addQuery(request.url, [[name, value]]),
  }));
}

/** Applies `policy` to requests of this origin alone; a request to anywhere else goes without it. */
export function onlyFor(origin: string, policy: Policy): Policy {
  return (next) => {
    const inside = policy(next);
    return (request) => (URL.parse(request.url)?.origin === origin ? inside(request) : next(request));
  };
}

function credentialAuth<Config>(
  credential: Credential<Config>,
  attach: (value: string) => (request: HttpRequest) => HttpRequest,
): Auth<Config> {
  return {
    policy(config) {
      const value = revealed(credential(config));
      if (value === undefined) return (next) => next;
      const attached = attach(value);
      return (next) => (request) => next(attached(request));
    },
  };
}

function revealed(credential: Secret | string | undefined): string | undefined {
  const value = plainText(credential);
  if (value === undefined) return undefined;
  // Node would refuse the header with a message that quotes it.
  if (value === '' || /[^\t\x20-\x7e\x80-\xff]/.test(value)) {
    throw new SassyError('CONFIG_INVALID', {
      message:
        value === ''
          ? 'A credential of this connection is empty'
          : 'A credential of this connection holds a character that cannot be sent',
      why:
        value === '' ? 'nothing was given' : 'a line break or a character outside Latin-1, often copied along with it',
      fix: 'set it again without quotes, spaces or line breaks around it',
    });
  }
  return value;
}
