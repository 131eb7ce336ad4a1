import { createHash } from 'node:crypto';
import { type Call, plainNote, startEmulator } from '../_kit/emulator.ts';
import { FixedWindow } from '../_kit/fixed-window.ts';
import { jsonAnswer, type Outgoing } from '../_kit/transmit.ts';
import { answer } from './api.ts';
import { WorldChanges } from './changes.ts';
import type { GithubEmulator, GithubEmulatorOptions, GithubTruth } from './contract.ts';
import { Logins } from './logins.ts';
import { ApiError } from './paging.ts';
import { ALERT_KINDS, createWorld, type World } from './world.ts';

export type { GithubEmulator, GithubEmulatorOptions, GithubTruth } from './contract.ts';

const VERSIONS = new Set(['2022-11-28', '2026-03-10']);
const LIMITED =
  'API rate limit exceeded for user ID 583231. If you reach out to GitHub Support for help, please include the request ID.';
const NO_USER_AGENT =
  'Request forbidden by administrative rules. Please make sure your request has a User-Agent header.';

/** Serves the parts of GitHub's REST API that the integration reads, with invented data on 127.0.0.1, until `close`. */
export async function startGithubEmulator(options: GithubEmulatorOptions = {}): Promise<GithubEmulator> {
  const token = options.token ?? 'emulator-token';
  const world = createWorld(options);
  const changes = new WorldChanges(world);
  const logins = new Logins(token, options.app);
  // A larger limit than any test uses up.
  const {
    requests,
    windowMs,
    status: limitStatus = 403,
  } = options.rateLimit ?? { requests: 5_000, windowMs: 3_600_000 };
  const limit = new FixedWindow(requests, windowMs, () => Date.now());
  const scopes = options.scopes === undefined ? 'repo, read:org' : options.scopes;
  let isOver = false;

  const kit = await startEmulator(
    {
      note: (call) => plainNote(call, token),
      refusal: (status) => errorBody(status, 'The emulator was told to fail.'),
      headers({ at }) {
        isOver = !limit.take();
        return {
          'content-type': 'application/json; charset=utf-8',
          date: new Date().toUTCString(),
          'x-github-media-type': 'github.v3; format=json',
          'x-github-request-id': `EMUL:${at}`,
          ...(scopes === null
            ? {}
            : { 'x-oauth-scopes': scopes, 'x-accepted-oauth-scopes': 'public_repo, repo, security_events' }),
          'x-ratelimit-limit': String(requests),
          'x-ratelimit-remaining': String(limit.left),
          'x-ratelimit-used': String(requests - limit.left),
          'x-ratelimit-reset': String(Math.ceil(limit.endMs / 1_000)),
          'x-ratelimit-resource': 'core',
        };
      },
      answer(call) {
        if (isOver) return jsonAnswer(limitStatus, errorBody(limitStatus, LIMITED));
        try {
          return answered(call);
        } catch (error) {
          if (!(error instanceof ApiError)) throw error;
          return jsonAnswer(error.status, errorBody(error.status, error.message), error.headers);
        }
      },
    },
    options,
  );

  function answered({ method, path, query, headers }: Call): Outgoing {
    if (headers['user-agent'] === undefined) throw new ApiError(403, NO_USER_AGENT);
    const [, installation] = /^\/app\/installations\/([^/]+)\/access_tokens$/.exec(path) ?? [];
    if (installation !== undefined && method === 'POST') {
      return jsonAnswer(201, logins.issue(installation, headers.authorization));
    }
    const { isInstallation } = logins.of(headers.authorization);
    if (method !== 'GET') throw new ApiError(404, 'Not Found');
    const apiVersion = String(headers['x-github-api-version'] ?? '2022-11-28');
    if (!VERSIONS.has(apiVersion)) throw new ApiError(400, `API version ${apiVersion} is not supported`);
    const origin = `http://${headers.host ?? ''}`;
    const { body, link } = answer({ world, origin, path, query, apiVersion, isInstallation });
    const own = { 'x-github-api-version-selected': apiVersion, ...(link === undefined ? {} : { link }) };
    return unlessSame(headers['if-none-match'], jsonAnswer(200, body, own));
  }

  /**
   * A 304 for the ETag of the answer; it has no Link header here, and it does not count against the limit
   * (https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api).
   */
  function unlessSame(known: string | undefined, whole: Outgoing): Outgoing {
    const etag = `W/"${createHash('sha256').update(whole.body).digest('hex')}"`;
    if (known !== etag) return { ...whole, headers: { ...whole.headers, etag } };
    limit.giveBack();
    return { status: 304, headers: { etag }, body: Buffer.alloc(0) };
  }

  return {
    ...kit,
    token,
    get truth(): GithubTruth {
      return truthOf(world);
    },
    changeAlerts: (count) => changes.changeAlerts(count),
    addAlerts: (count) => changes.addAlerts(count),
    removeRepository: (fullName) => changes.removeRepository(fullName),
    renameRepository: (fullName, name) => changes.renameRepository(fullName, name),
  };
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
