import { limitedVerdict } from 'sassy';
import type { HttpRequest, HttpResponse, Verdict } from 'sassy';

/** Limits that come as 403: https://cloud.google.com/storage/docs/json_api/v1/status-codes#403-forbidden */
const LIMIT = /^(rate_?limit_?exceeded|user_?rate_?limit_?exceeded|quota_?exceeded|daily_?limit_?exceeded)$/i;

/** Reasons of google.rpc.ErrorInfo and of the older `errors` list: this project has no such service, or no billing. */
const OFF =
  /^(service_?disabled|access_?not_?configured|billing_?disabled|account_?disabled|userProjectAccountProblem)$/i;

/** Some services give no reason of their own (`forbidden`, `invalid`, `failedPrecondition`), only these words. */
const OFF_TEXT =
  /requires billing to be enabled|billing is disabled|billing account .{0,60}(disabled|closed|absent)|has not enabled|has not been used in project|api is not enabled/i;

const REQUESTER_PAYS = /requester pays bucket/i;
const UNKNOWN_PROJECT = /unknown project id|requested project was not found/i;

/**
 * What Google's error bodies mean where the status does not say it. A service or billing that is off, and things that
 * are gone, cost their own slice (a project, a bucket) and not the run. Only reads of slices are skipped: when Resource
 * Manager itself is off (`/v3/…`), nothing can be read, and that is an error. https://cloud.google.com/apis/design/errors
 */
export function googleVerdict(response: HttpResponse, request: HttpRequest): Verdict | undefined {
  const { status } = response;
  if (status < 400 || status >= 500 || status === 401) return undefined;
  const { reasons, code, message } = errorOf(response);
  if (status === 403 && (code === 'RESOURCE_EXHAUSTED' || reasons.some((reason) => LIMIT.test(reason)))) {
    return limitedVerdict(response);
  }
  const { pathname, searchParams } = new URL(request.url);
  const isSlice = /^(?:\/.*)?\/(storage\/v1\/b|v1)(\/|$)/.test(pathname) || searchParams.has('parent');
  if (!isSlice) return undefined;
  if (status === 403 || status === 400) {
    if (reasons.some((reason) => OFF.test(reason)) || OFF_TEXT.test(message)) {
      return { kind: 'skip', reason: 'the API or the billing of this project is off' };
    }
    if (REQUESTER_PAYS.test(message)) return { kind: 'skip', reason: 'the requester pays for this bucket' };
  }
  const isGone = (status === 404 && request.continues !== true) || UNKNOWN_PROJECT.test(message);
  return isGone ? { kind: 'skip', reason: 'it is gone' } : undefined;
}

interface GoogleError {
  readonly reasons: readonly string[];
  /** The name in google.rpc.Code: `PERMISSION_DENIED`. */
  readonly code: string;
  readonly message: string;
}

function errorOf({ body }: HttpResponse): GoogleError {
  let json: unknown;
  try {
    json = JSON.parse(body.toString('utf8'));
  } catch {
    return { reasons: [], code: '', message: '' };
  }
  const error = field(json, 'error');
  const items = [field(error, 'errors'), field(error, 'details')].flatMap((list) => (Array.isArray(list) ? list : []));
  return {
    reasons: items.map((item) => textOf(field(item, 'reason'))),
    code: textOf(field(error, 'status')),
    message: textOf(field(error, 'message')),
  };
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Object.getOwnPropertyDescriptor(value, name)?.value : undefined;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
