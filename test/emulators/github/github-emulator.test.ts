import { afterEach, describe, expect, it } from 'vitest';
import { type GithubEmulator, type GithubEmulatorOptions, startGithubEmulator } from './github-emulator.ts';

/** What tests look at of a body. */
async function body<T>(response: Response): Promise<T> {
  return JSON.parse(await response.text());
}

describe('the GitHub emulator', () => {
  const running: GithubEmulator[] = [];
  afterEach(async () => {
    await Promise.all(running.splice(0).map((emulator) => emulator.close()));
  });

  async function start(options: GithubEmulatorOptions = {}): Promise<GithubEmulator> {
    const emulator = await startGithubEmulator(options);
    running.push(emulator);
    return emulator;
  }

  function get(
    emulator: GithubEmulator,
    path: string,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Response> {
    const url = path.startsWith('http') ? path : emulator.url + path;
    return fetch(url, { headers: { authorization: `Bearer ${emulator.token}`, ...headers }, redirect: 'manual' });
  }

  async function walk(emulator: GithubEmulator, path: string): Promise<{ items: { url: string }[]; paths: string[] }> {
    const items: { url: string }[] = [];
    const paths: string[] = [];
    for (let next: string | undefined = emulator.url + path; next !== undefined;) {
      const response = await get(emulator, next);
      expect(response.status).toBe(200);
      items.push(...(await body<{ url: string }[]>(response)));
      paths.push(new URL(next).pathname);
      next = /<([^>]*)>; rel="next"/.exec(response.headers.get('link') ?? '')?.[1];
    }
    return { items, paths };
  }

  it('pages by number, with links that have the number of the owner', async () => {
    const emulator = await start({ repositoriesPerOrg: 45 });
    const { items, paths } = await walk(emulator, '/orgs/ACME/repos?per_page=20');
    expect(items).toEqual(emulator.truth.repositories.slice(0, 45));
    expect(paths).toEqual(['/orgs/ACME/repos', '/organizations/9919/repos', '/organizations/9919/repos']);
    expect((await walk(emulator, '/users/octocat/repos?per_page=1')).paths[1]).toBe('/user/583231/repos');
  });

  it('pages Dependabot by cursor alone, newest first, steady while alerts come', async () => {
    const emulator = await start({ alertsPerRepository: 70 });
    const first = await get(emulator, '/repos/acme/api/dependabot/alerts?per_page=50&sort=updated&direction=desc');
    const page = await body<{ url: string; updated_at: string }[]>(first);
    const times = page.map(({ updated_at }) => updated_at);
    expect(times).toEqual(times.toSorted().toReversed());
    emulator.addAlerts(30);
    const next = /<([^>]*)>; rel="next"/.exec(first.headers.get('link') ?? '')?.[1] ?? '';
    const rest = await body<{ url: string }[]>(await get(emulator, next));
    expect(new Set([...page, ...rest].map(({ url }) => url)).size).toBe(70);
    expect((await get(emulator, '/repos/acme/api/dependabot/alerts?page=2')).status).toBe(400);
    expect((await get(emulator, '/repos/acme/api/dependabot/alerts?after=nonsense')).status).toBe(422);
  });

  it('organisation lists hold all repositories that have the feature on, each alert with its repository', async () => {
    const emulator = await start({ repositoriesPerOrg: 8, alertsPerRepository: 6 });
    const { items, paths } = await walk(emulator, '/orgs/acme/dependabot/alerts?per_page=10');
    expect(items).toHaveLength(6 * 6);
    expect(items.every((alert) => 'repository' in alert)).toBe(true);
    expect(paths[1]).toBe('/organizations/9919/dependabot/alerts');
  });

  it('secrets are hidden when that is asked for; 2026-03-10 has no cvss and no has_downloads', async () => {
    const emulator = await start();
    const secrets = '/repos/acme/api/secret-scanning/alerts';
    expect(await (await get(emulator, secrets)).text()).toContain('canary_');
    expect(await (await get(emulator, `${secrets}?hide_secret=true`)).text()).not.toContain('canary_');
    const asNew = { 'x-github-api-version': '2026-03-10' };
    expect(await (await get(emulator, '/repos/acme/api/dependabot/alerts')).text()).toContain('"cvss":');
    expect(await (await get(emulator, '/repos/acme/api/dependabot/alerts', asNew)).text()).not.toContain('"cvss":');
    expect(await (await get(emulator, '/orgs/acme/repos', asNew)).text()).not.toContain('has_downloads');
    expect((await get(emulator, '/orgs/acme/repos', { 'x-github-api-version': '2020-01-01' })).status).toBe(400);
  });

  it.each([
    ['/orgs/acme/repos', { authorization: 'Bearer wrong' }, 401, 'Bad credentials'],
    ['/orgs/nobody/repos', {}, 404, 'Not Found'],
    ['/repos/acme/mobile/dependabot/alerts', {}, 403, 'Dependabot alerts are disabled for this repository.'],
    ['/repos/acme/billing/code-scanning/alerts', {}, 404, 'no analysis found'],
    [
      '/installation/repositories',
      {},
      403,
      'You must authenticate with an installation access token in order to list repositories for an installation.',
    ],
  ])('%s is refused as GitHub refuses it', async (path, headers, status, message) => {
    const emulator = await start({ repositoriesPerOrg: 8 });
    const response = await get(emulator, path, headers);
    expect([response.status, (await body<{ message: string }>(response)).message]).toEqual([status, message]);
  });

  it('has a primary limit with its headers, and renamed repositories answer 301', async () => {
    const emulator = await start({ rateLimit: { requests: 2, windowMs: 60_000, status: 429 } });
    emulator.renameRepository('acme/api', 'core');
    const moved = await get(emulator, '/repos/acme/api/dependabot/alerts?per_page=5');
    expect(moved.status).toBe(301);
    expect(moved.headers.get('location')).toMatch(/\/repositories\/\d+\/dependabot\/alerts/);
    expect((await get(emulator, '/orgs/acme/repos')).headers.get('x-ratelimit-remaining')).toBe('0');
    expect((await get(emulator, '/orgs/acme/repos')).status).toBe(429);
  });

  it('serves equal data for an equal seed, also after equal changes, and other data for another', async () => {
    const collect = async (seed: number): Promise<string> => {
      const emulator = await start({ seed });
      emulator.changeAlerts(9);
      emulator.addAlerts(4);
      return JSON.stringify(emulator.truth);
    };
    const one = await collect(5);
    expect(await collect(5)).toBe(one);
    expect(await collect(6)).not.toBe(one);
  });

  it('changes get times later than anything before', async () => {
    const emulator = await start();
    const before = JSON.stringify(emulator.truth);
    const changed = emulator.changeAlerts(12);
    expect(new Set(changed.map(({ url }) => url)).size).toBe(12);
    for (const { updated_at } of changed)
      expect(updated_at !== null && updated_at !== undefined && updated_at > '2026-11-01').toBe(true);
    expect(JSON.stringify(emulator.truth)).not.toBe(before);
  });
});
