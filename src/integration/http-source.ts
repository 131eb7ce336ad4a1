import { SassyError } from '../errors/sassy-error.ts';
import type { HttpRequest, JsonResponse, PageRequest } from '../model/http.ts';
import type { Page, PageOrigin, PageToken } from '../model/page.ts';
import type { PageSource } from '../model/stream.ts';
import { loopGuard } from '../pagination/loop-guard.ts';
import { type PageAnswer, type Paginator, singlePage } from '../pagination/paginator.ts';
import { isObject } from '../util/json.ts';
import { type RecordSelector, recordsAt, wholePointer } from './record-selector.ts';
import { guardedSlice, type RequestContext } from './request-context.ts';

/** What is peculiar to one REST stream. */
export interface HttpSourceOptions<Config> {
  /** The first page of a slice. */
  readonly request: (context: RequestContext<Config>) => PageRequest;
  /** Where the records lie in an answer, as a JSON pointer or a function. Default `''`: the body itself is the array. */
  readonly records?: string | RecordSelector;
  /** How one page leads to the next. Default: there is one page. */
  readonly paginator?: Paginator;
}

/**
 * A stream's pages by HTTP: asks for a page, takes the records out of it, lets the paginator say what comes next, until
 * there is nothing. The token of a page is the next request as plain data, so any later run can go on with it.
 *
 * Rejects with API_WRONG_ANSWER when the records are not where they should be, with PAGINATION_LOOP when a page comes
 * round again, and with what the client rejects with.
 */
export function httpSource<Config>(options: HttpSourceOptions<Config>): PageSource<Config> {
  const { request: first, records = '', paginator = singlePage() } = options;
  const select = typeof records === 'string' ? recordsAt(records) : records;
  return {
    recordsPointer: typeof records === 'string' ? wholePointer(records) : undefined,
    select,
    read({ config, slice, since, from, http, signal }) {
      const guard = loopGuard(paginator.stateful === true ? { stateful: true } : {});
      const start = from === undefined ? first({ config, slice: guardedSlice(slice), since }) : fromToken(from);
      const answerTo = async (request: PageRequest, isFirst: boolean): Promise<Answered> => {
        signal.throwIfAborted();
        guard.request(request);
        checkCap(request, paginator);
        const response: JsonResponse = await http.send(isFirst ? request : { ...request, continues: true });
        const records = select(response.json);
        guard.answer(records.length, response.bytes);
        const answer: PageAnswer = {
          request,
          url: response.request.url,
          json: response.json,
          headers: response.headers,
          recordCount: records.length,
          records,
        };
        const overlap = paginator.overlap?.(answer) ?? 0;
        const next = counted(paginator.next(answer), request, paginator);
        return { page: { ...toPage(response, records, next), ...(overlap === 0 ? {} : { overlap }) }, next };
      };
      return pageAfterPage(start, from === undefined, answerTo);
    },
  };
}

interface Answered {
  readonly page: Page;
  readonly next: PageRequest | undefined;
}

/**
 * Not a generator: one that waits for its next page keeps all that it had in hand for the page before, records and bytes.
 * Ten of them cost the garbage collector as much as all other work on the pages.
 */
function pageAfterPage(
  start: PageRequest,
  startIsFirst: boolean,
  answerTo: (request: PageRequest, isFirst: boolean) => Promise<Answered>,
): AsyncIterableIterator<Page> {
  let request: PageRequest | undefined = start;
  let isFirst = startIsFirst;
  const pages: AsyncIterableIterator<Page> = {
    async next() {
      if (request === undefined) return { done: true, value: undefined };
      const asked = request;
      // After an error there is no page to go on from.
      request = undefined;
      const { page, next } = await answerTo(asked, isFirst);
      request = next;
      isFirst = false;
      return { done: false, value: page };
    },
    async return() {
      request = undefined;
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]: () => pages,
  };
  return pages;
}

/** Which page of its pass a request asks for, from 1. Kept for paginators with a cap alone. */
function pageOf(request: PageRequest): number {
  const page = request.memo?.['page'];
  return typeof page === 'number' ? page : 1;
}

function counted(next: PageRequest | undefined, before: PageRequest, { maxPages }: Paginator): PageRequest | undefined {
  if (next === undefined || maxPages === undefined) return next;
  return { ...next, memo: { ...next.memo, page: pageOf(before) + 1 } };
}

/** Checked when the page after the cap is asked for: the pages before it are stored, and the state stands there. */
function checkCap(request: PageRequest, { maxPages }: Paginator): void {
  if (maxPages === undefined || pageOf(request) <= maxPages) return;
  throw new SassyError('PAGE_CAP', {
    message: `The list ${request.path.split('?', 1)[0] ?? ''} has more than ${maxPages} ${maxPages === 1 ? 'page' : 'pages'}`,
    why: `the paginator of the stream has maxPages: ${maxPages}, and the API names another page`,
  });
}

function toPage(response: JsonResponse, records: readonly unknown[], next: PageRequest | undefined): Page {
  return {
    request: originOf(response.request),
    status: response.status,
    contentType: response.headers['content-type'] ?? 'application/json',
    bytes: response.bytes,
    isJson: true,
    records,
    next: next === undefined ? undefined : toToken(next),
    ...serverTime(response.headers['date']),
  };
}

/** https://www.rfc-editor.org/rfc/rfc9110#field.date: always GMT, so nothing here reads local time. */
function serverTime(date: string | undefined): { readonly serverTime?: string } {
  const ms = date?.endsWith(' GMT') === true ? Date.parse(date) : Number.NaN;
  return Number.isNaN(ms) ? {} : { serverTime: new Date(ms).toISOString() };
}

/** The client's own request, before any policy has put credentials on it; its headers are not kept at all. */
function originOf({ method, url, body }: HttpRequest): PageOrigin {
  return body === undefined ? { method, url } : { method, url, body };
}

function toToken(request: PageRequest): PageToken {
  return { ...request };
}

function fromToken(token: PageToken): PageRequest {
  if (isPageRequest(token)) return token;
  throw new SassyError('STORE_CORRUPT', {
    message: 'The page to go on with is no request',
    why: `it has ${Object.keys(token).join(', ') || 'no fields'}, and a path is missing`,
    fix: 'run the stream with --full to read it from its first page',
  });
}

function isPageRequest(token: PageToken): token is PageToken & PageRequest {
  const { path, query, headers, method, memo } = token;
  return (
    typeof path === 'string' &&
    (query === undefined || isObject(query)) &&
    (headers === undefined || isObject(headers)) &&
    (memo === undefined || isObject(memo)) &&
    (method === undefined || method === 'GET' || method === 'POST')
  );
}
