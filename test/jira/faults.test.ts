import { afterAll, describe, expect, it } from 'vitest';
import { type JiraEmulator, type JiraEmulatorOptions, startJiraEmulator } from '../emulators/jira/jira-emulator.ts';
import { type CliAnswer, runCli, workspace, type Workspace } from '../support/cli.ts';

const SMALL = { issues: 25, users: 3, projects: 2, pageCap: 5 } as const;

interface Site {
  readonly emulator: JiraEmulator;
  readonly jira: (args: string, more?: Readonly<Record<string, string>>) => Promise<CliAnswer>;
}

describe.concurrent('Jira with limits and faults', () => {
  const opened: { emulator: JiraEmulator; place: Workspace }[] = [];
  afterAll(async () => {
    for (const { emulator, place } of opened) {
      await emulator.close();
      place.remove();
    }
  });

  async function site(options: JiraEmulatorOptions = {}): Promise<Site> {
    const emulator = await startJiraEmulator({ ...SMALL, ...options });
    const place = workspace();
    opened.push({ emulator, place });
    const env = {
      SASSY_JIRA__BASE_URL: emulator.url,
      SASSY_JIRA__EMAIL: emulator.email,
      SASSY_JIRA__API_TOKEN: emulator.apiToken,
      SASSY_JIRA__DEPLOYMENT: options.deployment ?? 'cloud',
    };
    const jira: Site['jira'] = (args, more = {}) =>
      runCli(['run', 'jira', ...args.split(' '), '--json'], { cwd: place.folder, env: { ...env, ...more } });
    return { emulator, jira };
  }

  it.each(['retry-after', 'reset-iso'] as const)('keeps to a limit told as %s', async (tell) => {
    const { emulator, jira } = await site({ rateLimit: { requests: 5, pauseMs: 200, tell } });
    const answer = await jira('stream');
    expect(answer.code, answer.stderr).toBe(0);
    expect(recordsOf(answer)).toEqual({ projects: 2, users: 3, issues: 25 });
    expect(emulator.requests.map(({ status }) => status)).toContain(429);
  });

  it('ends as temporary when the hourly quota is used up, and says when to come back', async () => {
    const { emulator, jira } = await site();
    const headers = {
      'retry-after': '3000',
      'ratelimit-reason': 'jira-quota-tenant-based',
      'x-ratelimit-remaining': '0',
    };
    emulator.failNext({ path: /search\/jql/, times: 9 }, { status: 429, headers });
    const answer = await jira('stream');
    expect(answer.code).toBe(75);
    expect(answer.json()).toMatchObject({ retryable: true, resumeAfter: expect.any(String) });
  });

  it('gets over errors, resets and cut answers', async () => {
    const { emulator, jira } = await site();
    emulator.failNext({ path: /search\/jql/, skip: 1 }, { status: 503, headers: { 'retry-after': '1' } });
    emulator.failNext({ path: /search\/jql/, skip: 2 }, { truncate: 400 });
    emulator.failNext({ path: /project/ }, { reset: true });
    const answer = await jira('stream');
    expect(answer.code, answer.stderr).toBe(0);
    expect(recordsOf(answer)).toEqual({ projects: 2, users: 3, issues: 25 });
  });

  it('a wrong token is a refused login', async () => {
    const { jira } = await site();
    const answer = await jira('stream', { SASSY_JIRA__API_TOKEN: 'revoked' });
    expect(answer.code).toBe(4);
    expect(answer.json().streams[0].error.code).toBe('LOGIN_REFUSED');
  });

  it('a wrong token on a site with public projects is no empty list', async () => {
    const { jira } = await site({ anonymousAccess: true });
    const answer = await jira('stream', { SASSY_JIRA__API_TOKEN: 'expired' });
    expect(answer.code).toBe(4);
    expect(recordsOf(answer)).toEqual({ projects: 0, users: 0, issues: 0 });
  });

  it('Data Center sends to its login page: a refused login, not an odd answer', async () => {
    const { jira } = await site({ deployment: 'datacenter' });
    const answer = await jira('stream', { SASSY_JIRA__EMAIL: '', SASSY_JIRA__API_TOKEN: '' });
    expect(answer.code).toBe(4);
    expect(answer.json().error).toMatchObject({ code: 'LOGIN_REFUSED', message: 'Jira sends to its login page' });
  });

  it('check names the missing permissions', async () => {
    const { jira } = await site({ without: ['BROWSE_PROJECTS', 'USER_PICKER'] });
    const answer = await jira('check');
    expect(answer.code).toBe(4);
    const checks: readonly { name: string; ok: boolean }[] = answer.json().checks;
    expect(checks.filter(({ ok }) => !ok).map(({ name }) => name)).toEqual([
      'the login has the permission "Browse projects"',
      'the login has the global permission "Browse users and groups"',
    ]);
  });

  it('a query that Jira refuses fails its stream alone', async () => {
    const { emulator, jira } = await site();
    const body = { errorMessages: ["The value 'X' does not exist for the field 'project'."], warningMessages: [] };
    emulator.failNext({ path: /search\/jql/ }, { status: 400, body });
    const answer = await jira('stream');
    expect(answer.code).toBe(5);
    const streams: readonly { status: string; error?: { code: string } }[] = answer.json().streams;
    expect(streams.map(({ status, error }) => error?.code ?? status)).toEqual(['complete', 'complete', 'API_REFUSED']);
  });

  it('without a site nothing is sent', async () => {
    const { emulator, jira } = await site();
    const answer = await jira('stream', { SASSY_JIRA__BASE_URL: '' });
    expect(answer.code).toBe(3);
    expect(JSON.stringify(answer.json())).toContain('SASSY_JIRA__BASE_URL');
    expect(emulator.requests).toEqual([]);
  });

  it('Data Center without /user/list: the users are searched for', async () => {
    const { emulator, jira } = await site({ deployment: 'datacenter' });
    emulator.failNext({ path: /user\/list/ }, { status: 404, body: { message: 'null for uri', 'status-code': 404 } });
    const answer = await jira('stream --streams users');
    expect(recordsOf(answer)).toEqual({ users: 3 });
  });

  it('OAuth: the token goes to the gateway of its site', async () => {
    const { emulator, jira } = await site();
    const oauth = { SASSY_JIRA__CLOUD_ID: emulator.cloudId, SASSY_JIRA__ACCESS_TOKEN: emulator.accessToken };
    const answer = await jira('sync', { ...oauth, SASSY_JIRA__API_TOKEN: '', SASSY_JIRA__EMAIL: '' });
    expect(answer.code, answer.stderr).toBe(0);
    expect(emulator.requests.every(({ path }) => path.startsWith(`/ex/jira/${emulator.cloudId}/rest/api/3/`))).toBe(
      true,
    );
    const items = (await jira('show WorkItem')).lines();
    expect(items).toHaveLength(25);
    expect(items[0].url).toBeNull();
  });

  it('OAuth with refresh tokens that rotate', async () => {
    const { emulator, jira } = await site();
    const oauth = {
      SASSY_JIRA__CLOUD_ID: emulator.cloudId,
      SASSY_JIRA__CLIENT_ID: 'client',
      SASSY_JIRA__CLIENT_SECRET: 'client-secret',
      SASSY_JIRA__REFRESH_TOKEN: emulator.refreshToken,
    };
    for (const expected of [25, 0]) {
      const answer = await jira('stream --streams issues', oauth);
      expect(answer.code, answer.stderr).toBe(0);
      expect(recordsOf(answer)).toEqual({ issues: expected });
    }
  });

  it.each(['cloud', 'datacenter'] as const)(
    'what changes while the pages are read is not missed: %s',
    async (deployment) => {
      const { emulator, jira } = await site({ deployment, issues: 60, latencyMs: 40 });
      const running = jira('stream --streams issues');
      await until(() => emulator.requests.filter(({ path }) => path.includes('search')).length >= 4);
      emulator.changeIssues(12);
      expect((await running).code).toBe(0);
      expect((await jira('stream --streams issues')).code).toBe(0);
      const shown = (await jira('show issues')).lines();
      const version = (issue: object): string => JSON.stringify(Object(issue).fields.updated);
      const found = new Map(shown.map((issue): [string, string] => [issue.id, version(issue)]));
      expect(found).toEqual(new Map(emulator.truth.issues.map((issue) => [String(issue['id']), version(issue)])));
    },
  );

  it('a profile without a time zone loses nothing', async () => {
    const { emulator, jira } = await site({ timeZone: null });
    await jira('stream');
    emulator.changeIssues(4);
    const answer = await jira('stream');
    expect(recordsOf(answer).issues).toBeGreaterThanOrEqual(4);
    // The bound of the last zone on earth lies before the true one.
    const asked = emulator.requests.filter(({ path }) => path.endsWith('/search/jql')).at(-1);
    expect(asked?.query['jql']).toMatch(/^updated >= "2026-10-27 00:24"/);
  });
});

function recordsOf(answer: CliAnswer): Record<string, number> {
  const streams: readonly { name: string; records: number }[] = answer.json().streams;
  return Object.fromEntries(streams.map(({ name, records }) => [name, records]));
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}
