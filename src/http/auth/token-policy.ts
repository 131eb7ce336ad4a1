import { SassyError } from '../../errors/sassy-error.ts';
import type { AuthContext, HttpRequest, HttpResponse, Policy } from '../../model/http.ts';
import { readableError } from '../error-body.ts';
import { nameOf } from '../refusal.ts';
import { addQuery } from '../request-url.ts';
import { type LiveToken, type Replaced, tokenSource } from './token-source.ts';

/** Where a token goes in a request. Default: `Authorization: Bearer <token>`. */
interface TokenPlace {
  /** The header's name. Default `Authorization`. */
  readonly header?: string;
  /** Stands before the token. Default `Bearer` for `Authorization`, nothing for any other header. */
  readonly scheme?: string;
  /** A query parameter in place of a header. No URL that is shown or stored has it. */
  readonly query?: string;
  /** A cookie in place of a header. */
  readonly cookie?: string;
}

/** What all kinds of login that get a token have in common. */
export interface TokenOptions {
  readonly attach?: TokenPlace;
  /** Statuses by which the service says that a token no longer holds. Default: 401. */
  readonly expiredStatuses?: readonly number[];
}

/** Serves in place of a token while a snapshot is replayed. */
const REPLAY_TOKEN: LiveToken = { value: 'replay', goodUntilMs: Number.POSITIVE_INFINITY };

/**
 * Attaches a token to each request. When the service refuses it, a new one is got, once for all requests that meet this
 * at the same time, and each request is sent again, once. A second 401 is LOGIN_REFUSED; any other second refusal is
 * returned. `mend` is what the user can do about a refused login.
 */
export function tokenPolicy(
  context: AuthContext,
  obtain: (replaced: Replaced) => Promise<LiveToken>,
  mend: string | undefined,
  options: TokenOptions = {},
): Policy {
  const source = tokenSource(context.host, context.isReplay ? async () => REPLAY_TOKEN : obtain);
  const attached = attacher(options.attach);
  const isExpired = ({ status }: HttpResponse): boolean => (options.expiredStatuses ?? [401]).includes(status);

  return (next) => async (request) => {
    const token = await source.current();
    const answer = await next(attached(request, token));
    if (!isExpired(answer)) return answer;
    // A refused request was not carried out, so any method may be sent again.
    const second = await next(attached(request, await source.after(token, answer)));
    if (second.status !== 401) return second;
    throw new SassyError('LOGIN_REFUSED', {
      message: `${context.title} refused the login`,
      why: `${nameOf(request)}: 401, also with a token got just now: ${readableError(second, context.redact)}`,
      ...(mend === undefined ? {} : { fix: mend }),
    });
  };
}

function attacher(place: TokenPlace = {}): (request: HttpRequest, token: string) => HttpRequest {
  const { query, cookie } = place;
  if (query !== undefined) return (request, token) => ({ ...request, url: addQuery(request.url, [[query, token]]) });
  if (cookie !== undefined) {
    return (request, token) => {
      const others = request.headers['cookie'];
      const value = `${others === undefined ? '' : `${others}; `}${cookie}=${token}`;
      return { ...request, headers: { ...request.headers, cookie: value } };
    };
  }
  const header = (place.header ?? 'authorization').toLowerCase();
  const scheme = place.scheme ?? (header === 'authorization' ? 'Bearer' : '');
  const before = scheme === '' ? '' : `${scheme} `;
  return (request, token) => ({ ...request, headers: { ...request.headers, [header]: `${before}${token}` } });
}
