import { perMinute } from 'sassy';
import type { HttpResponse, HttpSettings, Verdict, VerdictRule } from 'sassy';
import { login } from './login.ts';
import type { Config } from './schema.ts';

/** What GitHub says when a feature is off, or cannot be had, in one repository; gathered from real answers. */
const FEATURE_OFF =
  /disabled|not enabled|must be enabled|to enable this feature|not available|no analysis found|archived|access blocked|not supported/i;

/** Alerts of one repository; after a Link the path may be that of its number. */
const REPOSITORY_ALERTS =
  /\/(?:repos\/[^/]+\/[^/]+|repositories\/\d+)\/(?:dependabot|code-scanning|secret-scanning)\/alerts$/;
const ORG_ALERTS = /\/(?:orgs\/[^/]+|organizations\/\d+)\/(?:dependabot|code-scanning|secret-scanning)\/alerts$/;
const ORG_MEMBERS = /\/(?:orgs\/[^/]+|organizations\/\d+)\/members$/;

/** https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api: without a Retry-After, a minute. */
const SECONDARY_LIMIT_MS = 60_000;

/**
 * The primary limit (5,000 an hour and more) is learned from `x-ratelimit-*` with each answer; it differs by login. The
 * secondary limit is 900 points a minute, and a read is one point.
 */
export const githubHttp: HttpSettings<Config> = {
  baseUrl: 'https://api.github.com',
  auth: login,
  headers: { accept: 'application/vnd.github+json' },
  limits: [perMinute(900)],
  verdicts: [rateLimited, leftOut, denied],
};

/** Limits that come with nothing but words. Those with headers, as 403 or as 429, the framework knows. */
function rateLimited({ status, headers, body }: HttpResponse): Verdict | undefined {
  if ((status !== 403 && status !== 429) || headers['retry-after'] !== undefined) return undefined;
  if (headers['x-ratelimit-remaining'] === '0') return undefined;
  const isLimit = status === 429 || /rate limit|abuse detection/i.test(messageOf(body));
  return isLimit
    ? { kind: 'retry', reason: 'secondary rate limit', limited: true, afterMs: SECONDARY_LIMIT_MS }
    : undefined;
}

/** One repository without the feature, or gone since it was listed, must not end the others. */
function leftOut(...[response, request]: Parameters<VerdictRule>): Verdict | undefined {
  const { status, headers, body } = response;
  const { pathname } = new URL(request.url);
  const message = messageOf(body);
  const isAbsent = status === 404 || status === 410 || status === 451;
  if (ORG_MEMBERS.test(pathname))
    return status === 404 ? skip('no organisation whose members could be listed') : undefined;
  if (!REPOSITORY_ALERTS.test(pathname)) return undefined;
  if ((status === 403 || isAbsent) && FEATURE_OFF.test(message)) return skip(message);
  if (isAbsent && missingScope(headers) === undefined) return skip(message || 'not found');
  return undefined;
}

/** GitHub names the permission in a header of its refusal; what it hides from a login, it calls not found. */
function denied(...[response, request]: Parameters<VerdictRule>): Verdict | undefined {
  const { status, headers } = response;
  const { pathname } = new URL(request.url);
  const isHidden = status === 404 && (ORG_ALERTS.test(pathname) || REPOSITORY_ALERTS.test(pathname));
  const isLimit = headers['retry-after'] !== undefined || headers['x-ratelimit-remaining'] === '0';
  if (status !== 403 && !isHidden) return undefined;
  if (status === 403 && isLimit) return undefined;
  const needs = neededPermission(headers);
  return { kind: 'denied', reason: needs === undefined ? '' : `needs ${needs}` };
}

function skip(reason: string): Verdict {
  return { kind: 'skip', reason };
}

/** `{ "message": … }`; what is no such JSON has none. */
function messageOf(body: Buffer): string {
  try {
    const json: unknown = JSON.parse(body.toString('utf8'));
    return typeof json === 'object' && json !== null && 'message' in json ? String(json.message) : '';
  } catch {
    return '';
  }
}

type Headers = HttpResponse['headers'];

/** Fine-grained tokens and Apps are told what an endpoint takes with each of its answers, refused or not. */
function neededPermission(headers: Headers): string | undefined {
  return headers['x-accepted-github-permissions'] || missingScope(headers);
}

/**
 * Classic tokens: `x-oauth-scopes` is what the token has, `x-accepted-oauth-scopes` what would do. Undefined when that is
 * enough, or nothing is said. https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/scopes-for-oauth-apps
 */
function missingScope(headers: Headers): string | undefined {
  const [has, accepted] = [listIn(headers['x-oauth-scopes']), listIn(headers['x-accepted-oauth-scopes'])];
  if (has === undefined || accepted === undefined || accepted.length === 0) return undefined;
  return accepted.some((scope) => has.includes(scope)) ? undefined : `one of the scopes ${accepted.join(', ')}`;
}

function listIn(header: string | undefined): readonly string[] | undefined {
  return header?.split(/[\s,]+/).filter((item) => item !== '');
}
