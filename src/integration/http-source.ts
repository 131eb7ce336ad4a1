import { SassyError } from '../errors/sassy-error.ts';
import { json } from '../http/json-body.ts';
import type { BodyFormat } from '../model/body-format.ts';
import type { JsonResponse, PageRequest } from '../model/http.ts';
import type { KnownPage, Page, PageOrigin, PageToken } from '../model/page.ts';
import type { PageSource } from '../model/stream.ts';
import { loopGuard } from '../pagination/loop-guard.ts';
import { smallerPage, withPageSize } from '../pagination/page-size.ts';
import { type PageAnswer, type Paginator, singlePage } from '../pagination/paginator.ts';
import { isObject } from '../util/json.ts';
import { asConditional, knownPage, mayHaveGrown, validatorsOf } from './conditional.ts';
import { httpPage, originOf } from './http-page.ts';
import { PartialBody, partialJson } from './partial-body.ts';
import type { RecordPlan } from './record-plan.ts';
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
  /** How bodies are asked for and read. Default `json()`. */
  readonly format?: BodyFormat;
}

/**
 * A stream's pages by HTTP: asks for a page, takes the records out of it, lets the paginator say what comes next, until
 * there is nothing. The token of a page is the next request as plain data, so any later run can go on with it.
 *
 * Rejects with API_WRONG_ANSWER when the records are not where they should be, with PAGINATION_LOOP when a page comes
 * round again, and with what the client rejects with.
 */
export function httpSource<Config>(options: HttpSourceOptions<Config>): PageSource<Config> {
  return plannedSource(options, undefined);
}

/** The same; by `plan` its pages have records that were read in part. For those alone who know that of them. */
export function plannedSource<Config>(
  options: HttpSourceOptions<Config>,
  plan: RecordPlan | undefined,
): PageSource<Config> {
  const { request: first, records = '', paginator = singlePage(), format = json() } = options;
  const partial =
    plan !== undefined && typeof records === 'string' && format === json()
      ? partialJson(records, plan, paginator)
      : undefined;
  const select = typeof records === 'string' ? recordsAt(records) : records;
  return {
    recordsPointer: typeof records === 'string' ? wholePointer(records) : undefined,
    selectsAsIs: typeof records === 'string',
    select,
    ...(options.format === undefined ? {} : { format }),
    read(context) {
      const { config, slice, since, until, from, http, signal } = context;
      const guard = loopGuard(paginator.stateful === true ? { stateful: true } : {});
      const start = from === undefined ? first({ config, slice: guardedSlice(slice), since, until }) : fromToken(from);
      const clean = (next: PageRequest | undefined): PageRequest | undefined => next && http.withoutSecrets(next);
      const answerTo = async (request: PageRequest, isFirst: boolean): Promise<Answered> => {
        signal.throwIfAborted();
        guard.request(request);
        checkCap(request, paginator);
        for (let asked = request; ;) {
          try {
            return await answerOf(asked, isFirst);
          } catch (error) {
            const smaller = smallerPage(asked, error, paginator.pageSize);
            if (smaller === undefined) throw error;
            asked = smaller;
          }
        }
      };
      const answerOf = async (request: PageRequest, isFirst: boolean): Promise<Answered> => {
        const send = (asked: PageRequest): Promise<JsonResponse> => {
          const sized = withPageSize(asked, paginator.pageSize);
          return http.send(isFirst ? sized : { ...sized, continues: true }, partial ?? format);
        };
        const known = await knownPage(context, withPageSize(request, paginator.pageSize), paginator);
        let response = await send(known === undefined ? request : asConditional(request, known));
        if (response.status === 304 && known !== undefined) {
          if (!mayHaveGrown(request, response, known, paginator)) {
            guard.answer(known.recordCount);
            return unchanged(request, response, known, paginator);
          }
          response = await send(request);
        }
        const { json: body } = response;
        const isPartial = body instanceof PartialBody;
        const records = isPartial ? body.records : select(body, { slice, request: originOf(response.request) });
        guard.answer(records.length, response.bytes);
        const answer = toAnswer(request, response, records);
        const overlap = paginator.overlap?.(answer) ?? 0;
        const next = clean(counted(paginator.next(answer), request, paginator));
        const page = {
          ...httpPage(response, records, next),
          isJson: format.isJson,
          ...(isPartial
            ? { partial: body, again: body.again }
            : { again: readAgain(response, (read, request) => select(read, { slice, request }), format) }),
        };
        const validators = context.known === undefined ? undefined : validatorsOf(response.headers, page.next);
        return {
          page: {
            ...page,
            ...(overlap === 0 ? {} : { overlap }),
            ...(validators === undefined ? {} : { validators }),
          },
          next,
        };
      };
      return pageAfterPage(start, from === undefined, answerTo);
    },
  };
}

interface Answered {
  readonly page: Page;
  readonly next: PageRequest | undefined;
}

function toAnswer(request: PageRequest, response: JsonResponse, records: readonly unknown[]): PageAnswer {
  return {
    request,
    url: response.request.url,
    ...(response.request.serviceOrigin === undefined ? {} : { serviceOrigin: response.request.serviceOrigin }),
    headers: response.headers,
    recordCount: records.length,
    ...(response.json instanceof PartialBody ? { json: response.json.around } : { json: response.json, records }),
  };
}

/** A 304: what followed the stored page follows this one, unless the answer itself says what does. */
function unchanged(request: PageRequest, response: JsonResponse, known: KnownPage, paginator: Paginator): Answered {
  const { commit, page, recordCount, validators } = known;
  const isTold = paginator.inHeaders === true && response.headers['link'] !== undefined;
  const after = isTold
    ? paginator.next({ ...toAnswer(request, response, []), recordCount })
    : validators.next === undefined
      ? undefined
      : fromToken(validators.next);
  const next = counted(after, request, paginator);
  const made = httpPage(response, [], next);
  const { next: _before, ...old } = validators;
  const asked = made.next === undefined ? old : { ...old, next: made.next };
  return {
    page: {
      ...made,
      unchanged: { commit, page, recordCount },
      validators: validatorsOf(response.headers, made.next) ?? asked,
    },
    next,
  };
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

/** A scope of its own: what it gives holds neither the bytes nor the records that were read from them. */
function readAgain(
  { request }: JsonResponse,
  recordsOf: (body: unknown, request: PageOrigin) => readonly unknown[],
  format: BodyFormat,
): (bytes: Buffer) => (index: number) => unknown {
  const origin = originOf(request);
  return (bytes) => {
    const records = recordsOf(format.parse(bytes), origin);
    return (index) => records[index];
  };
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
