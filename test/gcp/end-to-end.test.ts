import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type GcpEmulator, startGcpEmulator } from '../emulators/gcp/gcp-emulator.ts';
import { type CliAnswer, runCli, workspace } from '../support/cli.ts';
import { expectedResources } from './expected-entities.ts';

/** By hand: `GCP_TEST_ASSETS=2500 vitest run test/gcp/end-to-end.test.ts` makes some 10,000. */
const ASSETS = Number(process.env['GCP_TEST_ASSETS'] ?? 60);
const PROJECTS = 4;
const BUCKETS = 15;

/** Every step goes on from the one before, as a user's day does. */
describe('Google Cloud from check to restream, against the emulator', () => {
  const place = workspace();
  let emulator: GcpEmulator;

  beforeAll(async () => {
    emulator = await startGcpEmulator({
      projects: PROJECTS,
      bucketsPerProject: BUCKETS,
      assetsPerProject: ASSETS,
      mostPerPage: Math.max(50, ASSETS / 4),
    });
  });
  afterAll(async () => {
    await emulator.close();
    place.remove();
  });

  const gcp = (args: string, env: Readonly<Record<string, string>> = {}): Promise<CliAnswer> =>
    runCli(['run', 'gcp', ...args.split(' '), '--json'], {
      cwd: place.folder,
      env: { SASSY_GCP__SERVICE_ACCOUNT: emulator.serviceAccount, SASSY_GCP__BASE_URL: emulator.url, ...env },
    });
  /** Without the secret, and with nobody listening where the API was. */
  const offline = (args: string): Promise<CliAnswer> =>
    runCli(['run', 'gcp', ...args.split(' '), '--json'], { cwd: place.folder });

  it('check: the login works, and every permission is there', async () => {
    const answer = await gcp('check', { SASSY_GCP__QUOTA_PROJECT: 'team-1-app' });
    expect(answer.code, answer.stderr).toBe(0);
    expect(answer.json().checks).toHaveLength(4);
    expect(answer.json().checks.every(({ ok }: { ok: boolean }) => ok)).toBe(true);
    expect(answer.json().streams.every(({ readable }: { readable: boolean }) => readable)).toBe(true);
    // The quota of another project is used for everything but the login itself.
    const payers = (isToken: boolean): unknown[] => [
      ...new Set(
        emulator.requests.filter(({ path }) => (path === '/token') === isToken).map(({ quotaProject }) => quotaProject),
      ),
    ];
    expect(payers(true)).toEqual([undefined]);
    expect(payers(false)).toEqual(['team-1-app']);
  });

  it('stream: every record arrives, as the server has it, over pages of all lengths', async () => {
    emulator.clearRequests();
    const answer = await gcp('stream');
    expect(answer.code, answer.stderr).toBe(0);
    expect(answer.json().streams.map(({ status }: { status: string }) => status)).toEqual(Array(8).fill('complete'));
    // Their fields are seen in the entities.
    expect(['organizations', 'folders', 'projects'].map((name) => streamNamed(answer, name).records)).toEqual([
      1,
      6,
      PROJECTS,
    ]);
    await expectRaw();
    expect(emulator.requests.filter(({ path }) => path === '/token')).toHaveLength(1);
    const later = emulator.requests.filter(
      ({ path, query }) => path.endsWith('/assets') && query['pageToken'] !== undefined,
    );
    expect(later.length).toBeGreaterThan(0);
    expect(new Set(later.map(({ query }) => query['readTime']))).toEqual(new Set(['2026-11-01T08:00:00.000Z']));
  });

  it('parse: one resource for each full name, field by field, without network or secret', async () => {
    const answer = await offline('parse');
    expect(answer.code, answer.stderr).toBe(0);
    const entities = expectedResources(emulator.truth);
    expect(answer.json().parsers[0]).toMatchObject({
      inputs: { buckets: PROJECTS * BUCKETS, assets: emulator.truth.assets.length },
      entities: { added: entities.length, changed: 0, unchanged: 0, archived: 0 },
      quarantined: 0,
    });
    await expectEntities();
  });

  it('stream again: nothing new is found, and only the time since then is asked for', async () => {
    emulator.clearRequests();
    const answer = await gcp('stream --streams resources');
    expect(answer.code, answer.stderr).toBe(0);
    expect(streamNamed(answer, 'resources')).toMatchObject({ records: 0, bytes: 0, status: 'complete' });
    const queries = emulator.requests.flatMap(({ query }) => query['query'] ?? []);
    expect(queries.length).toBeGreaterThanOrEqual(PROJECTS);
    expect(queries.every((query) => /^updateTime>"202[456]-/.test(query))).toBe(true);
  });

  it('after 20 changes and 3 new ones the search alone brings them, and entities follow', async () => {
    const changed = emulator.changeAssets(20);
    const added = emulator.addAssets(3, 1).filter(({ assetType }) => !assetType.startsWith('iam.'));
    const answer = await gcp('stream --streams resources');
    expect(streamNamed(answer, 'resources').records).toBe(changed.length + added.length);
    const parsed = await offline('parse');
    expect(parsed.json().parsers[0].entities).toMatchObject({
      added: added.length,
      changed: changed.length,
      archived: 0,
    });
    const shown = byId((await offline('show CloudResource')).lines());
    for (const { name, resource } of changed) expect(shown[name]).toMatchObject({ tags: resource.data['labels'] });
  });

  it('a list that is broken off goes on as of the time of its first page', async () => {
    const before = emulator.truth.assets;
    const first = await gcp('stream --streams assets --max-pages 1');
    expect(streamNamed(first, 'assets').status).toBe('partial');
    emulator.addAssets(10, 0);
    const rest = await gcp('stream --streams assets');
    expect(rest.code, rest.stderr).toBe(0);
    const shown = (await offline('show assets')).lines();
    const names = new Set(before.map(({ name }) => name));
    // The project that was begun is of one state; those that were not yet asked may show what came since.
    expect(shown.filter(({ name }) => names.has(name))).toHaveLength(before.length);
  });

  it('the next whole run shows what was changed, added and removed since', async () => {
    const [gone] = emulator.truth.buckets;
    emulator.removeBucket(gone?.name ?? '');
    emulator.changeBuckets(5);
    emulator.changeAssets(7);
    const answer = await gcp('stream');
    expect(answer.code, answer.stderr).toBe(0);
    expect((await offline('parse')).json().parsers[0].entities.archived).toBe(1);
    const shown = await expectEntities();
    expect(shown.find(({ name }) => name === gone?.name)).toMatchObject({ archivedAt: expect.any(String) });
  });

  it('restream: a new generation of exactly what the server has, and not one request', async () => {
    emulator.clearRequests();
    const answer = await offline('restream');
    expect(answer.code, answer.stderr).toBe(0);
    expect(emulator.requests).toEqual([]);
    expect(answer.json().parsers[0].entities).toMatchObject({ added: 0, changed: 0 });
    await expectEntities();
  });

  async function expectRaw(): Promise<void> {
    const { truth } = emulator;
    await same('buckets', truth.buckets);
    await same('assets', truth.assets);
    const timed = truth.resources.filter(({ updateTime }) => updateTime !== undefined);
    const shown = byName((await offline('show resources')).lines());
    expect(shown).toMatchObject(byName(timed));
    const policies = (await offline('show bucket_policies'))
      .lines()
      .map(({ resourceId, ...rest }) => ({ name: resourceId, ...rest }));
    expect(byName(policies)).toEqual(
      byName(truth.policies.map(({ resourceId, ...rest }) => ({ name: resourceId, ...rest }))),
    );
  }

  async function same(stream: string, truth: readonly { readonly name: string }[]): Promise<void> {
    const shown = (await offline(`show ${stream}`)).lines();
    expect(shown.length).toBe(truth.length);
    expect(byName(shown)).toEqual(byName(truth));
  }

  /** All that are not archived are what the server has; gives the archived ones too. */
  async function expectEntities(): Promise<readonly { readonly id: string; readonly name: string }[]> {
    const shown = (await offline('show CloudResource')).lines();
    const present = shown.filter(({ archivedAt }) => archivedAt === undefined || archivedAt === null);
    expect(byId(present.map(({ archivedAt: _never, ...fields }) => fields))).toEqual(
      byId(expectedResources(emulator.truth)),
    );
    return shown;
  }
});

function streamNamed(answer: CliAnswer, name: string): { records: number; status: string } {
  return answer.json().streams.find((stream: { name: string }) => stream.name === name);
}

function byId(list: readonly { readonly id: string }[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(list.map((item) => [item.id, item]));
}

function byName(list: readonly { readonly name: string }[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(list.map((item) => [item.name, item]));
}
