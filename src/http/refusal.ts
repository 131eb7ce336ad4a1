import { SassyError, isSassyError } from '../errors/sassy-error.ts';
import type { HttpRequest, HttpResponse, Verdict } from '../model/http.ts';
import type { Host } from '../util/host.ts';
import { readableError } from './error-body.ts';
import type { Redact } from './redact.ts';

/** Who speaks in a message, and what must not be in it. */
export interface Voice {
  /** The service's name: `Snyk`. */
  readonly title: string;
  readonly redact: Redact;
}

/** `GET /rest/orgs`: a request for a message. Without the query, which may hold a token. */
export function nameOf(request: HttpRequest): string {
  const url = URL.parse(request.url);
  return `${request.method} ${url?.pathname ?? '(not a URL)'}`;
}

/** When to come back, for temporary errors; nothing when that lies beyond what a date can say. */
export function timeAfter(host: Host, ms: number): { readonly resumeAfter?: string } {
  const at = new Date(host.clock.now() + ms);
  return Number.isNaN(at.getTime()) ? {} : { resumeAfter: at.toISOString() };
}

/**
 * The error of a final verdict that is not ok: LOGIN_REFUSED (401, or a login that could not be renewed),
 * PERMISSION_DENIED, SLICE_SKIPPED, PAGE_EXPIRED (the streamer reads the slice again) or API_REFUSED.
 * SLICE_SKIPPED is the signal of a `skip` verdict: the streamer leaves the slice out, counts it and goes on.
 */
export function refusal(
  verdict: Exclude<Verdict, { kind: 'ok' }>,
  request: HttpRequest,
  response: HttpResponse,
  { title, redact }: Voice,
): SassyError {
  const status = String(response.status);
  const reason = redact(verdict.reason);
  const told = readableError(response, redact);
  const why = `${nameOf(request)}: ${reason === '' || reason === status ? status : `${status} ${reason}`}: ${told}`;
  if (verdict.kind === 'skip') return new SassyError('SLICE_SKIPPED', { message: `${title}: ${reason}`, why });
  if (verdict.kind === 'restart') {
    return new SassyError('PAGE_EXPIRED', { message: `${title} no longer goes on with this list`, why });
  }
  if (verdict.kind !== 'denied' && verdict.kind !== 'refresh')
    return new SassyError('API_REFUSED', { message: `${title} refused a request`, why, status: response.status });
  if (response.status === 401 || verdict.kind === 'refresh') {
    const fix = 'check that the credentials of this connection are whole, not expired and meant for this service';
    return new SassyError('LOGIN_REFUSED', { message: `${title} refused the login`, why, fix });
  }
  const fix = "give these credentials the permission; the integration's README lists what is needed";
  return new SassyError('PERMISSION_DENIED', { message: `${title} does not let this login read this`, why, fix });
}

/** True for the error by which a client says that a rule of the integration wants this part left out. */
export function isSkip(error: unknown): error is SassyError {
  return isSassyError(error, 'SLICE_SKIPPED');
}
