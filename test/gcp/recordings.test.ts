import { generateKeyPairSync } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type CliAnswer, runCli, workspace } from '../support/cli.ts';
import { type Recorded, recordings, replayServer, type ReplayServer, type Served } from './replay-server.ts';

const FOLDER = resolve(import.meta.dirname, '../../../shared/data/gcp');
const isThere = existsSync(FOLDER);
const all = isThere ? recordings(FOLDER) : [];

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const KEY_FILE = JSON.stringify({
  private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
  client_email: 'sassy@example.iam.gserviceaccount.com',
  token_uri: 'https://oauth2.googleapis.com/token',
});
const TOKEN: Served = {
  status: 200,
  text: JSON.stringify({ access_token: 'ya29.x', expires_in: 3599, token_type: 'Bearer' }),
};

/** What is missing in the recordings (the login, the list of projects) is served around them. */
async function reader(answer: (url: URL) => Served | undefined): Promise<(args: string) => Promise<CliAnswer>> {
  const place = workspace();
  const server: ReplayServer = await replayServer(
    (url) => answer(url) ?? (url.pathname === '/token' ? TOKEN : undefined),
  );
  onTestFinished(async () => {
    await server.close();
    place.remove();
  });
  const env = { SASSY_GCP__SERVICE_ACCOUNT: KEY_FILE, SASSY_GCP__BASE_URL: server.url };
  return (args) => runCli(['run', 'gcp', ...args.split(' '), '--json'], { cwd: place.folder, env });
}

const projectsPage = (ids: readonly string[]): Served => ({
  status: 200,
  text: JSON.stringify({ projects: ids.map((projectId, index) => ({ name: `projects/${index + 1}`, projectId })) }),
});

/** Shown where the recordings are not: they are no part of the package. */
describe.skipIf(!isThere)('real traffic (skipped where ../shared/data/gcp is missing)', () => {
  it('reads every recorded list of buckets and every policy, and what they say is found again', async () => {
    const lists = all.filter(
      ({ url, status, method }) => method === 'GET' && url.pathname === '/storage/v1/b' && status === 200,
    );
    const policies = versionsByPath(all.filter(({ url, method }) => method === 'GET' && url.pathname.endsWith('/iam')));
    expect(lists.length).toBeGreaterThanOrEqual(17);
    const rounds = Math.max(...[...policies.values()].map((versions) => versions.length));
    let round = 0;
    const gcp = await reader((url) => {
      if (url.pathname === '/v3/projects:search') return projectsPage(lists.map((_, index) => `recording-${index}`));
      // A project for each recorded list, since many were made of the same one.
      if (url.pathname === '/storage/v1/b') return lists[Number(url.searchParams.get('project')?.split('-')[1])];
      const versions = policies.get(url.pathname);
      return versions?.[Math.min(round, versions.length - 1)];
    });
    for (; round < rounds; round += 1) {
      const answer = await gcp('stream --streams projects,buckets,bucket_policies');
      expect(answer.code, answer.stderr).toBe(0);
    }
    const recordedBuckets = lists.flatMap(({ body }) => listIn(body, 'items'));
    const oneRound = await gcp('show buckets --all');
    expect(texts(oneRound.lines())).toEqual(texts(Array.from({ length: rounds }, () => recordedBuckets).flat()));
    const recordedPolicies = [...policies.values()].flat().map(({ body }) => body);
    const shown = (await gcp('show bucket_policies --all')).lines();
    expect(new Set(texts(shown))).toEqual(new Set(texts(recordedPolicies)));

    const parsed = await gcp('parse');
    expect(parsed.code, parsed.stderr).toBe(0);
    expect(parsed.json().parsers[0].quarantined).toBe(0);
    const entities = (await gcp('show CloudResource'))
      .lines()
      .filter(({ kind }) => kind === 'storage.googleapis.com/Bucket');
    const names = new Set(recordedBuckets.map(nameOf));
    expect(entities).toHaveLength(names.size);
    const newest = Object.fromEntries((await gcp('show buckets')).lines().map((bucket) => [bucket.name, bucket]));
    for (const entity of entities) expect(entity).toMatchObject(bucketEntity(newest[entity.name], policies));
  }, 120_000);

  it('reads the recorded lists of projects, the empty one too', async () => {
    const pages = all.filter(
      ({ url }) => url.host === 'cloudresourcemanager.googleapis.com' && url.pathname === '/v3/projects',
    );
    expect(pages).toHaveLength(3);
    const recorded = pages.flatMap(({ body }) => listIn(body, 'projects'));
    expect(recorded).toHaveLength(11);
    const gcp = await reader((url) => {
      const page = Number(url.searchParams.get('pageToken') ?? 0);
      const { body } = pages[page] ?? { body: undefined };
      const next = page < 2 ? { nextPageToken: String(page + 1) } : {};
      return url.pathname === '/v3/projects:search'
        ? { status: 200, text: JSON.stringify(Object.assign({}, body, next)) }
        : undefined;
    });
    const answer = await gcp('stream --streams projects');
    expect(answer.code, answer.stderr).toBe(0);
    expect(answer.json().streams[0]).toMatchObject({ pages: 3, records: 11 });
    const shown = (await gcp('show projects')).lines();
    expect(texts(shown)).toEqual(texts(recorded));
  });

  it('reads the exported assets of all types, in pages', async () => {
    const assets: readonly unknown[] = JSON.parse(
      readFileSync(join(FOLDER, 'forseti-cai/additional-assets.records.json'), 'utf8'),
    );
    const gcp = await reader((url) => {
      if (url.pathname === '/v3/projects:search') return projectsPage(['project1']);
      const start = Number(url.searchParams.get('pageToken') ?? 0);
      const page = { readTime: '2019-12-01T00:00:00Z', assets: assets.slice(start, start + 20) };
      const next = start + 20 < assets.length ? { nextPageToken: String(start + 20) } : {};
      return url.pathname.endsWith('/assets') ? { status: 200, text: JSON.stringify({ ...page, ...next }) } : undefined;
    });
    const answer = await gcp('stream --streams projects,asset_scopes,assets');
    expect(answer.code, answer.stderr).toBe(0);
    expect(texts((await gcp('show assets')).lines())).toEqual(texts(assets));
    const parsed = await gcp('parse');
    expect(parsed.json().parsers[0]).toMatchObject({ quarantined: 0 });
    const entities = (await gcp('show CloudResource')).lines();
    expect(entities).toHaveLength(assets.length + 1);
    const found = (end: string): unknown => entities.find(({ id }) => id.endsWith(end));
    expect(found('/datasets/bq_test_ds1')).toMatchObject({
      name: 'bq_test_ds1',
      accountId: '1043',
      region: 'us',
      createdAt: '2018-10-22T14:53:36.171Z',
    });
    expect(found('/instances/forseti')).toMatchObject({
      name: 'forseti',
      accountId: '1',
      region: 'us-west1',
      createdAt: null,
    });
    expect(found('/serviceAccounts/09876543210987654321')).toMatchObject({
      name: '123-compute@developer.gserviceaccount.com',
      accountId: '1042',
    });
    expect(found('/services/kubernetes')).toMatchObject({
      name: 'kubernetes',
      tags: { component: 'apiserver' },
      createdAt: '2016-10-22T17:45:57Z',
    });
  });

  it('takes recorded refusals for what they are', async () => {
    const refused = all.filter(({ status, url }) => status >= 400 && status < 500 && !url.pathname.endsWith('/token'));
    const off = refused.filter(({ text }) => /billing|has not enabled/i.test(text));
    expect(off).toHaveLength(5);
    const gone = refused.filter(({ status, text }) => status === 404 && text.startsWith('{'));
    expect(gone.length).toBeGreaterThan(3);
    const skipped = [...off, ...gone];
    const gcp = await reader((url) => {
      if (url.pathname === '/v3/projects:search') return projectsPage(skipped.map((_, index) => `refused-${index}`));
      return skipped[Number(url.searchParams.get('project')?.split('-')[1])];
    });
    const answer = await gcp('stream --streams projects,buckets');
    expect(answer.json().streams[1]).toMatchObject({
      name: 'buckets',
      status: 'complete',
      records: 0,
      skippedSlices: skipped.length,
    });

    const denied = refused.find(({ text }) => text.includes('RESOURCES_NOT_FOUND'));
    const other = await reader((url) =>
      url.pathname === '/v3/projects:search'
        ? projectsPage(['p'])
        : url.pathname.startsWith('/storage')
          ? denied
          : undefined,
    );
    const refusal = await other('stream --streams projects,buckets');
    // The projects were read, the buckets may not be.
    expect(refusal.code).toBe(6);
    expect(refusal.json().streams[1].error.code).toBe('PERMISSION_DENIED');
  });

  it('takes each recorded answer of the token endpoint that is no token for a refused login', async () => {
    const grants = all.filter(({ url }) => url.pathname.endsWith('/token'));
    expect(grants).toHaveLength(3);
    for (const grant of grants) {
      const gcp = await reader((url) => (url.pathname === '/token' ? grant : undefined));
      const answer = await gcp('stream --streams projects');
      expect(answer.code, grant.file).toBe(4);
      expect(answer.json().streams[0].error.code).toBe('LOGIN_REFUSED');
    }
  });
});

/** The answers to each path, equal ones once. */
function versionsByPath(exchanges: readonly Recorded[]): ReadonlyMap<string, readonly Recorded[]> {
  const found = new Map<string, Recorded[]>();
  for (const exchange of exchanges) {
    const versions = found.get(exchange.url.pathname) ?? [];
    if (!versions.some(({ text }) => text === exchange.text)) versions.push(exchange);
    found.set(exchange.url.pathname, versions);
  }
  return found;
}

function listIn(body: unknown, name: string): readonly unknown[] {
  const list = Object.getOwnPropertyDescriptor(body, name)?.value;
  return Array.isArray(list) ? list : [];
}

function nameOf(item: unknown): unknown {
  return Object.getOwnPropertyDescriptor(item, 'name')?.value;
}

/** As sorted texts with sorted fields: the order of records and of their fields does not matter. */
function texts(items: readonly unknown[]): readonly string[] {
  return items.map((item) => JSON.stringify(item, sortedFields)).sort();
}

function sortedFields(_name: string, value: unknown): unknown {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) : value;
}

/* oxlint-disable typescript/no-explicit-any -- a recorded bucket may have any form */
function bucketEntity(bucket: any, policies: ReadonlyMap<string, readonly Recorded[]>): object {
  const policy = policies.get(`/storage/v1/b/${bucket.name}/iam`)?.at(-1);
  const lists: readonly string[] = (bucket.acl ?? []).map((entry: any) => entry.entity);
  const isOpen = /"all(Authenticated)?Users"/.test(policy?.text ?? '');
  const uniform = bucket.iamConfiguration?.uniformBucketLevelAccess?.enabled === true;
  const byLists = !uniform && (lists.includes('allUsers') || lists.includes('allAuthenticatedUsers')) ? true : null;
  const enforced = bucket.iamConfiguration?.publicAccessPrevention === 'enforced';
  return {
    id: `//storage.googleapis.com/${bucket.name}`,
    source: 'gcp',
    name: bucket.name,
    kind: 'storage.googleapis.com/Bucket',
    accountId: bucket.projectNumber,
    region: bucket.location.toLowerCase(),
    isPublic: enforced ? false : policy === undefined ? byLists : isOpen,
    isEncrypted: true,
    tags: bucket.labels ?? {},
    createdAt: bucket.timeCreated,
    updatedAt: bucket.updated,
  };
}
