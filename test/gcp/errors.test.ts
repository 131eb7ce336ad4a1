import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type GcpEmulator, type GcpEmulatorOptions, startGcpEmulator } from '../emulators/gcp/gcp-emulator.ts';
import { type CliAnswer, runCli, type Workspace, workspace } from '../support/cli.ts';

interface Scene {
  readonly emulator: GcpEmulator;
  readonly place: Workspace;
  gcp(args: string, env?: Readonly<Record<string, string>>): Promise<CliAnswer>;
  /** The same without `--json`: what people read. */
  told(args: string, env?: Readonly<Record<string, string>>): Promise<CliAnswer>;
}

async function scene(options: GcpEmulatorOptions = {}): Promise<Scene> {
  const emulator = await startGcpEmulator({ projects: 3, bucketsPerProject: 2, assetsPerProject: 10, ...options });
  const place = workspace();
  onTestFinished(async () => {
    await emulator.close();
    place.remove();
  });
  const told: Scene['told'] = (args, env = {}) =>
    runCli(['run', 'gcp', ...args.split(' ')], {
      cwd: place.folder,
      env: { SASSY_GCP__SERVICE_ACCOUNT: emulator.serviceAccount, SASSY_GCP__BASE_URL: emulator.url, ...env },
    });
  return { emulator, place, told, gcp: (args, env) => told(`${args} --json`, env) };
}

describe('what Google says when something is off', () => {
  it('leaves out what is off or gone (projects, buckets), counts it, and reads the others', async () => {
    const { emulator, gcp } = await scene({ bucketsPerProject: 3 });
    emulator.switchOff('team-0-app', 'service');
    emulator.switchOff('team-2-app', 'billing');
    // A bucket that is deleted before its policy is read, and one whose requester pays.
    emulator.failNext({ path: /\/iam/ }, { status: 404 });
    const message = 'Bucket is a requester pays bucket but no user project provided.';
    emulator.failNext(
      { path: /\/iam/ },
      { status: 400, body: { error: { code: 400, message, errors: [{ message, reason: 'required' }] } } },
    );
    const answer = await gcp('stream');
    const { buckets, assets, resources, bucket_policies: policies } = named(answer);
    for (const stream of [buckets, assets, resources, policies]) {
      expect(stream).toMatchObject({ status: 'complete', skippedSlices: 2 });
    }
    expect([buckets?.records, assets?.records, policies?.records]).toEqual([3, 14, 1]);
  });

  it('takes Resource Manager that is off for what it is: nothing can be read', async () => {
    const { emulator, gcp } = await scene();
    const info = {
      '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
      reason: 'SERVICE_DISABLED',
      domain: 'googleapis.com',
    };
    const message = 'Cloud Resource Manager API has not been used in project 123 before or it is disabled.';
    const body = { error: { code: 403, message, status: 'PERMISSION_DENIED', details: [info] } };
    emulator.failNext({ path: /^\/v3\//, times: 99 }, { status: 403, body });
    const answer = await gcp('stream --streams projects');
    expect(answer.code).toBe(4);
    expect(answer.json().streams[0].error.code).toBe('PERMISSION_DENIED');
  });

  it('tells which permission is missing', async () => {
    const { emulator, gcp } = await scene();
    const message =
      'sassy@x.iam.gserviceaccount.com does not have storage.buckets.list access to the Google Cloud project.';
    const error = { code: 403, message, errors: [{ message, domain: 'global', reason: 'forbidden' }] };
    emulator.failNext({ path: /^\/storage\/v1\/b\?/, times: 99 }, { status: 403, body: { error } });
    emulator.failNext({ path: /searchAllResources/, times: 99 }, { status: 403 });
    const answer = await gcp('check');
    expect(answer.code).toBe(4);
    const failed = answer.json().checks.filter(({ ok }: { ok: boolean }) => !ok);
    expect(failed.map(({ name }: { name: string }) => name)).toEqual([
      'buckets can be listed (storage.buckets.list)',
      'resources can be searched (cloudasset.assets.searchAllResources)',
    ]);
  });

  it('says so when the account sees no project at all, or not the one that is named', async () => {
    const { emulator, told } = await scene();
    const named = await told('check', { SASSY_GCP__PROJECTS: 'team-1-app,not-mine' });
    expect(named.code).toBe(4);
    expect(named.stdout + named.stderr).toContain('Not visible: not-mine');
    emulator.failNext({ path: /projects:search/, times: 99 }, { status: 200, body: {} });
    const none = await told('check');
    expect(none.code).toBe(4);
    expect(none.stdout + none.stderr).toContain('sees no project');
  });
});

describe('limits and faults', () => {
  it('waits and goes on: 403 and 429 limits, 503, a reset, a cut body, an expired token', async () => {
    const { emulator, gcp } = await scene();
    const rate = {
      error: {
        code: 403,
        message: 'Rate Limit Exceeded',
        errors: [{ domain: 'usageLimits', reason: 'userRateLimitExceeded', message: 'Rate Limit Exceeded' }],
      },
    };
    emulator.failNext({ path: /^\/storage\/v1\/b\?/ }, { status: 403, headers: { 'retry-after': '1' }, body: rate });
    emulator.failNext({ path: /\/iam/ }, { status: 429, headers: { 'retry-after': '1' } });
    emulator.failNext({ path: /\/iam/, skip: 2 }, { truncate: 20 });
    emulator.failNext({ path: /searchAllResources/ }, { status: 401 });
    emulator.failNext({ path: /\/assets/ }, { status: 503 });
    emulator.failNext({ path: /^\/v3\/folders/ }, { reset: true });
    const answer = await gcp('stream');
    expect(answer.code, answer.stderr).toBe(0);
    const { truth } = emulator;
    expect(named(answer)).toMatchObject({
      folders: { records: truth.folders.length },
      buckets: { records: truth.buckets.length, retries: 1 },
      bucket_policies: { records: truth.policies.length },
      assets: { records: truth.assets.length },
      resources: { records: truth.resources.filter(({ updateTime }) => updateTime !== undefined).length },
    });
    expect(emulator.requests.filter(({ path }) => path === '/token')).toHaveLength(2);
  });

  it('keeps the pace of a server that refuses what is too much', async () => {
    const { emulator, gcp } = await scene({ rateLimit: { requests: 6, windowMs: 1000, retryAfter: false } });
    const answer = await gcp('stream --streams projects,buckets,bucket_policies');
    expect(answer.code, answer.stderr).toBe(0);
    expect(named(answer)['bucket_policies']?.records).toBe(6);
    expect(emulator.requests.some(({ status }) => status === 429 || status === 403)).toBe(true);
  });
});

describe('the login', () => {
  it('is refused for another key and for an unknown account, and nothing is asked without it', async () => {
    const { emulator, gcp } = await scene();
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const file: Readonly<Record<string, string>> = JSON.parse(emulator.serviceAccount);
    const wrongKey = { ...file, private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }) };
    const unknown = { ...file, client_email: 'nobody@x.iam.gserviceaccount.com' };
    for (const key of [wrongKey, unknown]) {
      const answer = await gcp('stream --streams projects', { SASSY_GCP__SERVICE_ACCOUNT: JSON.stringify(key) });
      expect(answer.code).toBe(4);
      expect(answer.json().streams[0].error.code).toBe('LOGIN_REFUSED');
    }
    expect(emulator.requests.every(({ path }) => path === '/token')).toBe(true);
  });

  it('is a matter of the config when the key is no key file; nothing of it is shown', async () => {
    const { gcp } = await scene();
    const answer = await gcp('check', { SASSY_GCP__SERVICE_ACCOUNT: '{"private_key": "very-private", "client_email"' });
    expect(answer.code).toBe(3);
    expect(answer.stdout + answer.stderr).not.toContain('very-private');
  });
});

describe('the scope', () => {
  it('is the projects that are named, and nothing else', async () => {
    const { gcp } = await scene();
    const answer = await gcp('stream', { SASSY_GCP__PROJECTS: 'team-1-app,team-2-app' });
    expect(answer.code, answer.stderr).toBe(0);
    expect(named(answer)).toMatchObject({
      projects: { records: 2 },
      buckets: { records: 4 },
      assets: { slices: 2, records: 26 },
    });
  });

  it('is one list of assets for a whole organization, of the types that are named', async () => {
    const { emulator, gcp } = await scene();
    const env = {
      SASSY_GCP__ORGANIZATION: '812345678901',
      SASSY_GCP__ASSET_TYPES: 'compute.googleapis.com/Disk,bigquery.*',
    };
    const answer = await gcp('stream', env);
    expect(answer.code, answer.stderr).toBe(0);
    const wanted = emulator.truth.assets.filter(({ assetType }) => /Disk$|^bigquery/.test(assetType));
    expect(named(answer)).toMatchObject({
      assets: { slices: 1, records: wanted.length },
      resources: { records: wanted.length },
    });
    expect(emulator.requests.some(({ path }) => path === '/v1/organizations/812345678901/assets')).toBe(true);
  });
});

interface StreamAnswer {
  readonly status: string;
  readonly records: number;
  readonly slices: number;
  readonly retries: number;
}

function named(answer: CliAnswer): Readonly<Record<string, StreamAnswer>> {
  return Object.fromEntries(answer.json().streams.map((stream: { name: string }) => [stream.name, stream]));
}
