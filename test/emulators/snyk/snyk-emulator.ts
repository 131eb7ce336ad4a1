import { type Call, plainNote, startEmulator } from '../_kit/emulator.ts';
import { RateLimiter } from '../_kit/fixed-window.ts';
import { SeededRandom } from '../_kit/seeded-random.ts';
import { jsonAnswer, type Outgoing } from '../_kit/transmit.ts';
import { answer } from './api.ts';
import { ApiError, errorDocument } from './api-error.ts';
import { WorldChanges } from './changes.ts';
import type { SnykEmulator, SnykEmulatorOptions, SnykTruth } from './contract.ts';
import { handleControl, isControl } from './control.ts';
import { createWorld, type World } from './world.ts';

export type { SnykEmulator, SnykEmulatorOptions } from './contract.ts';

/** Serves Snyk's REST API with invented data on 127.0.0.1, until `close`. */
export async function startSnykEmulator(options: SnykEmulatorOptions = {}): Promise<SnykEmulator> {
  const token = options.token ?? 'emulator-token';
  const world = createWorld(options);
  const changes = new WorldChanges(world);
  const limiter = options.rateLimit && new RateLimiter(options.rateLimit, () => performance.now());
  const requestId = ({ at }: Call): string => new SeededRandom(world.seed, 'request', at).uuid();

  const kit = await startEmulator(
    {
      note: (call) => plainNote(call, token),
      control: ({ method, path, query }) => (isControl(path) ? handleControl(changes, method, path, query) : undefined),
      headers: (call) => ({ date: new Date(world.clock).toUTCString(), 'snyk-request-id': requestId(call) }),
      refusal: (status, call) => errorDocument(new ApiError(status, 'The emulator was told to fail.'), requestId(call)),
      answer(call) {
        const refused = limiter?.take();
        if (refused !== undefined) return throttled(refused.retryAfter, requestId(call));
        const { authorization } = call.headers;
        const { status, headers, body } = answer(world, token, { ...call, authorization, requestId: requestId(call) });
        return jsonAnswer(status, body, headers);
      },
    },
    options,
  );
  return {
    ...kit,
    token,
    get truth(): SnykTruth {
      return truthOf(world);
    },
    changeIssues: (count) => changes.changeIssues(count),
    addIssues: (count, orgIndex) => changes.addIssues(count, orgIndex),
    removeProject: (id) => changes.removeProject(id),
    changeProjects: (count) => changes.changeProjects(count),
  };
}

function throttled(retryAfter: number | undefined, requestId: string): Outgoing {
  const error = new ApiError(429, 'The request rate limit has been exceeded. Wait a few minutes, then try again.');
  const headers = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) };
  return jsonAnswer(error.status, errorDocument(error, requestId), headers);
}

function truthOf(world: World): SnykTruth {
  return {
    groups: world.groups,
    orgs: world.orgs.map(({ org }) => org),
    targets: world.orgs.flatMap(({ targets }) => targets),
    orgMemberships: world.orgs.flatMap(({ members }) => members),
    groupMemberships: [...world.groupMembers.values()].flat(),
    projects: world.orgs.flatMap(({ projects }) => projects),
    issues: world.orgs.flatMap(({ issues }) => issues),
  };
}
