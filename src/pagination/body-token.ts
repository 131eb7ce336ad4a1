import { pointerReader } from '../util/json-pointer.ts';
import { withValueAt } from './json-place.ts';
import { capOf, type PageCap, type Paginator } from './paginator.ts';
import { tokenOf } from './token.ts';

export interface BodyTokenOptions extends PageCap {
  /** JSON pointer to the token in the answer: `/nextPageToken`. */
  readonly from: string;
  /** JSON pointer to its place in the next request's JSON body. Default: the same as `from`. */
  readonly to?: string;
  /** JSON pointer to a boolean in the answer that must not be false for the token to count: `/has_more`. */
  readonly more?: string;
  /** One handle for the whole listing: see Paginator. */
  readonly stateful?: boolean;
}

/**
 * A token in the answer that goes back inside the JSON body of the next POST (searches; AWS: `NextToken`). Say
 * `idempotent: true` on the request, or a failed page is not asked for again.
 */
export function bodyToken(options: BodyTokenOptions): Paginator {
  const { from, to = from, more, stateful } = options;
  const read = pointerReader(from);
  const readMore = more === undefined ? undefined : pointerReader(more);
  return {
    ...capOf(options),
    ...(stateful === undefined ? {} : { stateful }),
    next({ request, json }) {
      const token = tokenOf(read(json));
      if (token === undefined || readMore?.(json) === false) return undefined;
      return { ...request, json: withValueAt(request.json, to, token) };
    },
  };
}
