import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { FaultPlan } from '../snyk/faults.ts';
import { RequestLog } from '../snyk/request-log.ts';
import { type Outgoing, transmit } from '../snyk/transmit.ts';
import { answer } from './api.ts';
import { WorldChanges } from './changes.ts';
import type { GithubEmulator, GithubEmulatorOptions, GithubRateLimit, GithubTruth } from './contract.ts';
import { Logins } from './logins.ts';
import { ApiError } from './paging.ts';
import { ALERT_KINDS, createWorld, type World } from './world.ts';

export type { GithubEmulator, GithubEmulatorOptions, GithubTruth } from './contract.ts';

const VERSIONS = new Set(['2022-11-28', '2026-03-10']);
/** A larger limit than any test uses up. */
const NO_LIMIT: GithubRateLimit = { requests: 5_000, windowMs: 3_600_000 };

/** Serves the parts of GitHub's REST API that the integration reads, with invented data on 127.0.0.1, until `close`. */
export async function startGithubEmulator(options: GithubEmulatorOptions = {}): Promise<GithubEmulator> {
  const token = options.token ?? 'emulator-token';
  const world = createWorld(options);
  const changes = new WorldChanges(world);
  const faults = new FaultPlan();
  const log = new RequestLog(token);
  const logins = new Logins(token, options.app);
  const limit = primaryLimit(options.rateLimit ?? NO_LIMIT);
  const scopes = options.scopes === undefined ? 'repo, read:org' : options.scopes;

  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const [path = '', ...rest] = (request.url ?? '').split('?');
    const query = new URLSearchParams(rest.join('?'));
    const entry = log.add(request.method ?? '', path, query);
    const fault = faults.take(path);
    if (options.latencyMs !== undefined) await delay(options.latencyMs, undefined, { ref: false });
    if (fault && 'reset' in fault) {
      request.socket.destroy();
      return;
    }
    const origin = `http://${request.headers.host ?? ''}`;
    const { headers: limitHeaders, refusal } = limit.take();
    const outgoing: Outgoing =
      fault && 'status' in fault
        ? {
            status: fault.status,
            headers: fault.headers ?? {},
            body: Buffer.from(
              fault.rawBody ?? JSON.stringify(fault.body ?? errorBody(fault.status, 'The emulator was told to fail.')),
            ),
          }
        : { ...(refusal ?? trueAnswer(request, path, query, origin)), ...(fault && 'truncate' in fault ? fault : {}) };
    entry.status = outgoing.status;
    transmit(request, response, {
      ...outgoing,
      headers: {
        'content-type': 'application/json; charset=utf-8',
        date: new Date().toUTCString(),
        'x-github-media-type': 'github.v3; format=json',
        'x-github-request-id': `EMUL:${entry.at}`,
        ...(scopes === null
          ? {}
          : { 'x-oauth-scopes': scopes, 'x-accepted-oauth-scopes': 'public_repo, repo, security_events' }),
        ...limitHeaders,
        ...outgoing.headers,
      },
    });
  };

  const trueAnswer = (request: IncomingMessage, path: string, query: URLSearchParams, origin: string): Outgoing => {
    try {
      if (request.headers['user-agent'] === undefined) {
        throw new ApiError(
          403,
          'Request forbidden by administrative rules. Please make sure your request has a User-Agent header.',
        );
      }
      const [, installation] = /^\/app\/installations\/([^/]+)\/access_tokens$/.exec(path) ?? [];
      if (installation !== undefined && request.method === 'POST') {
        return json(201, logins.issue(installation, request.headers.authorization));
      }
      const { isInstallation } = logins.of(request.headers.authorization);
      if (request.method !== 'GET') throw new ApiError(404, 'Not Found');
      const apiVersion = String(request.headers['x-github-api-version'] ?? '2022-11-28');
      if (!VERSIONS.has(apiVersion)) throw new ApiError(400, `API version ${apiVersion} is not supported`);
      const { body, link } = answer({ world, origin, path, query, apiVersion, isInstallation });
      const headers = { 'x-github-api-version-selected': apiVersion, ...(link === undefined ? {} : { link }) };
      return { ...json(200, body), headers };
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return { ...json(error.status, errorBody(error.status, error.message)), headers: error.headers };
    }
  };

  const server = createServer((request, response) => {
    request.resume();
    respond(request, response).catch((error: unknown) => {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      response.writeHead(500).end(`emulator bug: ${text}`);
    });
  });
  const port = await listen(server, options.port ?? 0);
  return {
    url: `http://127.0.0.1:${port}`,
    token,
    get truth(): GithubTruth {
      return truthOf(world);
    },
    get requests() {
      return log.entries;
    },
    clearRequests: () => log.clear(),
    changeAlerts: (count) => changes.changeAlerts(count),
    addAlerts: (count) => changes.addAlerts(count),
    removeRepository: (fullName) => changes.removeRepository(fullName),
    renameRepository: (fullName, name) => changes.renameRepository(fullName, name),
    failNext: (match, fault) => faults.add(match, fault),
    close: () => close(server),
  };
}

function primaryLimit({ requests, windowMs, status = 403 }: GithubRateLimit) {
  let windowStart = -Infinity;
  let used = 0;
  return {
    take(): { headers: Record<string, string>; refusal: Outgoing | undefined } {
      const now = Date.now();
      if (now - windowStart >= windowMs) {
        windowStart = now;
        used = 0;
      }
      used += 1;
      const headers = {
        'x-ratelimit-limit': String(requests),
        'x-ratelimit-remaining': String(Math.max(0, requests - used)),
        'x-ratelimit-used': String(Math.min(requests, used)),
        'x-ratelimit-reset': String(Math.ceil((windowStart + windowMs) / 1_000)),
        'x-ratelimit-resource': 'core',
      };
      const message =
        'API rate limit exceeded for user ID 583231. If you reach out to GitHub Support for help, please include the request ID.';
      return { headers, refusal: used > requests ? json(status, errorBody(status, message)) : undefined };
    },
  };
}

function json(status: number, body: unknown): Outgoing {
  return { status, headers: {}, body: Buffer.from(JSON.stringify(body)) };
}

function errorBody(status: number, message: string): object {
  return { message, documentation_url: 'https://docs.github.com/rest', status: String(status) };
}

function truthOf(world: World): GithubTruth {
  const places = world.repositories;
  return {
    accounts: [...world.orgs, world.user],
    members: Object.fromEntries(world.members),
    repositories: places.map(({ repository }) => repository),
    dependabotAlerts: places.flatMap((place) => (place.off.dependabot ? [] : place.dependabot)),
    codeScanningAlerts: places.flatMap((place) => (place.off['code-scanning'] ? [] : place['code-scanning'])),
    secretScanningAlerts: places.flatMap((place) => (place.off['secret-scanning'] ? [] : place['secret-scanning'])),
    off: places.flatMap(({ repository, off }) =>
      ALERT_KINDS.filter((kind) => off[kind]).map((kind) => `${repository.full_name} ${kind}`),
    ),
  };
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
