import { SassyError } from '../errors/sassy-error.ts';
import type { PageRequest } from '../model/http.ts';
import type { PageAnswer } from './paginator.ts';

/** No real link is as long; servers and logs refuse it long before. */
const LONGEST_LINK = 16 * 1024;

/**
 * The request that a vendor's link to the next page asks for. The link may be absolute, relative to the page, or
 * relative to the API with or without the path of its base URL. Its query is laid over the one of the page before,
 * letter by letter, so that a page size, a version or a filter that the vendor leaves out stays.
 *
 * Where the user's base URL stands in for the service, links of the service to itself mean that base URL.
 * Rejects with EGRESS_DENIED when the link leaves the origin of the page (another host, port or scheme, or a user name
 * in it), with API_WRONG_ANSWER when it is no link.
 */
export function nextLink(link: string, answer: PageAnswer): PageRequest {
  if (link.length > LONGEST_LINK) throw noLink(`it has ${link.length} characters`);
  const here = new URL(answer.url);
  const target = URL.parse(link, answer.url);
  if (target === null) throw noLink('it is not a URL');
  const isHere = target.origin === here.origin || target.origin === answer.serviceOrigin;
  if (!isHere || target.username !== '' || target.password !== '') throw otherHost(target, here);
  const { request } = answer;
  const start = request.path.indexOf('?');
  const path = start < 0 ? request.path : request.path.slice(0, start);
  const written = start < 0 ? '' : request.path.slice(start + 1);
  const linked = target.search.slice(1);
  const names = namesIn(linked);
  const kept = written.split('&').filter((pair) => pair !== '' && !namesIn(pair).some((name) => names.includes(name)));
  const query = Object.fromEntries(Object.entries(request.query ?? {}).filter(([name]) => !names.includes(name)));
  const whole = [...kept, ...(linked === '' ? [] : [linked])].join('&');
  const { query: _before, ...rest } = request;
  return {
    ...rest,
    path: nextPath(target.pathname, here.pathname, path) + (whole === '' ? '' : `?${whole}`),
    ...(Object.keys(query).length === 0 ? {} : { query }),
  };
}

/**
 * The link's path, below the base. Snyk's links come as `/rest/orgs/…` and as `/orgs/…` for the same page, and a base
 * URL set by the user may have a path of its own in front.
 */
function nextPath(linked: string, here: string, path: string): string {
  if (here.endsWith(linked) && linked !== '/') return path;
  const base = here.endsWith(path) ? here.slice(0, here.length - path.length) : '';
  for (const prefix of endings(base)) if (linked.startsWith(`${prefix}/`)) return linked.slice(prefix.length);
  return linked;
}

/** `/prefix/rest` → `/prefix/rest`, `/rest`. */
function endings(base: string): readonly string[] {
  const starts = [...base.matchAll(/\//g)].map((match) => match.index);
  return starts.map((start) => base.slice(start));
}

function namesIn(query: string): readonly string[] {
  return [...new URLSearchParams(query).keys()];
}

function otherHost(target: URL, here: URL): SassyError {
  const withUser = target.username !== '' || target.password !== '';
  const where = target.host === '' ? target.protocol : target.origin === 'null' ? target.host : target.origin;
  return new SassyError('EGRESS_DENIED', {
    message: `The link to the next page points to ${where}${withUser ? ' with a user name in it' : ''}, and only ${here.origin} is asked`,
    why: 'a link in an answer is the word of the server, and following it would hand data and login to another host',
    fix: `if the service really lives at ${where} and you trust it, make it the base URL (baseUrl) of the connection`,
  });
}

function noLink(why: string): SassyError {
  return new SassyError('API_WRONG_ANSWER', { message: 'The link to the next page cannot be followed', why });
}

/** For a value in the place of a link that is neither a link nor nothing. */
export function notALink(value: unknown): SassyError {
  return noLink(`there is a value of type ${Array.isArray(value) ? 'array' : typeof value} in its place`);
}
