import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { RateLimiter } from '../snyk/rate-limiter.ts';
import { type Outgoing, transmit } from '../snyk/transmit.ts';
import { ApiError, errorBody } from './api-error.ts';
import type { AwsEmulator, AwsEmulatorOptions, AwsFault, AwsFaultMatch, AwsRequestLog, AwsTruth } from './contract.ts';
import { answerQuery } from './query.ts';
import { answerS3 } from './s3.ts';
import { type Session, Sessions } from './sessions.ts';
import { type Claim, claimOf, signatureProblem, type SignedRequest } from './signature.ts';
import { changedBucket, createWorld, makeBucket, makeUser, times } from './world.ts';

export type { AwsEmulator } from './contract.ts';

/** S3 allows 15 minutes, all others 5. */
const SKEW_MS: Readonly<Record<string, number>> = { s3: 15 * 60_000 };

/**
 * Serves S3, IAM and STS of all regions at one address until `close`. Which of them a request is for, the scope of its
 * signature says; every signature is verified.
 */
export async function startAwsEmulator(options: AwsEmulatorOptions = {}): Promise<AwsEmulator> {
  const world = createWorld(options);
  const now = options.now ?? Date.now;
  const own = world.accounts[0]?.id ?? '';
  const sessions = new Sessions(own, options.sessionSeconds ?? 3600, now);
  const limiter = options.rateLimit && new RateLimiter(options.rateLimit, () => performance.now());
  const faults: { readonly match: RegExp; times: number; skip: number; readonly fault: AwsFault }[] = [];
  const denials = new Set<string>();
  const mostPerPage = options.mostPerPage ?? Infinity;
  let requests: AwsRequestLog[] = [];

  function faultFor(name: string): AwsFault | undefined {
    for (const planned of faults) {
      if (planned.times <= 0 || !planned.match.test(name)) continue;
      planned.skip -= 1;
      if (planned.skip >= 0) continue;
      planned.times -= 1;
      return planned.fault;
    }
    return undefined;
  }

  function authenticated(request: SignedRequest, claim: Claim | undefined): Session {
    const isS3 = claim?.service === 's3';
    if (claim === undefined)
      throw new ApiError(403, 'MissingAuthenticationToken', 'Request is missing Authentication Token');
    const known = sessions.of(claim.accessKeyId);
    if (known === undefined) {
      const code = isS3 ? 'InvalidAccessKeyId' : 'InvalidClientTokenId';
      throw new ApiError(403, code, 'The security token included in the request is invalid.');
    }
    if (known.token !== request.headers['x-amz-security-token']) {
      throw new ApiError(
        isS3 ? 400 : 403,
        isS3 ? 'InvalidToken' : 'InvalidClientTokenId',
        'The provided token is malformed or otherwise invalid.',
      );
    }
    if (known.expiresAtMs <= now()) {
      throw new ApiError(isS3 ? 400 : 403, 'ExpiredToken', 'The security token included in the request is expired');
    }
    const problem = signatureProblem(request, claim, known.secret);
    if (problem !== undefined) {
      const text = 'The request signature we calculated does not match the signature you provided.';
      throw new ApiError(403, 'SignatureDoesNotMatch', `${text} ${problem}`);
    }
    const sentMs = stampMs(request.headers['x-amz-date'] ?? '');
    if (Math.abs(sentMs - now()) > (SKEW_MS[claim.service] ?? 5 * 60_000)) {
      const code = isS3 ? 'RequestTimeTooSkewed' : 'SignatureDoesNotMatch';
      throw new ApiError(403, code, 'Signature expired: the time of the request is too far from the current time.');
    }
    return known.session;
  }

  function truth(): AwsTruth {
    const { accounts, buckets, users, roles } = world;
    return { accounts, buckets, users, roles };
  }

  function answered(request: SignedRequest, claim: Claim | undefined, session: Session): string {
    const service = claim?.service ?? '';
    const [path = '', search = ''] = request.target.split('?', 2);
    if (limiter?.take() !== undefined) {
      throw service === 's3'
        ? new ApiError(503, 'SlowDown', 'Please reduce your request rate.')
        : new ApiError(400, 'Throttling', 'Rate exceeded');
    }
    if (service === 's3') {
      if (path === '/' && denials.has(`${session.accountId} s3:ListAllMyBuckets`)) {
        throw new ApiError(403, 'AccessDenied', 'Access Denied');
      }
      return answerS3({
        method: request.method,
        path,
        query: new URLSearchParams(search),
        region: claim?.region ?? '',
        accountId: session.accountId,
        buckets: world.buckets,
        namesRegions: options.namesRegions ?? true,
        mostPerPage,
        isDenied: (bucket, subResource) => denials.has(bucket) || denials.has(`${bucket} ${subResource}`),
      });
    }
    return answerQuery({
      service,
      form: formOf(request),
      session,
      world,
      sessions,
      externalId: options.externalId,
      mostPerPage,
      isDenied: (accountId, action) => denials.has(`${accountId} ${action}`),
    });
  }

  function respond(incoming: IncomingMessage, response: ServerResponse, body: string): void {
    const request: SignedRequest = {
      method: incoming.method ?? '',
      target: incoming.url ?? '',
      headers: Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)])),
      body,
    };
    const claim = claimOf(request);
    const service = claim?.service ?? 'sts';
    const action = service === 's3' ? '' : (formOf(request).get('Action') ?? '');
    const url = new URL(request.target, 'http://h');
    const fault = faultFor(service === 's3' ? `s3 ${request.method} ${request.target}` : `${service} ${action}`);
    let accountId: string | undefined;
    let outgoing: Outgoing;
    try {
      const session = authenticated(request, claim);
      accountId = session.accountId;
      if (fault !== undefined && 'code' in fault)
        throw new ApiError(fault.status, fault.code, 'The emulator was told to fail.', {
          headers: fault.headers ?? {},
        });
      outgoing = asXml(200, answered(request, claim, session), service);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      outgoing = asXml(error.status, errorBody(error, service), service, error.headers);
    }
    if (fault !== undefined && 'rawBody' in fault)
      outgoing = asXml(fault.status, fault.rawBody, service, fault.headers);
    const isReset = fault !== undefined && 'reset' in fault;
    const entry = {
      method: request.method,
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      action,
      service,
    };
    requests.push({ ...entry, region: claim?.region ?? '', accountId, status: isReset ? 0 : outgoing.status });
    if (isReset) return void incoming.socket.destroy();
    const date = { date: new Date(now()).toUTCString() };
    const cut = fault !== undefined && 'truncate' in fault ? { truncate: fault.truncate } : {};
    transmit(incoming, response, { ...outgoing, headers: { ...outgoing.headers, ...date }, ...cut });
  }

  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      try {
        respond(request, response, Buffer.concat(chunks).toString('utf8'));
      } catch (error) {
        const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
        const headers = { 'content-type': 'text/plain' };
        transmit(request, response, { status: 500, headers, body: Buffer.from(`emulator bug: ${text}`) });
      }
    });
  });
  const port = await listen(server, options.port ?? 0);
  const accountAt = (index: number): string => world.accounts[index]?.id ?? own;
  return {
    url: `http://127.0.0.1:${port}`,
    accessKeyId: sessions.accessKeyId,
    secretAccessKey: sessions.secretAccessKey,
    roles: world.accounts.flatMap(({ role }) => role ?? []),
    get truth() {
      return truth();
    },
    get requests() {
      return requests;
    },
    clearRequests: () => void (requests = []),
    changeBuckets(count) {
      world.changes += 1;
      const changed = world.buckets.slice(0, count).map((bucket) => changedBucket(world.seed, bucket, world.changes));
      world.buckets = [...changed, ...world.buckets.slice(count)];
      return changed;
    },
    addBuckets(count, accountIndex = 0) {
      world.changes += 1;
      const made = times(count, (index) =>
        makeBucket(world.seed, accountAt(accountIndex), `new-${world.changes}-${index}`),
      );
      world.buckets = [...world.buckets, ...made];
      return made;
    },
    removeBucket: (name) => void (world.buckets = world.buckets.filter((bucket) => bucket.name !== name)),
    addUsers(count, accountIndex = 0) {
      world.changes += 1;
      const made = times(count, (index) =>
        makeUser(world.seed, accountAt(accountIndex), `new-${world.changes}-${index}`),
      );
      world.users = [...world.users, ...made];
      return made;
    },
    removeUser: (arn) => void (world.users = world.users.filter((user) => user.arn !== arn)),
    deny: (accountId, action) => void denials.add(`${accountId} ${action}`),
    denyBucket: (name, subResource) => void denials.add(subResource === undefined ? name : `${name} ${subResource}`),
    allowAll: () => denials.clear(),
    expireSessions: () => sessions.expireAll(),
    failNext: ({ match = /^/, times: count = 1, skip = 0 }: AwsFaultMatch, fault) =>
      void faults.push({ match, times: count, skip, fault }),
    close: () => close(server),
  };
}

function asXml(
  status: number,
  text: string,
  service: string,
  headers: Readonly<Record<string, string>> = {},
): Outgoing {
  const type = service === 's3' ? 'application/xml' : 'text/xml';
  return {
    status,
    headers: { 'content-type': type, 'x-amz-request-id': 'TX234S0F24A06C7', ...headers },
    body: Buffer.from(text),
  };
}

/** The query protocol takes its fields in the body of a POST or in the query of a GET. */
function formOf({ method, target, body }: SignedRequest): URLSearchParams {
  return new URLSearchParams(method === 'GET' ? target.split('?', 2)[1] : body);
}

function stampMs(stamp: string): number {
  return Date.parse(stamp.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
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
