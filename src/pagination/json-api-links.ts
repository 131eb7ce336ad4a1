import { isObject } from '../util/json.ts';
import { pointerReader } from '../util/json-pointer.ts';
import { nextLink, notALink } from './next-link.ts';
import type { Paginator } from './paginator.ts';

/**
 * JSON:API (https://jsonapi.org/format/#document-links): `links.next` holds the next page as a string or as
 * `{ "href": … }`. Absent, null or empty: this was the last page.
 *
 * @param at where the link lies, as a JSON pointer
 */
export function jsonApiLinks({ at = '/links/next' }: { readonly at?: string } = {}): Paginator {
  const read = pointerReader(at);
  return {
    next(answer) {
      const found = read(answer.json);
      const link = isObject(found) && 'href' in found ? found['href'] : found;
      if (link === undefined || link === null || link === '') return undefined;
      if (typeof link !== 'string') throw notALink(link);
      return nextLink(link, answer);
    },
  };
}
