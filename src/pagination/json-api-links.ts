import { isObject } from '../util/json.ts';
import { pointerReader } from '../util/json-pointer.ts';
import { nextLink, notALink } from './next-link.ts';
import { capOf, type PageCap, type Paginator } from './paginator.ts';

export interface JsonApiLinksOptions extends PageCap {
  /** JSON pointer to the link. Default `/links/next`. */
  readonly at?: string;
}

/**
 * JSON:API (https://jsonapi.org/format/#document-links): `links.next` holds the next page as a string or as
 * `{ "href": … }`. Absent, null or empty: this was the last page.
 */
export function jsonApiLinks(options: JsonApiLinksOptions = {}): Paginator {
  const at = options.at ?? '/links/next';
  const read = pointerReader(at);
  return {
    ...capOf(options),
    reads: [at],
    next(answer) {
      const found = read(answer.json);
      const link = isObject(found) && 'href' in found ? found['href'] : found;
      if (link === undefined || link === null || link === '') return undefined;
      if (typeof link !== 'string') throw notALink(link);
      return nextLink(link, answer);
    },
  };
}

/** A link to the next page anywhere in the body: `bodyLink({ at: '/@odata.nextLink' })`. Same rules as JSON:API's. */
export function bodyLink(options: PageCap & { readonly at: string }): Paginator {
  return jsonApiLinks(options);
}
