import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startSnykEmulator, type SnykEmulator } from './snyk/snyk-emulator.ts';
import {
  cursorIn,
  firstOrg,
  ids,
  issuesOf,
  list,
  raw,
  refusal,
  send,
  sorted,
  testVersion,
  walk,
} from './snyk/test-client.ts';

describe('reading', () => {
  let emulator: SnykEmulator;
  let org: string;

  beforeAll(async () => {
    emulator = await startSnykEmulator({ orgs: 12, projectsPerOrg: 45, issuesPerOrg: [235] });
    org = firstOrg(emulator);
  });
  afterAll(() => emulator.close());

  describe('authentication', () => {
    it.each(['token emulator-token', 'Token emulator-token', 'Bearer emulator-token'])('%s', async (header) => {
      const response = await send(emulator, '/self', {}, { headers: { authorization: header } });
      expect(response.status).toBe(200);
    });

    it.each([undefined, 'token wrong-secret', 'Basic emulator-token', 'emulator-token'])(
      'refuses %s',
      async (header) => {
        const response = await send(emulator, '/orgs', {}, { headers: header ? { authorization: header } : {} });
        const copy = response.clone();
        expect(await refusal(response)).toEqual({ status: 401, parameter: undefined });
        const all = JSON.stringify([await copy.text(), [...copy.headers]]);
        expect(all).toContain('SNYK-0005');
        expect(all).not.toMatch(/wrong-secret|emulator-token/);
      },
    );

    it('keeps the token out of the log', async () => {
      await send(emulator, '/orgs', { token: emulator.token });
      expect(JSON.stringify(emulator.requests)).not.toContain(emulator.token);
    });
  });

  describe('version', () => {
    it.each([
      ['', 400],
      ['latest', 400],
      ['2024-13-01', 400],
      ['2024-10-15~wrong', 400],
      ['2023-12-31', 404],
    ])('refuses %j with %d', async (version, status) => {
      expect((await refusal(await send(emulator, '/orgs', { version }))).status).toBe(status);
    });

    it('says what it serves', async () => {
      const served: Record<string, unknown> = {};
      const paths = [
        '/self',
        '/groups',
        '/orgs',
        ...['', '/projects', '/issues', '/targets'].map((p) => `/orgs/${org}${p}`),
      ];
      for (const path of paths) {
        const { headers, status } = await send(emulator, path, { version: '2024-10-15~beta' });
        expect([status, headers.get('snyk-version-requested')]).toEqual([200, '2024-10-15~beta']);
        expect(headers.get('content-type')).toBe('application/vnd.api+json; charset=utf-8');
        expect(headers.get('snyk-request-id')).toMatch(/^[0-9a-f-]{36}$/);
        served[path.replace(org, 'id')] = [
          headers.get('snyk-version-served'),
          headers.get('snyk-version-lifecycle-stage'),
        ];
      }
      expect(served).toEqual({
        '/self': ['2024-04-22', 'ga'],
        '/groups': ['2023-01-30~beta', 'beta'],
        '/orgs': ['2024-02-28', 'ga'],
        '/orgs/id': ['2023-05-29', 'ga'],
        '/orgs/id/projects': ['2024-05-31', 'ga'],
        '/orgs/id/issues': ['2024-01-23', 'ga'],
        '/orgs/id/targets': ['2024-02-21', 'ga'],
      });
    });
  });

  describe('pages', () => {
    it('walks organisations by strings with /rest', async () => {
      const { items, nexts, pages } = await walk(emulator, '/orgs');
      expect(items).toEqual(emulator.truth.orgs);
      expect(pages).toEqual([10, 2]);
      expect(nexts).toEqual([expect.stringMatching(/^\/rest\/orgs\?version=2024-10-15&starting_after=v1\.\w+%3D%3D$/)]);
    });

    it('walks projects by strings without /rest', async () => {
      const { items, nexts, pages } = await walk(emulator, `/orgs/${org}/projects`, { limit: '20' });
      expect(items).toEqual(emulator.truth.projects.filter((p) => p.relationships.organization.data.id === org));
      expect(pages).toEqual([20, 20, 5]);
      for (const next of nexts) expect(next).toMatch(/^\/orgs\/.+limit=20.+starting_after=v1\./);
    });

    it('walks issues by objects and strings in turn, without limit', async () => {
      const { items, nexts, pages } = await walk(emulator, `/orgs/${org}/issues`, { limit: '100' });
      expect(items).toEqual(issuesOf(emulator, org));
      expect(pages.slice(0, 3)).toEqual([100, 10, 10]);
      expect(nexts.map((next) => typeof next).slice(0, 4)).toEqual(['object', 'string', 'object', 'string']);
      expect(JSON.stringify(nexts)).not.toContain('limit=');
      expect(JSON.stringify(nexts)).not.toMatch(/"\/orgs/);
    });

    it('walks targets in pages of any size', async () => {
      const { items, pages } = await walk(emulator, `/orgs/${org}/targets`, { limit: '7', exclude_empty: 'false' });
      expect(items).toEqual(emulator.truth.targets.filter((t) => t.relationships.organization.data.id === org));
      expect(pages).toEqual([7, 7, 2]);
    });

    it('goes back with ending_before', async () => {
      const path = `/orgs/${org}/issues`;
      const { items } = await walk(emulator, path);
      const last = await list(emulator, path, { ending_before: 'end', limit: '20' });
      expect(ids(last.data)).toEqual(ids(items.slice(-20)));
      expect(last.links['next']).toBeUndefined();
      const before = cursorIn(last.links['prev']);
      const previous = await list(emulator, path, { ending_before: before, limit: '20' });
      expect(ids(previous.data)).toEqual(ids(items.slice(-40, -20)));
      expect(previous.links['next']).toBeDefined();
    });

    it('has self and first on every page, and no next on the last', async () => {
      const { links } = await list(emulator, '/groups');
      expect(links).toEqual({ self: '/rest/groups?version=2024-10-15', first: '/rest/groups?version=2024-10-15' });
    });

    it.each(['0', '5', '15', '110', '-10', 'ten', '10.0', '1e1'])('refuses limit=%s', async (limit) => {
      const response = await send(emulator, `/orgs/${org}/issues`, { limit });
      expect(await refusal(response)).toEqual({ status: 400, parameter: 'limit' });
    });

    it.each(['garbage', 'v1.', 'v1.eyJpZCI6IjMyODE4ODAifQ==', `v1.${Buffer.from('{"id":1}').toString('base64url')}`])(
      'refuses the cursor %s',
      async (cursor) => {
        const response = await send(emulator, `/orgs/${org}/issues`, { starting_after: cursor });
        expect(await refusal(response)).toEqual({ status: 400, parameter: 'starting_after' });
      },
    );

    it('refuses a cursor of another collection', async () => {
      const { links } = await list(emulator, `/orgs/${org}/projects`);
      const cursor = cursorIn(links['next']);
      const response = await send(emulator, `/orgs/${org}/issues`, { starting_after: cursor });
      expect(await refusal(response)).toEqual({ status: 400, parameter: 'starting_after' });
    });
  });

  describe('refusals', () => {
    it.each([
      ['/orgs/0e7f9f1c-1111-4222-8333-444455556666/issues', 404],
      ['/orgs/not-a-uuid/issues', 400],
      ['/orgs/%E0%A4%A/issues', 400],
      ['/nothing', 404],
      ['/orgs/', 404],
    ])('%s answers %d', async (path, status) => {
      expect((await refusal(await send(emulator, path))).status).toBe(status);
    });

    it('serves only GET, and only under /rest', async () => {
      const posted = await send(
        emulator,
        '/orgs',
        {},
        {
          method: 'POST',
          body: '{}',
          headers: { authorization: 'token emulator-token' },
        },
      );
      expect(posted.headers.get('allow')).toBe('GET');
      expect((await refusal(posted)).status).toBe(405);
      expect((await fetch(`${emulator.url}/orgs?version=${testVersion}`)).status).toBe(404);
    });
  });

  it('compresses what is long for those who take it, with the true length', async () => {
    const headers = { authorization: 'token emulator-token' };
    const path = `/rest/orgs/${org}/issues?version=${testVersion}`;
    const plain = await raw(`${emulator.url}${path}`, headers);
    expect(plain.headers['content-encoding']).toBeUndefined();
    expect(plain.headers['content-length']).toBe(String(plain.body.length));
    const zipped = await raw(`${emulator.url}${path}`, { ...headers, 'accept-encoding': 'br, gzip' });
    expect(zipped.headers['content-encoding']).toBe('gzip');
    expect(zipped.headers['content-length']).toBe(String(zipped.body.length));
    const short = await raw(`${emulator.url}/rest/self?version=${testVersion}`, {
      ...headers,
      'accept-encoding': 'gzip',
    });
    expect(short.headers['content-encoding']).toBeUndefined();
  });

  it('holds every kind of issue, ties in time and other scripts', () => {
    const { issues, projects } = emulator.truth;
    expect(new Set(issues.map(({ attributes }) => attributes.type)).size).toBe(6);
    expect(new Set(projects.map(({ attributes }) => attributes.type)).size).toBe(6);
    const times = issues.map(({ attributes }) => attributes.updated_at);
    expect(new Set(times).size).toBeLessThan(times.length);
    expect(times).not.toEqual(sorted(times));
    expect(issues.some(({ attributes }) => /\p{Script=Han}/u.test(attributes.title))).toBe(true);
    for (const time of times) expect(time >= '2024-11-01' && time < '2026-11-01').toBe(true);
  });
});
