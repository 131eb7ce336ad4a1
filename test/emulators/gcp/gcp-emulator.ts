import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { RateLimiter } from '../snyk/rate-limiter.ts';
import { SeededRandom } from '../snyk/seeded-random.ts';
import { type Outgoing, transmit } from '../snyk/transmit.ts';
import { answer } from './api.ts';
import { ApiError, errorBody } from './api-error.ts';
import { searchResultOf } from './asset-data.ts';
import { WorldChanges } from './changes.ts';
import type { GcpEmulator, GcpEmulatorOptions, GcpFault, GcpFaultMatch, GcpRequestLog, GcpTruth } from './contract.ts';
import { Tokens } from './tokens.ts';
import { createWorld, type World } from './world.ts';

export type { GcpEmulator, GcpEmulatorOptions, GcpTruth } from './contract.ts';
export type * from './types.ts';

type LogEntry = { -readonly [Key in keyof GcpRequestLog]: GcpRequestLog[Key] };

/** Serves Cloud Asset, Storage, Resource Manager and the token endpoint, at the paths they have, until `close`. */
export async function startGcpEmulator(options: GcpEmulatorOptions = {}): Promise<GcpEmulator> {
  const world = createWorld(options);
  const changes = new WorldChanges(world);
  const tokens = new Tokens(options.tokenSeconds ?? 3599);
  const limiter = options.rateLimit && new RateLimiter(options.rateLimit, () => performance.now());
  const faults: { -readonly [Key in keyof Required<GcpFaultMatch>]: Required<GcpFaultMatch>[Key] }[] = [];
  const answers = new Map<object, GcpFault>();
  let requests: LogEntry[] = [];
  let count = 0;

  function faultFor(url: string): GcpFault | undefined {
    for (const planned of faults) {
      if (planned.times <= 0 || !planned.path.test(url)) continue;
      planned.skip -= 1;
      if (planned.skip >= 0) continue;
      planned.times -= 1;
      return answers.get(planned);
    }
    return undefined;
  }

  function respond(request: IncomingMessage, response: ServerResponse, body: string): void {
    const url = request.url ?? '';
    const { pathname: path, searchParams: query } = new URL(url, 'http://h');
    const quotaProject = request.headers['x-goog-user-project'];
    const entry: LogEntry = {
      method: request.method ?? '',
      path,
      query: Object.fromEntries(query),
      quotaProject: typeof quotaProject === 'string' ? quotaProject : undefined,
      status: 0,
      at: (count += 1),
    };
    requests.push(entry);
    const fault = faultFor(url);
    if (fault !== undefined && 'reset' in fault) return void request.socket.destroy();
    const random = options.shortPages === false ? undefined : new SeededRandom(world.seed, 'page', url);
    const made = (): Outgoing => {
      const isToken = path === '/token' || path === '/oauth2/v4/token';
      if (isToken) return asJson(tokens.grant(body));
      if (!tokens.isGood(request.headers.authorization)) return refusal(unauthenticated(), path);
      const refused = limiter?.take();
      if (refused !== undefined) return limited(path, refused.retryAfter);
      try {
        return asJson({
          status: 200,
          body: answer({ world, path, query, shortBy: random, most: options.mostPerPage ?? Infinity }),
        });
      } catch (error) {
        if (error instanceof ApiError) return refusal(error, path);
        throw error;
      }
    };
    const outgoing = fault !== undefined && 'status' in fault ? faultAnswer(fault, path) : made();
    entry.status = outgoing.status;
    transmit(
      request,
      response,
      fault !== undefined && 'truncate' in fault ? { ...outgoing, truncate: fault.truncate } : outgoing,
    );
  }

  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      try {
        respond(request, response, Buffer.concat(chunks).toString('utf8'));
      } catch (error) {
        const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
        transmit(request, response, {
          status: 500,
          headers: { 'content-type': 'text/plain' },
          body: Buffer.from(`emulator bug: ${text}`),
        });
      }
    });
  });
  const port = await listen(server, options.port ?? 0);
  return {
    url: `http://127.0.0.1:${port}`,
    serviceAccount: tokens.keyFile,
    get truth(): GcpTruth {
      return truthOf(world);
    },
    get requests() {
      return requests;
    },
    clearRequests: () => void (requests = []),
    changeAssets: (number) => changes.changeAssets(number),
    addAssets: (number, projectIndex) => changes.addAssets(number, projectIndex),
    removeAsset: (name) => changes.removeAsset(name),
    changeBuckets: (number) => changes.changeBuckets(number),
    removeBucket: (name) => changes.removeBucket(name),
    switchOff: (projectId, what) => void world.off.set(projectId, what),
    expireTokens: () => tokens.expireAll(),
    failNext({ path = /^/, times = 1, skip = 0 }, fault) {
      const planned = { path, times, skip };
      faults.push(planned);
      answers.set(planned, fault);
    },
    close: () => close(server),
  };
}

function truthOf(world: World): GcpTruth {
  return {
    organizations: world.organizations,
    folders: world.folders,
    projects: [...world.places.map(({ project }) => project), ...world.deleted],
    buckets: world.buckets,
    policies: world.policies,
    assets: world.assets,
    resources: world.assets.map(searchResultOf),
  };
}

function asJson({ status, body }: { readonly status: number; readonly body: object }): Outgoing {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=UTF-8' },
    body: Buffer.from(JSON.stringify(body, null, 2)),
  };
}

function refusal(error: ApiError, path: string): Outgoing {
  return asJson({ status: error.status, body: errorBody(error, path) });
}

function unauthenticated(): ApiError {
  return new ApiError(
    401,
    'Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential.',
  );
}

/** Storage says it in the older way. */
function limited(path: string, retryAfter: number | undefined): Outgoing {
  const error = path.startsWith('/storage/')
    ? new ApiError(403, 'Rate Limit Exceeded', { reason: 'rateLimitExceeded', domain: 'usageLimits' })
    : new ApiError(
        429,
        "Quota exceeded for quota metric 'ListAssets Requests' and limit 'ListAssets Requests per minute'.",
        {
          reason: 'RATE_LIMIT_EXCEEDED',
          domain: 'googleapis.com',
          metadata: { quota_limit_value: '100' },
        },
      );
  const answered = refusal(error, path);
  return retryAfter === undefined
    ? answered
    : { ...answered, headers: { ...answered.headers, 'retry-after': String(retryAfter) } };
}

function faultAnswer(fault: Extract<GcpFault, { status: number }>, path: string): Outgoing {
  const { status, headers, body, rawBody } = fault;
  const made = asJson({ status, body: errorBody(new ApiError(status, 'The emulator was told to fail.'), path) });
  return {
    status,
    headers: { ...made.headers, ...headers },
    body:
      rawBody !== undefined ? Buffer.from(rawBody) : body === undefined ? made.body : Buffer.from(JSON.stringify(body)),
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
