import { type Call, plainNote, startEmulator } from '../_kit/emulator.ts';
import { RateLimiter } from '../_kit/fixed-window.ts';
import { SeededRandom } from '../_kit/seeded-random.ts';
import type { Outgoing } from '../_kit/transmit.ts';
import { answer } from './api.ts';
import { ApiError, errorBody } from './api-error.ts';
import { searchResultOf } from './asset-data.ts';
import { WorldChanges } from './changes.ts';
import type { GcpEmulator, GcpEmulatorOptions, GcpTruth } from './contract.ts';
import { Tokens } from './tokens.ts';
import { createWorld, type World } from './world.ts';

export type { GcpEmulator, GcpEmulatorOptions, GcpTruth } from './contract.ts';
export type * from './types.ts';

const UNAUTHENTICATED =
  'Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential.';
const QUOTA = "Quota exceeded for quota metric 'ListAssets Requests' and limit 'ListAssets Requests per minute'.";

/** Serves Cloud Asset, Storage, Resource Manager and the token endpoint, at the paths they have, until `close`. */
export async function startGcpEmulator(options: GcpEmulatorOptions = {}): Promise<GcpEmulator> {
  const world = createWorld(options);
  const changes = new WorldChanges(world);
  const tokens = new Tokens(options.tokenSeconds ?? 3599);
  const limiter = options.rateLimit && new RateLimiter(options.rateLimit, () => performance.now());

  function answered({ path, query, target, headers, body }: Call): Outgoing {
    if (path === '/token' || path === '/oauth2/v4/token') {
      const granted = tokens.grant(body);
      return asJson(granted.status, granted.body);
    }
    if (!tokens.isGood(headers.authorization)) throw new ApiError(401, UNAUTHENTICATED);
    const refused = limiter?.take();
    if (refused !== undefined) return limited(path, refused.retryAfter);
    const shortBy = options.shortPages === false ? undefined : new SeededRandom(world.seed, 'page', target);
    return asJson(200, answer({ world, path, query, shortBy, most: options.mostPerPage ?? Infinity }));
  }

  const kit = await startEmulator(
    {
      note(call) {
        const quotaProject = call.headers['x-goog-user-project'];
        return { ...plainNote(call), quotaProject: typeof quotaProject === 'string' ? quotaProject : undefined };
      },
      faultText: ({ target }) => target,
      headers: () => ({ 'content-type': 'application/json; charset=UTF-8' }),
      refusal: (status, { path }) => errorBody(new ApiError(status, 'The emulator was told to fail.'), path),
      answer(call) {
        try {
          return answered(call);
        } catch (error) {
          if (error instanceof ApiError) return refusal(error, call.path);
          throw error;
        }
      },
    },
    options,
  );
  return {
    ...kit,
    serviceAccount: tokens.keyFile,
    get truth(): GcpTruth {
      return truthOf(world);
    },
    changeAssets: (number) => changes.changeAssets(number),
    addAssets: (number, projectIndex) => changes.addAssets(number, projectIndex),
    removeAsset: (name) => changes.removeAsset(name),
    changeBuckets: (number) => changes.changeBuckets(number),
    removeBucket: (name) => changes.removeBucket(name),
    switchOff: (projectId, what) => void world.off.set(projectId, what),
    expireTokens: () => tokens.expireAll(),
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

/** On several lines, as Google writes it. */
function asJson(status: number, body: object, headers: Readonly<Record<string, string>> = {}): Outgoing {
  return { status, headers, body: Buffer.from(JSON.stringify(body, null, 2)) };
}

function refusal(error: ApiError, path: string, headers?: Readonly<Record<string, string>>): Outgoing {
  return asJson(error.status, errorBody(error, path), headers);
}

/** Storage says it in the older way. */
function limited(path: string, retryAfter: number | undefined): Outgoing {
  const quota = { quota_limit_value: '100' };
  const error = path.startsWith('/storage/')
    ? new ApiError(403, 'Rate Limit Exceeded', { reason: 'rateLimitExceeded', domain: 'usageLimits' })
    : new ApiError(429, QUOTA, { reason: 'RATE_LIMIT_EXCEEDED', domain: 'googleapis.com', metadata: quota });
  return refusal(error, path, retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) });
}
