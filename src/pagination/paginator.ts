import type { PageRequest } from '../model/http.ts';

/** A page that came, as a paginator sees it. */
export interface PageAnswer {
  readonly request: PageRequest;
  /** The absolute URL that was fetched, without credentials. */
  readonly url: string;
  readonly json: unknown;
  /** Header names are lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Records in the page as the vendor sent it, before anything is filtered. */
  readonly recordCount: number;
}

/** How an API leads from one page to the next. Without memory: the next page follows from this one alone. */
export interface Paginator {
  /**
   * The page after this one; undefined when this is the last. Plain data: it is kept in the state, and a later run goes
   * on with it. A next page that cannot be read or lies on another host is an error, never an end.
   */
  next(answer: PageAnswer): PageRequest | undefined;
}

/** For requests that bring everything at once. */
export function singlePage(): Paginator {
  return { next: () => undefined };
}
