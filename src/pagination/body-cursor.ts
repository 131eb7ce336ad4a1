import { pointerReader } from '../util/json-pointer.ts';
import { notALink } from './next-link.ts';
import type { Paginator } from './paginator.ts';

export interface BodyCursorOptions {
  /** JSON pointer to the token in the body: `/meta/next_cursor`. */
  readonly from: string;
  /** The name in the query under which it is sent back. */
  readonly to: string;
  /** JSON pointer to a boolean that must not be false for the token to count: `/has_more`. */
  readonly more?: string;
}

/** A token in the body that is sent back with the next request. Absent, null or empty: this was the last page. */
export function bodyCursor({ from, to, more }: BodyCursorOptions): Paginator {
  const read = pointerReader(from);
  const readMore = more === undefined ? undefined : pointerReader(more);
  return {
    next({ request, json }) {
      const token = read(json);
      if (token === undefined || token === null || token === '' || readMore?.(json) === false) return undefined;
      if (typeof token !== 'string' && typeof token !== 'number') throw notALink(token);
      return { ...request, query: { ...request.query, [to]: token } };
    },
  };
}
