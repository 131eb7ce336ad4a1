import type { PageRequest } from '../model/http.ts';

/** A page that came, as a paginator sees it. */
export interface PageAnswer {
  readonly request: PageRequest;
  /** The absolute URL that was fetched, without credentials. */
  readonly url: string;
  /** The service's own origin, where the user's base URL stands in for it: a link to it means the base URL. */
  readonly serviceOrigin?: string;
  readonly json: unknown;
  /** Header names are lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Records in the page as the vendor sent it, before anything is filtered. */
  readonly recordCount: number;
  /** The records themselves, in the vendor's order. Not there for paginators that say what they read. */
  readonly records?: readonly unknown[];
}

/** How an API leads from one page to the next. Without memory: the next page follows from this one alone. */
export interface Paginator extends PageCap {
  /**
   * The page after this one; undefined when this is the last. Plain data: it is kept in the state, and a later run goes
   * on with it; what the paginator itself must remember goes into `memo`. A next page that cannot be read or lies on
   * another host is an error, never an end.
   */
  next(answer: PageAnswer): PageRequest | undefined;
  /** How many of the first records of this page repeat the page before. Default: none. */
  overlap?(answer: PageAnswer): number;
  /**
   * True where the API gives one opaque handle for the whole listing and each request with it brings other records: the
   * same request is then no loop, only the same request with the same answer is.
   */
  readonly stateful?: boolean;
  /**
   * JSON pointers to all that `next` and `overlap` look at in the body. The answer it gets may then have an empty list in the place of the
   * records, and no `records`. Default: it may look at anything.
   */
  readonly reads?: readonly string[];
  /** True where `next` looks at the headers of the answer alone, so that an answer without a body is enough for it. */
  readonly inHeaders?: boolean;
}

/** What every paginator's options have. */
export interface PageCap {
  /**
   * The most pages that one pass may read. A page after it is an error (PAGE_CAP), never an end: for APIs that serve only
   * the first so many, and for lists that should be short. Default: as many as there are.
   */
  readonly maxPages?: number;
  /** Lets pages shrink where the API fails over large ones. Not with `pageNumber`: its pages are counted. */
  readonly pageSize?: PageSize;
}

/**
 * Where a request says how many records a page may have. When the API answers 413, or three times in a row with 500, 502,
 * 503, 504 or not in time, the page is asked for with half of that, and all after it.
 */
export interface PageSize {
  /** The name in the query: `limit`. */
  readonly query?: string;
  /** Or a JSON pointer in the body of a POST: `/variables/first`. */
  readonly json?: string;
  /** No page is made smaller than this. Default 1. */
  readonly least?: number;
}

/** For requests that bring everything at once. */
export function singlePage(): Paginator {
  return { reads: [], next: () => undefined };
}

/** The cap and the size among the options of a paginator, to be spread into it. */
export function capOf({ maxPages, pageSize }: PageCap): PageCap {
  return {
    ...(maxPages === undefined ? {} : { maxPages }),
    ...(pageSize === undefined ? {} : { pageSize }),
  };
}
