import { basicAuth, bearerAuth, perSecond, SassyError } from 'sassy';
import type { Auth, HttpSettings, VerdictRule } from 'sassy';
import type { Config } from './schema.ts';

/** Where OAuth and scoped tokens are taken: https://developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps/ */
const GATEWAY = 'https://api.atlassian.com';

/** A path of the REST API, below the site or below the gateway, in the version of the deployment. */
export function api({ cloudId, deployment }: Config, path: string): string {
  const version = deployment === 'datacenter' ? 2 : 3;
  return `${cloudId === undefined ? '' : `/ex/jira/${cloudId}`}/rest/api/${version}${path}`;
}

/** With an email the token goes as Basic, without one as Bearer. */
const login: Auth<Config> = {
  policy(config) {
    const { accessToken, apiToken, email } = config;
    // A replay has no credentials and needs no site.
    if (apiToken !== undefined || accessToken !== undefined) requireSite(config);
    const isBasic = accessToken === undefined && email !== undefined;
    const auth: Auth<Config> = isBasic
      ? basicAuth(
          (given) => given.email,
          (given) => given.apiToken,
        )
      : bearerAuth((given) => given.accessToken ?? given.apiToken);
    return auth.policy(config);
  },
};

/** Throws CONFIG_MISSING when the config does not say which Jira is meant. */
export function requireSite({ baseUrl, cloudId }: Config): void {
  if (baseUrl !== undefined || cloudId !== undefined) return;
  throw new SassyError('CONFIG_MISSING', {
    message: 'Jira has no baseUrl and no cloudId',
    why: 'each customer has a site of their own',
    fix: 'set SASSY_JIRA__BASE_URL=https://acme.atlassian.net, or SASSY_JIRA__CLOUD_ID for an OAuth token',
  });
}

/**
 * A token that has run out makes many endpoints answer 200 with what the public may see, mostly nothing, and tell of it
 * in this header alone. https://github.com/MrRefactoring/jira.js/issues/418
 */
const anonymousAnswer: VerdictRule = ({ status, headers }) => {
  const reason = headers['x-seraph-loginreason'] ?? '';
  if (status >= 300 || !/AUTHENTICATED_FAILED|AUTHENTICATION_DENIED/.test(reason)) return undefined;
  return { kind: 'denied', reason: `the login failed (${reason}), and this is what anybody may see` };
};

/** Data Center sends everybody without a login, and every path that it does not know, to its login page. */
const loginPage: VerdictRule = ({ status, headers }) => {
  if (status < 300 || status >= 400 || !/\/login(\.jsp)?\b|permissionViolation/.test(headers['location'] ?? ''))
    return undefined;
  return {
    kind: 'denied',
    reason:
      'sends to its login page: wrong credentials, or deployment is not set to datacenter for a server of your own',
  };
};

const noSite: VerdictRule = ({ status }, { url }) => {
  if (status < 400 || !url.startsWith(`${GATEWAY}/rest/`)) return undefined;
  return { kind: 'fail', reason: 'the connection has no baseUrl and no cloudId: set SASSY_JIRA__BASE_URL' };
};

export const jiraHttp: HttpSettings<Config> = {
  baseUrl: GATEWAY,
  auth: login,
  // Half of what Cloud allows to one endpoint: https://developer.atlassian.com/cloud/jira/platform/rate-limiting/
  limits: [perSecond(50)],
  verdicts: [anonymousAnswer, loginPage, noSite],
};
