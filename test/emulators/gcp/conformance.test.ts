import { createSign } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type GcpEmulator, startGcpEmulator } from './gcp-emulator.ts';

const DISCOVERY = resolve(import.meta.dirname, '../../../../shared/data/gcp/discovery');

/* oxlint-disable typescript/no-explicit-any -- answers are read freely: their shape is what is tested */
/** Without the framework: what the published specification promises, by plain requests. */
describe('the emulator of Google Cloud', () => {
  let emulator: GcpEmulator;
  let token: string;

  beforeAll(async () => {
    emulator = await startGcpEmulator({ projects: 2, bucketsPerProject: 5, assetsPerProject: 30, mostPerPage: 10 });
    const granted: any = await (await grant({})).json();
    token = granted.access_token;
  });
  afterAll(() => emulator.close());

  function grant(claims: object, audience = 'https://oauth2.googleapis.com/token'): Promise<Response> {
    const file: Readonly<Record<string, string>> = JSON.parse(emulator.serviceAccount);
    const now = Math.floor(Date.now() / 1000);
    const payload = { iss: file['client_email'], scope: 'x', aud: audience, iat: now, exp: now + 3600, ...claims };
    const content = [{ alg: 'RS256', typ: 'JWT' }, payload]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.');
    const signature = createSign('sha256')
      .update(content)
      .sign(file['private_key'] ?? '', 'base64url');
    const body = new URLSearchParams({
      grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
      assertion: `${content}.${signature}`,
    });
    return fetch(`${emulator.url}/token`, { method: 'POST', body });
  }

  async function get(path: string): Promise<{ status: number; body: Readonly<Record<string, any>> }> {
    const response = await fetch(emulator.url + path, { headers: { authorization: `Bearer ${token}` } });
    return { status: response.status, body: Object(await response.json()) };
  }

  it('gives tokens for assertions that are signed, meant for it and short-lived', async () => {
    expect((await grant({})).status).toBe(200);
    for (const wrong of [{ exp: 4_000_000_000 }, { iat: 1, exp: 3600 }, { iss: 'x' }]) {
      const answer = await grant(wrong);
      expect(answer.status).toBe(400);
      expect(await answer.json()).toMatchObject({ error: 'invalid_grant' });
    }
    expect((await grant({}, 'https://example.com')).status).toBe(400);
  });

  it('refuses requests without a token, each service in its own form', async () => {
    const storage = await fetch(`${emulator.url}/storage/v1/b?project=team-0-app`);
    expect(await storage.json()).toMatchObject({ error: { code: 401, errors: [{ reason: 'authError' }] } });
    const projects = await fetch(`${emulator.url}/v3/projects:search`);
    expect(await projects.json()).toMatchObject({ error: { code: 401, status: 'UNAUTHENTICATED' } });
  });

  it('lists assets as of a time, and leaves out what is empty', async () => {
    const path = '/v1/projects/team-0-app/assets?contentType=RESOURCE&pageSize=1000';
    const names: string[] = [];
    let pinned = '';
    let page = await get(path);
    const { readTime } = page.body;
    const before = emulator.truth.assets.filter(({ ancestors }) => ancestors[0] === 'projects/100000000000');
    emulator.addAssets(5, 0);
    for (;;) {
      names.push(...(page.body['assets'] ?? []).map(({ name }: { name: string }) => name));
      if (page.body['nextPageToken'] === undefined) break;
      pinned = `&readTime=${readTime}&pageToken=${page.body['nextPageToken']}`;
      page = await get(path + pinned);
    }
    expect(names).toEqual(before.map(({ name }) => name));
    expect((await get('/v3/folders?parent=folders/301')).body).toEqual({});
    expect((await get(`${path}&readTime=2020-01-01T00:00:00Z`)).status).toBe(400);
  });

  it('takes a token only with the request that it belongs to', async () => {
    const { body } = await get('/v1/projects/team-1-app:searchAllResources?pageSize=3');
    const next = `pageSize=3&pageToken=${body['nextPageToken']}`;
    expect((await get(`/v1/projects/team-1-app:searchAllResources?${next}`)).status).toBe(200);
    expect((await get(`/v1/projects/team-0-app:searchAllResources?${next}`)).body).toMatchObject({
      error: { status: 'INVALID_ARGUMENT' },
    });
  });

  it('finds by time, in order, and not what has no time', async () => {
    const since = '2025-06-01T00:00:00Z';
    const query = `query=${encodeURIComponent(`updateTime>"${since}"`)}&orderBy=updateTime&pageSize=500`;
    const times: string[] = [];
    for (let rest = ''; ;) {
      const { body } = await get(`/v1/organizations/812345678901:searchAllResources?${query}${rest}`);
      times.push(...(body['results'] ?? []).map(({ updateTime }: { updateTime: string }) => updateTime));
      if (body['nextPageToken'] === undefined) break;
      rest = `&pageToken=${body['nextPageToken']}`;
    }
    const expected = emulator.truth.resources
      .filter(({ updateTime = '' }) => updateTime > since)
      .map(({ updateTime }) => updateTime);
    expect(times).toEqual(expected.toSorted((a = '', b = '') => (a < b ? -1 : 1)));
  });

  it.skipIf(!existsSync(DISCOVERY))(
    'serves only fields that the discovery documents have (skipped where they are missing)',
    () => {
      const { truth } = emulator;
      const served = [
        ['cloudresourcemanager.v3', 'Organization', truth.organizations],
        ['cloudresourcemanager.v3', 'Folder', truth.folders],
        ['cloudresourcemanager.v3', 'Project', truth.projects],
        ['storage.v1', 'Bucket', truth.buckets],
        ['storage.v1', 'Policy', truth.policies],
        ['cloudasset.v1', 'Asset', truth.assets],
        ['cloudasset.v1', 'ResourceSearchResult', truth.resources],
      ] as const;
      for (const [api, schema, items] of served) {
        const document = JSON.parse(readFileSync(`${DISCOVERY}/${api}.discovery.json`, 'utf8'));
        const known = Object.keys(document.schemas[schema].properties);
        const used = new Set(items.flatMap((item) => Object.keys(item)));
        expect(known, schema).toEqual(expect.arrayContaining([...used]));
      }
    },
  );

  it('serves equal data for an equal seed', async () => {
    const [one, two, other] = await Promise.all([1, 1, 2].map((seed) => startGcpEmulator({ seed })));
    expect(one?.truth).toEqual(two?.truth);
    expect(one?.truth).not.toEqual(other?.truth);
    for (const each of [one, two, other]) await each?.close();
  });
});
