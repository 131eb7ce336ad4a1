import { SassyError } from '../errors/sassy-error.ts';
import type { PageRequest } from '../model/http.ts';
import { isObject } from '../util/json.ts';

/**
 * Where requests go: the service's own base URL, or, when the user gave one, that with the canonical path kept.
 * `https://api.snyk.io/rest` and `http://h:8080/prefix` give `http://h:8080/prefix/rest`; a path that is already at
 * the end is not doubled. Without a slash at the end. CONFIG_INVALID for anything but a plain http(s) URL.
 */
export function effectiveBase(canonical: string, given?: string): string {
  const own = parseBase(canonical, 'DEFINITION', 'the base URL of the integration');
  if (given === undefined || given === '') return own.origin + own.path;
  const users = parseBase(given, 'CONFIG_INVALID', 'baseUrl');
  return users.origin + (`${users.path}/`.endsWith(`${own.path}/`) ? users.path : users.path + own.path);
}

/** The base URL that the user typed, when the config has one. */
export function givenBase(config: unknown): string | undefined {
  const given = isObject(config) ? config['baseUrl'] : undefined;
  return typeof given === 'string' && given !== '' ? given : undefined;
}

function parseBase(
  text: string,
  code: 'DEFINITION' | 'CONFIG_INVALID',
  name: string,
): { origin: string; path: string } {
  const url = URL.parse(text.trim());
  const wrong =
    url === null || (url.protocol !== 'https:' && url.protocol !== 'http:') || url.hostname === 'unix'
      ? 'it is not an http or https URL'
      : url.username !== '' || url.password !== ''
        ? 'it holds a user name or a password'
        : url.search !== '' || url.hash !== ''
          ? 'it holds a query or a fragment'
          : undefined;
  if (url === null || wrong !== undefined) {
    const fix = 'write it like https://host or https://host:port/path';
    throw new SassyError(code, { message: `${name} cannot be used`, why: wrong ?? 'it is not a URL', fix });
  }
  return { origin: url.origin, path: url.pathname.replace(/\/+$/, '') };
}

/**
 * The absolute URL of a page: base, path, then the query in the order path, request, `defaults` (those not given yet).
 * A query written in the path is kept letter by letter, so that opaque page tokens stay as the vendor wrote them.
 */
export function pageUrl(base: string, request: PageRequest, defaults: Readonly<Record<string, string>> = {}): string {
  const { path, query = {} } = request;
  if (!path.startsWith('/')) {
    const fix = `write it as "/${path.replace(/^[a-z]+:\/*/i, '')}"`;
    throw new SassyError('DEFINITION', { message: `The path of a request does not start with a slash: ${path}`, fix });
  }
  const start = path.indexOf('?');
  const written =
    start < 0
      ? []
      : path
          .slice(start + 1)
          .split('&')
          .filter((pair) => pair !== '');
  const given = written.filter((pair) => query[nameIn(pair)] === undefined);
  const names = new Set([...given.map(nameIn), ...Object.keys(query)]);
  const pairs = [
    ...given,
    ...Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [encodePair(name, String(value))])),
    ...Object.entries(defaults).flatMap(([name, value]) => (names.has(name) ? [] : [encodePair(name, value)])),
  ];
  const url = base + (start < 0 ? path : path.slice(0, start));
  return pairs.length === 0 ? url : `${url}?${pairs.join('&')}`;
}

/** The URL with more pairs at the end of its query. */
export function addQuery(url: string, pairs: readonly (readonly [name: string, value: string])[]): string {
  const more = pairs.map(([name, value]) => encodePair(name, value)).join('&');
  return `${url}${url.includes('?') ? '&' : '?'}${more}`;
}

/** `%20` for a space, never `+`: the one spelling that every server reads alike. */
function encodePair(name: string, value: string): string {
  return `${encodeURIComponent(name)}=${encodeURIComponent(value)}`;
}

function nameIn(pair: string): string {
  const name = pair.split('=', 1)[0] ?? '';
  try {
    return decodeURIComponent(name.replaceAll('+', ' '));
  } catch {
    return name;
  }
}
