import { pointerReader } from '../util/json-pointer.ts';
import { capOf, type PageCap, type Paginator } from './paginator.ts';
import { tokenOf } from './token.ts';

export interface BodyCursorOptions extends PageCap {
  /** JSON pointer to the token in the body: `/meta/next_cursor`. */
  readonly from: string;
  /** The name in the query under which it is sent back. */
  readonly to: string;
  /** JSON pointer to a boolean that must not be false for the token to count: `/has_more`. */
  readonly more?: string;
  /** One handle for the whole listing: see Paginator. */
  readonly stateful?: boolean;
}

/** A token in the body that is sent back with the next request. Absent, null or empty: this was the last page. */
export function bodyCursor(options: BodyCursorOptions): Paginator {
  const { from, to, more, stateful } = options;
  const read = pointerReader(from);
  const readMore = more === undefined ? undefined : pointerReader(more);
  return {
    ...capOf(options),
    reads: [from, ...(more === undefined ? [] : [more])],
    ...(stateful === undefined ? {} : { stateful }),
    next({ request, json }) {
      const token = tokenOf(read(json));
      if (token === undefined || readMore?.(json) === false) return undefined;
      return { ...request, query: { ...request.query, [to]: token } };
    },
  };
}
