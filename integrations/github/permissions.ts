import { isSassyError, SassyError } from 'sassy';
import type { HttpClient } from 'sassy';
import { Repository, type Config } from './schema.ts';
import { alertListOf, repositoriesIn, repositoryLists } from './streams.ts';

/** What each kind of alerts needs, in the words of the page where a fine-grained token or an App is made. */
const ALERTS = [
  { path: 'dependabot/alerts', permission: 'Dependabot alerts: read' },
  { path: 'code-scanning/alerts', permission: 'Code scanning alerts: read' },
  { path: 'secret-scanning/alerts', permission: 'Secret scanning alerts: read' },
] as const;

/** PERMISSION_DENIED with all that the login lacks: scopes of a classic token, else permissions, found by asking. */
export async function requirePermissions(config: Config, http: HttpClient): Promise<void> {
  const [path = ''] = repositoryLists(config);
  const { headers, json } = await http.send({ path, query: { per_page: 10 } });
  const scopes = headers['x-oauth-scopes']?.split(/[\s,]+/).filter((scope) => scope !== '');
  const missing = scopes === undefined ? [] : missingScopes(config, scopes);
  if (missing.length === 0) {
    const names = repositoriesIn(json).map((item) => Repository.safeParse(item).data?.full_name ?? '');
    const lists = [...new Set(names.filter((name) => name !== '').map((name) => alertListOf(config, name)))];
    for (const { path: kind, permission } of ALERTS) if (await isRefused(http, lists, kind)) missing.push(permission);
  }
  if (missing.length === 0) return;
  throw new SassyError('PERMISSION_DENIED', {
    message: `The login lacks ${missing.join(' and ')}`,
    why:
      scopes === undefined ? 'GitHub refuses those lists' : `the token has ${scopes.join(', ') || 'no scopes at all'}`,
    fix: "add them at https://github.com/settings/tokens or in the App's settings; integrations/github/README.md has the list",
  });
}

function missingScopes({ orgs = [] }: Config, has: readonly string[]): string[] {
  const hasOne = (pattern: RegExp): boolean => has.some((scope) => pattern.test(scope));
  return [
    ...(hasOne(/^(repo|public_repo|security_events)$/) ? [] : ['security_events (or repo)']),
    ...(orgs.length === 0 || hasOne(/^(read|write|admin):org$/) ? [] : ['read:org']),
  ];
}

/** Asks one repository after the other until one has the feature on. */
async function isRefused(http: HttpClient, lists: readonly string[], kind: string): Promise<boolean> {
  for (const list of lists) {
    try {
      // As the streams do, never with the secrets themselves.
      await http.getJson(`${list}/${kind}`, { per_page: 1, hide_secret: kind.startsWith('secret') ? true : undefined });
      return false;
    } catch (error) {
      if (isSassyError(error, 'PERMISSION_DENIED')) return true;
      if (!isSassyError(error, 'SLICE_SKIPPED')) throw error;
    }
  }
  return false;
}
