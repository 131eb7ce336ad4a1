import { basicAuth, bearerAuth, chooseAuth, limitedVerdict, oauth2AuthorizationCode, oauth2Refresh } from 'sassy';
import { perSecond, SassyError } from 'sassy';
import type { Auth, HttpSettings, Policy, VerdictRule } from 'sassy';
import type { Config } from './schema.ts';

/** A path of the REST API, below the site or below the gateway, in the version of the deployment. */
export function api({ cloudId, deployment }: Config, path: string): string {
  const version = deployment === 'datacenter' ? 2 : 3;
  return `${cloudId === undefined ? '' : `/ex/jira/${cloudId}`}/rest/api/${version}${path}`;
}

/** Given in the app's settings as the callback: http://127.0.0.1:8765/callback */
const CALLBACK_PORT = 8765;

const oauthClient = {
  tokenUrl: 'https://auth.atlassian.com/oauth/token',
  clientId: (config: Config) => config.clientId,
  clientSecret: (config: Config) => config.clientSecret,
  style: 'body',
} as const;

const byCode = oauth2AuthorizationCode<Config>({
  ...oauthClient,
  authorizeUrl: 'https://auth.atlassian.com/authorize',
  scopes: ['read:jira-work', 'read:jira-user', 'offline_access'],
  authorizeParameters: { audience: 'api.atlassian.com', prompt: 'consent' },
  redirectPort: CALLBACK_PORT,
});
const byRefreshToken = oauth2Refresh<Config>({ ...oauthClient, refreshToken: (config) => config.refreshToken });
const byApiToken = basicAuth<Config>(
  (config) => config.email,
  (config) => config.apiToken,
);
const byBearer = bearerAuth<Config>((config) => config.accessToken ?? config.apiToken);

/** Chosen by the secrets that are set: a replay has none of them, and goes without a login. */
const byConfig = chooseAuth<Config>(({ clientSecret, refreshToken, accessToken, email }) => {
  if (clientSecret !== undefined) return refreshToken === undefined ? byCode : byRefreshToken;
  return accessToken === undefined && email !== undefined ? byApiToken : byBearer;
});

const login: Auth<Config> = {
  ...byConfig,
  policy(config, context) {
    if (context?.isReplay !== true) requireSite(config);
    const policy = byConfig.policy(config, context);
    return (next) => policy(refuseLoginPage(next));
  },
};

/** Each customer has a site of their own. CONFIG_MISSING when the config does not say which is meant. */
function requireSite({ baseUrl, cloudId }: Config): void {
  if (baseUrl !== undefined || cloudId !== undefined) return;
  throw new SassyError('CONFIG_MISSING', {
    message: 'Jira has no baseUrl and no cloudId',
    why: 'each customer has a site of their own',
    fix: 'set SASSY_JIRA__BASE_URL=https://acme.atlassian.net, or SASSY_JIRA__CLOUD_ID for an OAuth token',
  });
}

/** Data Center sends everybody without a login, and every path that it does not know, to its login page. */
const refuseLoginPage: Policy = (next) => async (request) => {
  const response = await next(request);
  const { status, headers } = response;
  const isLoginPage = status >= 300 && status < 400 && /\/login|permissionviolation/i.test(headers['location'] ?? '');
  if (!isLoginPage) return response;
  throw new SassyError('LOGIN_REFUSED', {
    message: 'Jira sends to its login page',
    why: `${status}: the credentials are not taken, or this is a server of your own and the deployment is not datacenter`,
    fix: 'check the credentials of this connection, and set deployment=datacenter for Jira Data Center',
  });
};

/**
 * A token that has run out makes many endpoints answer 200 with what the public may see, mostly nothing, and tell of it
 * in this header alone. https://github.com/MrRefactoring/jira.js/issues/418
 */
const anonymousAnswer: VerdictRule = ({ status, headers }) => {
  const reason = headers['x-seraph-loginreason'] ?? '';
  if (status >= 300 || !/AUTHENTICATED_FAILED|AUTHENTICATION_DENIED/.test(reason)) return undefined;
  return { kind: 'denied', reason: `the login failed (${reason}), and this is what anybody may see` };
};

/** Which of its limits is used up, Jira says in a header of its own. */
const namedLimit: VerdictRule = (response) => {
  const reason = response.headers['ratelimit-reason'];
  if (response.status !== 429 || reason === undefined) return undefined;
  return { ...limitedVerdict(response), reason: `429 ${reason}` };
};

export const jiraHttp: HttpSettings<Config> = {
  baseUrl: 'https://api.atlassian.com',
  auth: login,
  // Half of what Cloud allows to one endpoint: https://developer.atlassian.com/cloud/jira/platform/rate-limiting/
  limits: [perSecond(50)],
  verdicts: [anonymousAnswer, namedLimit],
};
