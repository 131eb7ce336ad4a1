import { type Call, startEmulator } from '../_kit/emulator.ts';
import { jsonAnswer, type Outgoing } from '../_kit/transmit.ts';
import { ApiError } from './api-error.ts';
import { cloudRoutes, dataCenterRoutes } from './api.ts';
import { WorldChanges } from './changes.ts';
import type { JiraEmulator, JiraEmulatorOptions, JiraTruth } from './contract.ts';
import { Limiter } from './limiter.ts';
import { isLoggedIn } from './login.ts';
import { OAuthTokens } from './oauth-tokens.ts';
import { issueRecord, projectRecord, userRecord, type View } from './records.ts';
import { createWorld } from './world.ts';
import { ZoneClock } from './zone-clock.ts';

export type { JiraEmulator, JiraEmulatorOptions, JiraTruth, Json } from './contract.ts';

/** Serves Jira's REST API with invented data on 127.0.0.1, until `close`. */
export async function startJiraEmulator(options: JiraEmulatorOptions = {}): Promise<JiraEmulator> {
  const { email = 'ada@example.com', apiToken = 'emulator-api-token', accessToken = 'emulator-access-token' } = options;
  const { cloudId = '11111111-2222-4333-8444-555555555555', timeZone = 'America/New_York' } = options;
  const isCloud = options.deployment !== 'datacenter';
  const version = isCloud ? 3 : 2;
  const world = createWorld(options);
  const changes = new WorldChanges(world);
  const limiter = options.rateLimit && new Limiter(options.rateLimit);
  const login = { email, apiToken, accessToken, isCloud, anonymousAccess: options.anonymousAccess ?? false };
  const clock = new ZoneClock(timeZone ?? 'UTC');
  const forbidden = new Set(options.without);
  const forAnybody = new Set(['BROWSE_PROJECTS', 'USER_PICKER']);
  const routes = isCloud ? cloudRoutes : dataCenterRoutes;
  const tokens = new OAuthTokens(accessToken);

  function viewFrom(origin: string): View {
    return { isCloud, api: `${origin}/rest/api/${version}`, clock };
  }

  function answer({ method, path, ...call }: Call): Outgoing {
    const query = queryOf(call);
    const { authorization } = call.headers;
    if (path === '/oauth/token') return jsonAnswer(200, tokens.grant(query));
    limiter?.take(wholeSeconds());
    const [, gateway = '', rest = ''] = /^(\/ex\/jira\/[^/]+)?\/rest\/api\/(.*)$/.exec(path) ?? [];
    const isGateway = gateway !== '';
    if (isGateway && gateway !== `/ex/jira/${cloudId}`) throw new ApiError(404, { code: 404, message: 'Not Found' });
    const route = `/${rest.split('/').slice(1).join('/')}`;
    const isUser = isLoggedIn(login, authorization, route, isGateway);
    const handler = rest.startsWith(`${version}/`) ? routes[route] : undefined;
    if (handler === undefined) throw new ApiError(404, { message: 'null for uri: ' + path, 'status-code': 404 });
    const isSearch = route.startsWith('/search');
    if (method !== 'GET' && !(method === 'POST' && isSearch)) throw new ApiError(405, 'Method Not Allowed');
    const body = handler({
      path: route,
      query,
      // Behind the gateway the addresses in records are the gateway's.
      view: viewFrom(isGateway ? `https://api.atlassian.com${gateway}` : kit.url),
      world,
      pageCap: options.pageCap ?? 100,
      timeZone,
      without: isUser ? forbidden : forAnybody,
    });
    const isFailed = !isUser && authorization !== undefined;
    const reason = isFailed
      ? { 'x-seraph-loginreason': 'AUTHENTICATED_FAILED' }
      : isCloud
        ? {}
        : { 'x-seraph-loginreason': 'OK' };
    return jsonAnswer(200, body, reason);
  }

  const kit = await startEmulator(
    {
      note({ method, path, ...call }) {
        // What is secret is not remembered.
        return { method, path, query: path === '/oauth/token' ? {} : Object.fromEntries(queryOf(call)) };
      },
      headers: () => ({
        'content-type': 'application/json;charset=UTF-8',
        date: new Date(wholeSeconds()).toUTCString(),
      }),
      refusal: () => ({ errorMessages: ['The emulator was told to fail.'], errors: {} }),
      answer(call) {
        try {
          return answer(call);
        } catch (error) {
          if (!(error instanceof ApiError)) throw error;
          return { status: error.status, headers: error.headers, body: Buffer.from(error.body) };
        }
      },
    },
    options,
  );

  return {
    ...kit,
    email,
    apiToken,
    accessToken,
    refreshToken: tokens.first,
    cloudId,
    get truth(): JiraTruth {
      const view = viewFrom(kit.url);
      return {
        projects: world.projects.map((item) => projectRecord(item, view)),
        users: world.users.map((item) => userRecord(item, view)),
        issues: world.issues.map((item) => issueRecord(item, view)),
        texts: new Map(world.issues.map(({ id, description }) => [id, isCloud ? description.text : description.wiki])),
      };
    },
    changeIssues: (count) => changes.changeIssues(count),
    addIssues: (count) => changes.addIssues(count),
    removeIssue: (id) => changes.removeIssue(id),
    removeUser: (index) => changes.removeUser(index),
  };
}

/** Parameters of the URL; of a POST those of its body, a form or JSON, lists joined by commas. */
function queryOf({ query, headers, body }: Pick<Call, 'query' | 'headers' | 'body'>): ReadonlyMap<string, string> {
  if (headers['content-type']?.startsWith('application/x-www-form-urlencoded') === true) {
    return new Map([...query, ...new URLSearchParams(body)]);
  }
  const json: unknown = body === '' ? {} : JSON.parse(body);
  const fromBody = Object.entries(typeof json === 'object' && json !== null ? json : {}).map(
    ([name, value]): [string, string] => [name, String(value)],
  );
  return new Map([...query, ...fromBody]);
}

function wholeSeconds(): number {
  return Math.floor(Date.now() / 1000) * 1000;
}
