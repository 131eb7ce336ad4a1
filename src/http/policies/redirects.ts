import { SassyError } from '../../errors/sassy-error.ts';
import type { HttpRequest, HttpResponse, Policy } from '../../model/http.ts';
import type { Egress } from '../egress.ts';
import { nameOf, type Voice } from '../refusal.ts';

/** As many as browsers and curl need for any real service, and few enough to see a circle soon. */
const MOST = 5;

/** 300 offers a choice and 304 is no redirect. */
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** What may follow a request to another host: nothing that could be a credential. */
const HARMLESS = new Set(['accept', 'accept-language', 'content-type', 'user-agent']);

/**
 * Follows redirects: at most five, within the places that the integration or the user has named, or EGRESS_DENIED before
 * anything is dialled. To another origin goes no login of any kind: no header, no cookie, no secret that the server has
 * put into the query; and it stays so, also when the way leads back. Each hop is paced and logged as a request.
 *
 * 301 and 302 turn a POST into a GET, 303 turns everything but HEAD into one, 307 and 308 change nothing (RFC 9110, 15.4).
 * A redirect without Location is handed on as it is.
 */
export function redirects(rule: Egress, voice: Voice): Policy {
  return (next) => async (request) => {
    let hop = request;
    for (let count = 0; ; count += 1) {
      const response = await next(hop);
      const { location } = response.headers;
      if (!REDIRECTS.has(response.status) || location === undefined || location.trim() === '') return response;
      if (count === MOST) throw tooMany(request, voice);
      hop = follow(hop, response, location, rule, voice);
    }
  };
}

function follow(
  request: HttpRequest,
  { status }: HttpResponse,
  location: string,
  rule: Egress,
  voice: Voice,
): HttpRequest {
  const target = location.length > 16 * 1024 ? null : URL.parse(location, request.url);
  if (target === null) {
    throw new SassyError('API_WRONG_ANSWER', {
      message: `${voice.title} redirects to something that is no URL`,
      why: `${nameOf(request)}: ${status}`,
    });
  }
  target.hash = '';
  rule(target.href, `The redirect (${status}) of ${nameOf(request)}`);
  target.search = withoutSecrets(target.search, voice);
  const isSame = target.origin === new URL(request.url).origin;
  const isGet = status === 303 ? request.method !== 'HEAD' : status < 303 && request.method === 'POST';
  const { body, ...rest } = request;
  const keepsBody = body !== undefined && !isGet;
  return {
    ...rest,
    method: isGet ? 'GET' : request.method,
    url: target.href,
    headers: Object.fromEntries(
      Object.entries(request.headers).filter(
        ([name]) => (isSame || HARMLESS.has(name)) && (!isGet || !name.startsWith('content-')),
      ),
    ),
    ...(keepsBody ? { body } : {}),
    ...(isSame ? {} : { anonymous: true }),
  };
}

/** A server may echo the key of a query login; where it belongs the login adds it again. */
function withoutSecrets(search: string, { redact }: Voice): string {
  const pairs = search.slice(1).split('&');
  const kept = pairs.filter((pair) => redact(pair) === pair);
  return kept.length === pairs.length ? search : kept.join('&');
}

function tooMany(request: HttpRequest, { title }: Voice): SassyError {
  return new SassyError('API_REFUSED', {
    message: `${title} redirects without end`,
    why: `${nameOf(request)}: the answer after ${MOST} redirects was another one`,
    fix: 'look at the path of the request and at the base URL: the service has moved, or sends browsers to a login page',
  });
}
