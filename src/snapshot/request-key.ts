import { canonicalJson } from '../util/json.ts';

/** The parts of a request that tell it from others, made comparable. */
export interface RequestKey {
  readonly method: string;
  readonly path: string;
  /** Sorted by name; several values of one name keep their order. */
  readonly query: readonly (readonly [name: string, value: string])[];
  /** JSON with sorted keys; a form with sorted fields; else as it is. */
  readonly body: string;
  /** Which identity asks: two of them see different things under one URL. */
  readonly as?: string;
}

export interface KeyedRequest {
  readonly method: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: string | undefined;
  readonly as?: string | undefined;
}

/** What a request is known by: method, path, query, body and identity. Headers and the order of parameters do not count. */
export function requestKey(request: KeyedRequest): RequestKey {
  const url = new URL(request.url);
  return {
    method: request.method.toUpperCase(),
    path: url.pathname.replace(/%3C(secret:\d+)%3E/gi, '<$1>'),
    query: byName(url.searchParams),
    body: comparableBody(request),
    ...(request.as === undefined ? {} : { as: request.as }),
  };
}

/** The same text for the same request. */
export function keyText(key: RequestKey): string {
  return JSON.stringify([key.method, key.path, key.query, key.body, ...(key.as === undefined ? [] : [key.as])]);
}

/** True when a key, recorded with placeholders, stands for many requests. */
export function hasPlaceholder(key: RequestKey): boolean {
  return PLACEHOLDER.test(keyText(key));
}

/** True when both are one request, where a placeholder in the recorded one stands for any text. */
export function isSameRequest(recorded: RequestKey, asked: RequestKey): boolean {
  return (
    recorded.method === asked.method &&
    isSameText(recorded.path, asked.path) &&
    recorded.query.length === asked.query.length &&
    recorded.query.every(([name, value], index) => {
      const [askedName, askedValue] = asked.query[index] ?? ['', ''];
      return name === askedName && isSameText(value, askedValue);
    }) &&
    isSameText(recorded.body, asked.body) &&
    recorded.as === asked.as
  );
}

const PLACEHOLDER = /<secret:\d+>/;

/** Each placeholder in `recorded` matches any text, also none. */
export function isSameText(recorded: string, asked: string): boolean {
  const [first = '', ...rest] = recorded.split(/<secret:\d+>/);
  const last = rest.pop();
  if (last === undefined) return recorded === asked;
  if (!asked.startsWith(first)) return false;
  let at = first.length;
  for (const piece of rest) {
    const found = asked.indexOf(piece, at);
    if (found === -1) return false;
    at = found + piece.length;
  }
  return asked.length - last.length >= at && asked.endsWith(last);
}

function comparableBody(request: KeyedRequest): string {
  const body = request.body ?? '';
  if (body === '') return '';
  if (request.headers?.['content-type']?.toLowerCase().startsWith('application/x-www-form-urlencoded')) {
    return JSON.stringify(byName(new URLSearchParams(body)));
  }
  try {
    return canonicalJson(JSON.parse(body));
  } catch {
    return body;
  }
}

function byName(parameters: URLSearchParams): (readonly [string, string])[] {
  return [...parameters].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}
