import { pointerReader } from '../util/json-pointer.ts';
import { withValueAt } from './json-place.ts';
import { capOf, type PageCap, type Paginator } from './paginator.ts';
import { tokenOf } from './token.ts';

export interface BodyTokenOptions extends PageCap {
  /** JSON pointer to the token in the answer: `/nextPageToken`. */
  readonly from: string;
  /** JSON pointer to its place in the next request's JSON body, or `/` and its name in a form. Default: the same as `from`. */
  readonly to?: string;
  /** JSON pointer to a boolean (in XML a text) in the answer that must not be false for the token to count: `/has_more`. */
  readonly more?: string;
  /** One handle for the whole listing: see Paginator. */
  readonly stateful?: boolean;
}

/**
 * A token in the answer that goes back inside the body, JSON or form, of the next POST (searches; AWS: `NextToken`). Say
 * `idempotent: true` on the request, or a failed page is not asked for again.
 */
export function bodyToken(options: BodyTokenOptions): Paginator {
  const { from, to = from, more, stateful } = options;
  const read = pointerReader(from);
  const readMore = more === undefined ? undefined : pointerReader(more);
  return {
    ...capOf(options),
    reads: [from, ...(more === undefined ? [] : [more])],
    ...(stateful === undefined ? {} : { stateful }),
    next({ request, json }) {
      const token = tokenOf(read(json));
      if (token === undefined || isFalse(readMore?.(json))) return undefined;
      if (request.form !== undefined) return { ...request, form: { ...request.form, [to.slice(1)]: token } };
      return { ...request, json: withValueAt(request.json, to, token) };
    },
  };
}

/** XML has no booleans. */
function isFalse(value: unknown): boolean {
  return value === false || value === 'false';
}
