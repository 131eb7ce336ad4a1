import type { HttpRequest, HttpResponse, Verdict } from 'sassy';
import { isObject, recordsIn } from './answer.ts';

// Most errors come with status 200, in one of two forms (https://developer.monday.com/api-reference/docs/error-handling):
// since 2025-01 { errors: [{ message, extensions: { code, status_code, retry_in_seconds } }] },
// before       { error_code, error_message, status_code, error_data: { retry_in_seconds } }, with or without errors: [text].

interface MondayError {
  /** Lower case letters and digits alone: UserUnauthorizedException and USER_UNAUTHORIZED are the same. */
  readonly code: string;
  readonly message: string;
  readonly status: number | undefined;
  readonly retrySeconds: number | undefined;
}

const TOO_COMPLEX = /^max_?complexity/;
const LIMITED = /budgetexhausted|complexity|limitexceeded|concurrency|ratelimit|toomanyrequests/;
const LOGIN = /^(notauthenticated|unauthenticated|authentication|invalidtoken|tokenexpired)/;
const DENIED = /unauthorized|permission|forbidden|accessdenied|scope/;
const GONE = /^(invalidboardid|resourcenotfound|notfound|boardnotfound)/;
const PASSING = /^(internalserver|timeout|serviceunavailable|resourcelocked|apitemporarilyblocked)/;

/** The verdict of an answer that holds errors, whatever its status; undefined for all others. */
export function mondayVerdict(response: HttpResponse, request: HttpRequest): Verdict | undefined {
  // 401 has only one meaning; a body without these words holds no error, and large pages need not be read twice.
  if (
    response.status === 401 ||
    !['"errors"', '"error_code"', '"error_message"'].some((w) => response.body.includes(w))
  )
    return undefined;
  const body = parsed(response.body.toString('utf8'));
  const errors = errorsOf(body);
  if (errors.length === 0) return undefined;
  const verdicts = errors.map((error) => verdictOf(error, response, request));
  const passing = verdicts.find(({ kind }) => kind === 'retry');
  if (passing !== undefined) return passing;
  // Partial data: a field of a record is missing and the page says why. A record that is missing is an error.
  const records = recordsIn(body) ?? [];
  if (response.status === 200 && records.length > 0 && records.every(isObject)) return { kind: 'ok' };
  return verdicts[0];
}

function verdictOf(error: MondayError, response: HttpResponse, request: HttpRequest): Verdict {
  const { code, message, status } = error;
  const reason = [code, message].filter((part) => part !== '').join(': ');
  const isItems = request.body?.includes('items_page') === true;
  if (TOO_COMPLEX.test(code)) return { kind: 'fail', reason };
  if (code.startsWith('dailylimit')) return { kind: 'retry', reason, limited: true, afterMs: untilMidnight(response) };
  if (LIMITED.test(code) || status === 429 || response.status === 429 || /rate limit|limit exceeded/i.test(message)) {
    const afterMs = waitMs(error, response);
    return { kind: 'retry', reason, limited: true, ...(afterMs === undefined ? {} : { afterMs }) };
  }
  if (/cursor/.test(code) || /cursor.{0,40}(expired|invalid)|(expired|invalid).{0,20}cursor/i.test(message))
    return { kind: 'restart', reason };
  if (LOGIN.test(code) || /^not authenticated/i.test(message)) return { kind: 'refresh', reason };
  if (DENIED.test(code) || status === 401 || status === 403) return { kind: isItems ? 'skip' : 'denied', reason };
  if (isItems && (GONE.test(code) || status === 404)) return { kind: 'skip', reason };
  if (PASSING.test(code) || status === 423 || (status ?? 0) >= 500 || response.status >= 500)
    return { kind: 'retry', reason };
  return { kind: 'fail', reason };
}

function errorsOf(body: unknown): readonly MondayError[] {
  if (!isObject(body)) return [];
  // How long to wait is also said once for all, beside the list.
  const beside = isObject(body['extensions']) ? body['extensions'] : {};
  const retrySeconds = number(body['retry_in_seconds']) ?? number(beside['retry_in_seconds']);
  const listed = (Array.isArray(body['errors']) ? body['errors'].map(errorOf) : []).map((error) => ({
    ...error,
    retrySeconds: error.retrySeconds ?? retrySeconds,
  }));
  // The old form says at the top what the list only tells as text.
  const isOld = body['error_code'] !== undefined || body['error_message'] !== undefined;
  return isOld ? [errorOf(body), ...listed.filter(({ code }) => code !== '')] : listed;
}

function errorOf(error: unknown): MondayError {
  if (!isObject(error)) return { code: '', message: String(error), status: undefined, retrySeconds: undefined };
  const more = isObject(error['extensions']) ? error['extensions'] : error;
  const data = isObject(more['error_data']) ? more['error_data'] : {};
  const code = more['code'] ?? more['error_code'];
  const message = error['message'] ?? error['error_message'];
  const resetIn = /reset in (\d+) seconds?/i.exec(typeof message === 'string' ? message : '')?.[1];
  return {
    code: typeof code === 'string' ? code.toLowerCase().replaceAll(/[^a-z0-9]/g, '') : '',
    message: typeof message === 'string' ? message : '',
    status: number(more['status_code']),
    retrySeconds: number(more['retry_in_seconds']) ?? number(data['retry_in_seconds']) ?? number(resetIn),
  };
}

function waitMs({ retrySeconds }: MondayError, { headers }: HttpResponse): number | undefined {
  const after = number(headers['retry-after']);
  const seconds = Math.max(after ?? 0, retrySeconds ?? 0);
  return seconds > 0 ? seconds * 1000 : undefined;
}

/** The daily calls come back at midnight UTC (https://developer.monday.com/api-reference/docs/rate-limits), by the server's clock. */
function untilMidnight({ headers }: HttpResponse): number {
  const now = Date.parse(headers['date'] ?? '');
  const dayMs = 86_400_000;
  return Number.isNaN(now) ? dayMs : dayMs - (now % dayMs);
}

function number(value: unknown): number | undefined {
  const found = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof found === 'number' && Number.isFinite(found) ? found : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
