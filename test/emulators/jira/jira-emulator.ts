import { createServer, type IncomingMessage, type Server } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { type Outgoing, transmit } from '../snyk/transmit.ts';
import { ApiError } from './api-error.ts';
import { cloudRoutes, dataCenterRoutes } from './api.ts';
import { WorldChanges } from './changes.ts';
import type { JiraEmulator, JiraEmulatorOptions, JiraRequestLog, JiraTruth } from './contract.ts';
import { FaultPlan } from './faults.ts';
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
  const faults = new FaultPlan();
  const limiter = options.rateLimit && new Limiter(options.rateLimit);
  const login = { email, apiToken, accessToken, isCloud, anonymousAccess: options.anonymousAccess ?? false };
  const clock = new ZoneClock(timeZone ?? 'UTC');
  const forbidden = new Set(options.without);
  const forAnybody = new Set(['BROWSE_PROJECTS', 'USER_PICKER']);
  const routes = isCloud ? cloudRoutes : dataCenterRoutes;
  const tokens = new OAuthTokens(accessToken);
  const log: { -readonly [Key in keyof JiraRequestLog]: JiraRequestLog[Key] }[] = [];

  function viewFrom(origin: string): View {
    return { isCloud, api: `${origin}/rest/api/${version}`, clock };
  }

  function answer(request: IncomingMessage, path: string, query: ReadonlyMap<string, string>): Outgoing {
    if (path === '/oauth/token') return json(tokens.grant(query));
    limiter?.take(wholeSeconds());
    const [, gateway = '', rest = ''] = /^(\/ex\/jira\/[^/]+)?\/rest\/api\/(.*)$/.exec(path) ?? [];
    const isGateway = gateway !== '';
    if (isGateway && gateway !== `/ex/jira/${cloudId}`) throw new ApiError(404, { code: 404, message: 'Not Found' });
    const route = `/${rest.split('/').slice(1).join('/')}`;
    const isUser = isLoggedIn(login, request.headers.authorization, route, isGateway);
    const handler = rest.startsWith(`${version}/`) ? routes[route] : undefined;
    if (handler === undefined) throw new ApiError(404, { message: 'null for uri: ' + path, 'status-code': 404 });
    const isSearch = route.startsWith('/search');
    if (request.method !== 'GET' && !(request.method === 'POST' && isSearch))
      throw new ApiError(405, 'Method Not Allowed');
    const body = handler({
      path: route,
      query,
      // Behind the gateway the addresses in records are the gateway's.
      view: viewFrom(isGateway ? `https://api.atlassian.com${gateway}` : origin()),
      world,
      pageCap: options.pageCap ?? 100,
      timeZone,
      without: isUser ? forbidden : forAnybody,
    });
    const isFailed = !isUser && request.headers.authorization !== undefined;
    const reason = isFailed
      ? { 'x-seraph-loginreason': 'AUTHENTICATED_FAILED' }
      : isCloud
        ? {}
        : { 'x-seraph-loginreason': 'OK' };
    return { ...json(body), headers: reason };
  }

  async function respond(request: IncomingMessage): Promise<Outgoing | undefined> {
    const url = new URL(request.url ?? '/', origin());
    const query = await queryOf(request, url);
    // What is secret is not remembered.
    const shown = url.pathname === '/oauth/token' ? {} : Object.fromEntries(query);
    const entry = { method: request.method ?? '', path: url.pathname, query: shown, status: 0 };
    log.push(entry);
    const fault = faults.take(url.pathname);
    if (options.latencyMs !== undefined) await delay(options.latencyMs, undefined, { ref: false });
    if (fault !== undefined && 'reset' in fault) return undefined;
    const outgoing =
      fault !== undefined && 'status' in fault ? ordered(fault) : orRefusal(() => answer(request, url.pathname, query));
    entry.status = outgoing.status;
    const date = new Date(wholeSeconds()).toUTCString();
    const headers = { 'content-type': 'application/json;charset=UTF-8', date, ...outgoing.headers };
    return {
      ...outgoing,
      headers,
      ...(fault !== undefined && 'truncate' in fault ? { truncate: fault.truncate } : {}),
    };
  }

  const server = createServer((request, response) => {
    respond(request).then(
      (outgoing) => (outgoing === undefined ? request.socket.destroy() : transmit(request, response, outgoing)),
      // A mistake of the emulator itself: said aloud.
      (error: unknown) =>
        response.writeHead(500).end(`emulator bug: ${error instanceof Error ? error.stack : String(error)}`),
    );
  });
  const port = await listen(server, options.port ?? 0);
  function origin(): string {
    return `http://127.0.0.1:${port}`;
  }

  return {
    url: origin(),
    email,
    apiToken,
    accessToken,
    refreshToken: tokens.first,
    cloudId,
    get truth(): JiraTruth {
      const view = viewFrom(origin());
      return {
        projects: world.projects.map((item) => projectRecord(item, view)),
        users: world.users.map((item) => userRecord(item, view)),
        issues: world.issues.map((item) => issueRecord(item, view)),
        texts: new Map(world.issues.map(({ id, description }) => [id, isCloud ? description.text : description.wiki])),
      };
    },
    get requests() {
      return log;
    },
    clearRequests: () => void log.splice(0),
    changeIssues: (count) => changes.changeIssues(count),
    addIssues: (count) => changes.addIssues(count),
    removeIssue: (id) => changes.removeIssue(id),
    removeUser: (index) => changes.removeUser(index),
    failNext: (match, fault) => faults.add(match, fault),
    close: () => close(server),
  };
}

/** Parameters of the URL; of a POST those of its JSON body, lists joined by commas. */
async function queryOf(request: IncomingMessage, url: URL): Promise<ReadonlyMap<string, string>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) if (chunk instanceof Buffer) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString();
  if (request.headers['content-type']?.startsWith('application/x-www-form-urlencoded') === true) {
    return new Map([...url.searchParams, ...new URLSearchParams(text)]);
  }
  const body: unknown = text === '' ? {} : JSON.parse(text);
  const fromBody = Object.entries(typeof body === 'object' && body !== null ? body : {}).map(
    ([name, value]): [string, string] => [name, String(value)],
  );
  return new Map([...url.searchParams, ...fromBody]);
}

function json(body: unknown): Outgoing {
  return { status: 200, headers: {}, body: Buffer.from(JSON.stringify(body)) };
}

function orRefusal(work: () => Outgoing): Outgoing {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return { status: error.status, headers: error.headers, body: Buffer.from(error.body) };
  }
}

function ordered(fault: {
  status: number;
  headers?: Readonly<Record<string, string>>;
  body?: unknown;
  rawBody?: string;
}): Outgoing {
  const body = fault.body ?? { errorMessages: ['The emulator was told to fail.'], errors: {} };
  return {
    status: fault.status,
    headers: fault.headers ?? {},
    body: Buffer.from(fault.rawBody ?? JSON.stringify(body)),
  };
}

function wholeSeconds(): number {
  return Math.floor(Date.now() / 1000) * 1000;
}

async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the emulator listens on no port');
  return address.port;
}

async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  await closed;
}
