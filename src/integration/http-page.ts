import type { HttpRequest, JsonResponse, PageRequest } from '../model/http.ts';
import type { Page, PageOrigin, PageToken } from '../model/page.ts';

/** An answer as a page: the vendor's bytes, the records in them, and where to go on. */
export function httpPage(
  response: JsonResponse,
  records: readonly unknown[],
  next: PageRequest | PageToken | undefined,
): Page {
  return {
    request: originOf(response.request),
    status: response.status,
    contentType: response.headers['content-type'] ?? 'application/json',
    bytes: response.bytes,
    isJson: true,
    records,
    next: next === undefined ? undefined : { ...next },
    ...serverTime(response.headers['date']),
  };
}

/** The client's own request, before any policy has put credentials on it; its headers are not kept at all. */
export function originOf({ method, url, body }: HttpRequest): PageOrigin {
  return body === undefined ? { method, url } : { method, url, body };
}

/** https://www.rfc-editor.org/rfc/rfc9110#field.date: always GMT, so nothing here reads local time. */
function serverTime(date: string | undefined): { readonly serverTime?: string } {
  const ms = date?.endsWith(' GMT') === true ? Date.parse(date) : Number.NaN;
  return Number.isNaN(ms) ? {} : { serverTime: new Date(ms).toISOString() };
}
