import { SassyError } from '../errors/sassy-error.ts';
import { httpDateMs } from '../http/policies/retry-after.ts';
import type { JsonResponse, PageRequest } from '../model/http.ts';
import type { KnownPage, PageToken, PageValidators } from '../model/page.ts';
import type { ReadContext } from '../model/stream.ts';
import type { Paginator } from '../pagination/paginator.ts';

/** A change within the same second may keep the date; clocks of one service differ a little (RFC 9110, 8.8.2.2). */
const SETTLED_MS = 60_000;

/** Real ones have some 70 characters. */
const LONGEST_ETAG = 512;

/** The names under which APIs take the size of a page. */
const SIZES = /^(per_?page|page_?size|limit|count|first|size|max_?results)$/i;

/**
 * The page that the last complete listing got for this request. Undefined where it is not to be asked about: the stream
 * does not say `conditional`, there is none, or it is no GET.
 *
 * @throws SassyError DEFINITION for a paginator that must see the records of each page
 */
export async function knownPage(
  { known, http }: Pick<ReadContext, 'known' | 'http'>,
  request: PageRequest,
  paginator: Paginator,
): Promise<KnownPage | undefined> {
  if (known === undefined || (request.method ?? 'GET') !== 'GET') return undefined;
  if (paginator.overlap !== undefined || paginator.stateful === true) {
    throw new SassyError('DEFINITION', {
      message: 'A stream that says conditional: true is read with a paginator that must see the records of each page',
      why: 'offset() compares the last record of a page with the first of the next, and an unchanged page has no body',
      fix: 'leave conditional out',
    });
  }
  return known(http.originOf(request));
}

/** The request that asks for the page only if it is not the known one. */
export function asConditional(request: PageRequest, { validators }: KnownPage): PageRequest {
  const { etag, lastModified } = validators;
  const condition = etag === undefined ? { 'if-modified-since': lastModified ?? '' } : { 'if-none-match': etag };
  return { ...request, headers: { ...request.headers, ...condition } };
}

/** What to keep with a page so that it can be asked about again; undefined where its answer has nothing for that. */
export function validatorsOf(
  headers: JsonResponse['headers'],
  next: PageToken | undefined,
): PageValidators | undefined {
  const { etag } = headers;
  if (etag !== undefined && etag.length <= LONGEST_ETAG && /^(W\/)?"[\x21\x23-\x7e\x80-\xff]*"$/.test(etag))
    return { etag, ...nextOf(next) };
  const lastModified = headers['last-modified'];
  const changed = httpDateMs(lastModified ?? '');
  const answered = httpDateMs(headers['date'] ?? '');
  if (lastModified === undefined || changed === undefined || answered === undefined) return undefined;
  return answered - changed < SETTLED_MS ? undefined : { lastModified, ...nextOf(next) };
}

function nextOf(next: PageToken | undefined): Pick<PageValidators, 'next'> {
  return next === undefined ? {} : { next };
}

/**
 * True when a 304 leaves open whether there is a page after this one: the link stood in a header, the 304 has none, and
 * the page was the last. A full page may be followed by a new one and be the same to the letter.
 */
export function mayHaveGrown(
  request: PageRequest,
  { headers }: JsonResponse,
  { recordCount, validators }: KnownPage,
  { inHeaders }: Paginator,
): boolean {
  if (inHeaders !== true || headers['link'] !== undefined || validators.next !== undefined) return false;
  const inPath = new URLSearchParams(request.path.split('?')[1] ?? '');
  const pairs = [...inPath, ...Object.entries(request.query ?? {})];
  return !pairs.some(([name, value]) => SIZES.test(name) && Number(value) > recordCount);
}
