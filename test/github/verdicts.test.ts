import { describe, expect, it } from 'vitest';
import { githubHttp } from '../../integrations/github/http.ts';
import { classify } from '../../src/http/verdict.ts';

const verdictOf = classify(githubHttp.verdicts);
const OK_HEADERS = { 'x-accepted-github-permissions': 'security_events=read', 'x-ratelimit-remaining': '4711' };
const DATE = 'Thu, 06 Feb 2020 18:33:37 GMT';

/** Headers are those of a login that has what it needs, unless others are given. */
function verdict(
  path: string,
  status: number,
  message: string,
  headers: Readonly<Record<string, string>> = OK_HEADERS,
) {
  const body = Buffer.from(JSON.stringify({ message, documentation_url: 'https://docs.github.com/rest' }));
  const url = `https://api.github.com${path}?per_page=100`;
  return verdictOf({ status, body, headers: { date: DATE, ...headers } }, { method: 'GET', url, headers: {} });
}

const DEPENDABOT = '/repos/acme/api/dependabot/alerts';
const CODE = '/repositories/42/code-scanning/alerts';
const SECRET = '/repos/acme/api/secret-scanning/alerts';

describe('what the answers of GitHub mean', () => {
  it.each([
    [DEPENDABOT, 403, 'Dependabot alerts are disabled for this repository.'],
    [DEPENDABOT, 403, 'Dependabot alerts are not available for archived repositories.'],
    [CODE, 404, 'no analysis found'],
    [CODE, 403, 'Advanced Security must be enabled for this repository to use code scanning.'],
    [CODE, 403, 'Code Security must be enabled for this repository to use code scanning.'],
    [
      CODE,
      403,
      'Code scanning is not enabled for this repository. Please enable code scanning in the repository settings.',
    ],
    [CODE, 403, 'Upgrade to GitHub Pro or make this repository public to enable this feature.'],
    [SECRET, 404, 'Secret scanning is disabled on this repository.'],
    [SECRET, 404, 'Not Found'],
    [SECRET, 451, 'Repository access blocked'],
  ])('%s %d %s: this repository is left out', (path, status, message) => {
    expect(verdict(path, status, message).kind).toBe('skip');
  });

  it.each([
    [
      DEPENDABOT,
      403,
      'Resource not accessible by personal access token',
      { 'x-accepted-github-permissions': 'vulnerability_alerts=read' },
    ],
    [CODE, 403, 'Resource not accessible by integration', {}],
    [DEPENDABOT, 403, 'You are not authorized to perform this operation.', {}],
    [SECRET, 404, 'Not Found', { 'x-oauth-scopes': 'gist', 'x-accepted-oauth-scopes': 'repo, security_events' }],
    ['/orgs/acme/dependabot/alerts', 404, 'Not Found', {}],
    [
      '/orgs/acme/dependabot/alerts',
      403,
      'Resource protected by organization SAML enforcement.',
      { 'x-github-sso': 'required' },
    ],
    ['/user/repos', 403, 'Must have push access to repository', {}],
    ['/user/repos', 401, 'Bad credentials', {}],
  ])('%s %d %s: the login may not', (path, status, message, headers) => {
    expect(verdict(path, status, message, headers).kind).toBe('denied');
  });

  const resetIn3s = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(Date.parse(DATE) / 1000 + 3) };
  it.each([
    ['primary, 403', 403, 'API rate limit exceeded for user ID 1.', resetIn3s, 4_000],
    ['primary, 429', 429, 'API rate limit exceeded for user ID 1.', resetIn3s, 4_000],
    ['as recorded by hub4j', 403, 'Must have push access to repository', resetIn3s, 4_000],
    ['secondary, 429', 429, 'You have exceeded a secondary rate limit.', { 'retry-after': '8' }, 8_000],
    [
      'secondary, 403',
      403,
      'You have exceeded a secondary rate limit.',
      { 'retry-after': '8', 'x-ratelimit-remaining': '4999' },
      8_000,
    ],
    [
      'secondary, no header',
      403,
      'You have exceeded a secondary rate limit.',
      { 'x-ratelimit-remaining': '4999' },
      60_000,
    ],
    ['the older words', 403, 'You have triggered an abuse detection mechanism. Please wait.', {}, 60_000],
    ['429 and nothing else', 429, 'Too Many Requests', {}, 60_000],
  ])('%s: wait as long as it says', (_name, status, message, headers, afterMs) => {
    expect(verdict(DEPENDABOT, status, message, headers)).toMatchObject({ kind: 'retry', limited: true, afterMs });
  });

  it('a feature that is off stays that when it was the last request of the hour', () => {
    expect(verdict(DEPENDABOT, 403, 'Dependabot alerts are disabled for this repository.', resetIn3s).kind).toBe(
      'skip',
    );
  });

  it.each([
    ['/orgs/nobody/repos', 404, 'fail'],
    ['/orgs/octocat/members', 404, 'skip'],
    [CODE, 503, 'retry'],
    [DEPENDABOT, 422, 'fail'],
  ])('%s %d: %s', (path, status, kind) => {
    expect(verdict(path, status, 'Not Found').kind).toBe(kind);
  });
});
