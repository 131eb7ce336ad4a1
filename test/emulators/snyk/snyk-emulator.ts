import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { answer } from './api.ts';
import { ApiError, errorDocument } from './api-error.ts';
import { WorldChanges } from './changes.ts';
import type { SnykEmulator, SnykEmulatorOptions, SnykFault, SnykTruth } from './contract.ts';
import { handleControl, isControl } from './control.ts';
import { FaultPlan } from './faults.ts';
import { RateLimiter } from './rate-limiter.ts';
import { RequestLog } from './request-log.ts';
import { SeededRandom } from './seeded-random.ts';
import { transmit, type Outgoing } from './transmit.ts';
import { createWorld, type World } from './world.ts';

export type { SnykEmulator, SnykEmulatorOptions, SnykFault, SnykFaultMatch, SnykRequestLog } from './contract.ts';

/** Serves Snyk's REST API with invented data on 127.0.0.1, until `close`. */
export async function startSnykEmulator(options: SnykEmulatorOptions = {}): Promise<SnykEmulator> {
  const token = options.token ?? 'emulator-token';
  const world = createWorld(options);
  const changes = new WorldChanges(world);
  const faults = new FaultPlan();
  const log = new RequestLog(token);
  const limiter = options.rateLimit && new RateLimiter(options.rateLimit, () => performance.now());

  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { path, query } = partsOf(request);
    if (isControl(path)) {
      transmit(request, response, handleControl(changes, request.method ?? '', path, query));
      return;
    }
    const entry = log.add(request.method ?? '', path, query);
    const requestId = new SeededRandom(world.seed, 'request', entry.at).uuid();
    const fault = faults.take(path);
    const refusal = fault === undefined ? limiter?.take() : undefined;
    if (options.latencyMs !== undefined) await delay(options.latencyMs, undefined, { ref: false });
    if (fault && 'reset' in fault) {
      request.socket.destroy();
      return;
    }
    const outgoing = refusal
      ? refusalOf(refusal.retryAfter, requestId)
      : (faultAnswer(fault, requestId) ?? {
          ...trueAnswer(world, token, request, requestId),
          ...(fault && 'truncate' in fault ? { truncate: fault.truncate } : {}),
        });
    entry.status = outgoing.status;
    const date = new Date(world.clock).toUTCString();
    transmit(request, response, { ...outgoing, headers: { date, 'snyk-request-id': requestId, ...outgoing.headers } });
  };

  const server = createServer((request, response) => {
    // Bodies of refused methods are read away, or the connection could not be used again.
    request.resume();
    respond(request, response).catch((error: unknown) => crash(request, response, error));
  });
  const port = await listen(server, options.port ?? 0);
  return {
    url: `http://127.0.0.1:${port}`,
    token,
    get truth(): SnykTruth {
      return truthOf(world);
    },
    get requests() {
      return log.entries;
    },
    clearRequests: () => log.clear(),
    changeIssues: (count) => changes.changeIssues(count),
    addIssues: (count, orgIndex) => changes.addIssues(count, orgIndex),
    removeProject: (id) => changes.removeProject(id),
    changeProjects: (count) => changes.changeProjects(count),
    failNext: (match, fault) => faults.add(match, fault),
    close: () => close(server),
  };
}

function trueAnswer(world: World, token: string, request: IncomingMessage, requestId: string): Outgoing {
  const { path, query } = partsOf(request);
  const { authorization } = request.headers;
  const result = answer(world, token, { method: request.method ?? '', path, query, authorization, requestId });
  return { ...result, body: Buffer.from(JSON.stringify(result.body)) };
}

/** The answer that a fault holds itself; undefined for those that spoil the true one. */
function faultAnswer(fault: SnykFault | undefined, requestId: string): Outgoing | undefined {
  if (fault === undefined || !('status' in fault)) return undefined;
  const { status, headers = {}, body, rawBody } = fault;
  const fallback = errorDocument(new ApiError(status, 'The emulator was told to fail.'), requestId);
  return { status, headers, body: Buffer.from(rawBody ?? JSON.stringify(body ?? fallback)) };
}

function refusalOf(retryAfter: number | undefined, requestId: string): Outgoing {
  const error = new ApiError(429, 'The request rate limit has been exceeded. Wait a few minutes, then try again.');
  return {
    status: error.status,
    headers: retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) },
    body: Buffer.from(JSON.stringify(errorDocument(error, requestId))),
  };
}

function truthOf(world: World): SnykTruth {
  return {
    groups: world.groups,
    orgs: world.orgs.map(({ org }) => org),
    targets: world.orgs.flatMap(({ targets }) => targets),
    projects: world.orgs.flatMap(({ projects }) => projects),
    issues: world.orgs.flatMap(({ issues }) => issues),
  };
}

function partsOf(request: IncomingMessage): { path: string; query: URLSearchParams } {
  const [path = '', ...rest] = (request.url ?? '').split('?');
  return { path, query: new URLSearchParams(rest.join('?')) };
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

/** A mistake of the emulator itself: said aloud in the answer, as a test that hangs or retries would hide it. */
function crash(request: IncomingMessage, response: ServerResponse, error: unknown): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const body = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const headers = { 'content-type': 'text/plain; charset=utf-8' };
  transmit(request, response, { status: 500, headers, body: Buffer.from(`emulator bug: ${body}`) });
}
