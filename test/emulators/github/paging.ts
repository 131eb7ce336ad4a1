/** A refusal in GitHub's form: `{ message, documentation_url, status }`. */
export class ApiError extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
    this.headers = headers;
  }
}

export interface Paged<T> {
  readonly items: readonly T[];
  /** The `Link` header; undefined when everything is on one page. */
  readonly link: string | undefined;
}

const LARGEST_PAGE = 100;

/**
 * `page` and `per_page`. Links lead to `path`, which has the owner's or the repository's number in place of its name:
 * that is what GitHub really answers.
 */
export function byNumber<T>(origin: string, path: string, query: URLSearchParams, all: readonly T[]): Paged<T> {
  const size = pageSize(query);
  const page = Math.max(1, Number(query.get('page') ?? 1) || 1);
  const last = Math.max(1, Math.ceil(all.length / size));
  const items = all.slice((page - 1) * size, page * size);
  const to = (number: number, rel: string): string => link(origin, path, query, { page: String(number) }, rel);
  const links = [
    ...(page > 1 ? [to(page - 1, 'prev')] : []),
    ...(page < last ? [to(page + 1, 'next'), to(last, 'last')] : []),
    ...(page > 1 ? [to(1, 'first')] : []),
  ];
  return { items, link: links.length === 0 ? undefined : links.join(', ') };
}

/** `before`, `after` and `per_page`: the cursor holds the place of an item in the order, so that new items do not move it. */
export function byCursor<T>(
  origin: string,
  path: string,
  query: URLSearchParams,
  all: readonly T[],
  keyOf: (item: T) => readonly [time: string, id: string],
): Paged<T> {
  const size = pageSize(query);
  const after = query.get('after');
  const start = after === null ? 0 : placeAfter(all.map(keyOf), read(after));
  const items = all.slice(start, start + size);
  const lastItem = items.at(-1);
  const to = (name: string, item: T, rel: string): string =>
    link(origin, path, query, { [name]: Buffer.from(JSON.stringify(keyOf(item))).toString('base64') }, rel);
  const links = [
    ...(lastItem !== undefined && start + size < all.length ? [to('after', lastItem, 'next')] : []),
    ...(start > 0 && items[0] !== undefined ? [to('before', items[0], 'prev')] : []),
  ];
  return { items, link: links.length === 0 ? undefined : links.join(', ') };
}

function pageSize(query: URLSearchParams): number {
  const asked = Number(query.get('per_page') ?? 30);
  return Number.isInteger(asked) && asked > 0 ? Math.min(asked, LARGEST_PAGE) : 30;
}

/** Newest first: the place after the first key that is not newer than the cursor's. */
function placeAfter(keys: readonly (readonly [string, string])[], [time, id]: readonly [string, string]): number {
  const at = keys.findIndex(([itemTime, itemId]) => itemTime < time || (itemTime === time && itemId < id));
  return at < 0 ? keys.length : at;
}

function read(cursor: string): readonly [string, string] {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64').toString('utf8'));
    if (Array.isArray(value) && value.every((part) => typeof part === 'string'))
      return [value[0] ?? '', value[1] ?? ''];
  } catch {
    // Refused below, like any other text that is no cursor.
  }
  throw new ApiError(422, 'Invalid cursor');
}

function link(
  origin: string,
  path: string,
  query: URLSearchParams,
  changed: Record<string, string>,
  rel: string,
): string {
  const next = new URLSearchParams(query);
  for (const name of ['after', 'before']) next.delete(name);
  for (const [name, value] of Object.entries(changed)) next.set(name, value);
  return `<${origin}${path}?${next.toString()}>; rel="${rel}"`;
}
