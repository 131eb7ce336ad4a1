const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `Sun, 06 Nov 1994 08:49:37 GMT`, the only form that servers may send (RFC 9110, 5.6.7). */
const HTTP_DATE = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (\d\d) ([A-Z][a-z]{2}) (\d{4}) (\d\d):(\d\d):(\d\d) GMT$/;

/**
 * How long a `Retry-After` header asks us to wait, in milliseconds, always above 0. A date counts from the server's
 * own `Date` header, since our clock may be wrong. Undefined, never 0, for what cannot be used: absent, blank, zero,
 * negative, fractions, two values, a date that is past or comes without `Date`. Any size is possible, Infinity
 * included: the caller decides how long is too long.
 */
export function retryAfterMs(header: string | undefined, serverDate: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  const text = header.trim();
  if (/^\d+$/.test(text)) return positive(Number(text) * 1000);
  const at = httpDateMs(text);
  const now = httpDateMs(serverDate?.trim() ?? '');
  return at === undefined || now === undefined ? undefined : positive(at - now);
}

/** Milliseconds since 1970 of an HTTP date; undefined for anything else, also for a day that does not exist. */
export function httpDateMs(text: string): number | undefined {
  const match = HTTP_DATE.exec(text);
  if (match === null) return undefined;
  const [day, year, hour, minute, second] = [match[1], match[3], match[4], match[5], match[6]].map(Number);
  const month = MONTHS.indexOf(match[2] ?? '');
  if (day === undefined || year === undefined || month < 0) return undefined;
  const ms = Date.UTC(year, month, day, hour, minute, second);
  return new Date(ms).getUTCDate() === day ? ms : undefined;
}

function positive(ms: number): number | undefined {
  return ms > 0 ? ms : undefined;
}
