import { bodyCursor, googleServiceAccount, perMinute } from 'sassy';
import type { Auth, HttpSettings, Paginator } from 'sassy';
import type { Config } from './schema.ts';
import { googleVerdict } from './verdicts.ts';

export const STORAGE = 'storage.googleapis.com';
export const CLOUD_ASSET = 'cloudasset.googleapis.com';

const login = googleServiceAccount({
  key: (config: Config) => config.serviceAccount,
  scopes: ['https://www.googleapis.com/auth/cloud-platform.read-only'],
});

/** Whose quota a request uses up: https://cloud.google.com/apis/docs/system-parameters (`X-Goog-User-Project`). */
const loginWithQuota: Auth<Config> = {
  policy(config, context) {
    const loggedIn = login.policy(config, context);
    const { quotaProject } = config;
    if (quotaProject === undefined) return loggedIn;
    return (next) => {
      const send = loggedIn(next);
      return (request) => send({ ...request, headers: { ...request.headers, 'x-goog-user-project': quotaProject } });
    };
  },
};

export const gcpHttp: HttpSettings<Config> = {
  baseUrl: 'https://cloudresourcemanager.googleapis.com',
  hosts: [
    { host: STORAGE, login: true },
    { host: CLOUD_ASSET, login: true },
  ],
  auth: loginWithQuota,
  // https://cloud.google.com/asset-inventory/docs/quota: lists and searches, for each project that pays.
  limits: [
    { ...perMinute(100), path: '/v1/{kind}/{scope}/assets' },
    { ...perMinute(400), path: '/v1/{kind}/{scope}' },
  ],
  verdicts: [googleVerdict],
};

/** All lists: a token that is absent or '' after the last page. A page may be short, or empty, before that. */
export const pageTokens = bodyCursor({ from: '/nextPageToken', to: 'pageToken' });

/**
 * Lists of assets are snapshots: all pages are read as of the time that the first one names, or the pages would not
 * be of one state. https://cloud.google.com/asset-inventory/docs/reference/rest/v1/assets/list
 */
export const pinnedSnapshot: Paginator = {
  next(answer) {
    const next = pageTokens.next(answer);
    const { json } = answer;
    const readTime = typeof json === 'object' && json !== null && 'readTime' in json ? json.readTime : undefined;
    if (next === undefined || typeof readTime !== 'string') return next;
    return { ...next, query: { readTime, ...next.query } };
  },
};
