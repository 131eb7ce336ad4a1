import { SassyError } from 'sassy';
import type { Config } from './schema.ts';

type Headers = Readonly<Record<string, string>>;

/**
 * What the login would have needed, as GitHub tells it with each answer; undefined when it has that, or nothing is said.
 * Fine-grained tokens and Apps: `x-accepted-github-permissions`. Classic tokens: `x-oauth-scopes` is what the token has,
 * `x-accepted-oauth-scopes` is what would do (https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/scopes-for-oauth-apps).
 */
export function missingPermission(headers: Headers): string | undefined {
  const permissions = headers['x-accepted-github-permissions'];
  if (permissions !== undefined && permissions !== '') return `the permission ${permissions}`;
  const has = listIn(headers['x-oauth-scopes']);
  const accepted = listIn(headers['x-accepted-oauth-scopes']);
  if (has === undefined || accepted === undefined || accepted.length === 0) return undefined;
  return accepted.some((scope) => has.includes(scope)) ? undefined : `one of the scopes ${accepted.join(', ')}`;
}

/** PERMISSION_DENIED when a classic token lacks a scope; other logins name none, and each stream's probe tells. */
export function requireScopes(config: Config, headers: Headers): void {
  const has = listIn(headers['x-oauth-scopes']);
  if (has === undefined) return;
  const missing = [
    ...(has.some((scope) => /^(repo|public_repo|security_events)$/.test(scope)) ? [] : ['security_events (or repo)']),
    ...((config.orgs ?? []).length === 0 || has.some((scope) => /^(read|write|admin):org$/.test(scope))
      ? []
      : ['read:org']),
  ];
  if (missing.length === 0) return;
  throw new SassyError('PERMISSION_DENIED', {
    message: `The token lacks ${missing.join(' and ')}`,
    why: has.length === 0 ? 'it has no scopes at all' : `it has ${has.join(', ')}`,
    fix: 'add the scopes at https://github.com/settings/tokens, or use another token',
  });
}

function listIn(header: string | undefined): readonly string[] | undefined {
  return header?.split(/[\s,]+/).filter((item) => item !== '');
}
