import { afterEach, describe, expect, it } from 'vitest';
import { type JiraEmulator, type JiraEmulatorOptions, startJiraEmulator } from './jira-emulator.ts';

const started: JiraEmulator[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map((emulator) => emulator.close()));
});

async function start(options: JiraEmulatorOptions = {}): Promise<JiraEmulator> {
  const emulator = await startJiraEmulator(options);
  started.push(emulator);
  return emulator;
}

async function ask(
  emulator: JiraEmulator,
  path: string,
  query: Readonly<Record<string, string>> = {},
  authorization?: string,
) {
  const basic = `Basic ${Buffer.from(`${emulator.email}:${emulator.apiToken}`).toString('base64')}`;
  const url = `${emulator.url}${path}?${new URLSearchParams(query).toString()}`;
  const response = await fetch(url, { redirect: 'manual', headers: { authorization: authorization ?? basic } });
  const text = await response.text();
  const body: Answer = text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : {};
  return { status: response.status, headers: response.headers, text, body };
}

interface Answer {
  readonly issues?: readonly { readonly id: string; readonly fields?: Readonly<Record<string, unknown>> }[];
  readonly nextPageToken?: string;
  readonly isLast?: boolean;
  readonly errorMessages?: readonly string[];
}

describe('the emulator of Jira', () => {
  it('pages issues by a token that is absent on the last page, oldest first, in the zone of the login', async () => {
    const emulator = await start({ issues: 25, pageCap: 10 });
    const query = { jql: 'updated >= "1970-01-02 00:00" ORDER BY updated ASC', fields: 'updated', maxResults: '5000' };
    const pages = [(await ask(emulator, '/rest/api/3/search/jql', query)).body];
    for (let token = pages[0]?.nextPageToken; token !== undefined; token = pages.at(-1)?.nextPageToken) {
      pages.push((await ask(emulator, '/rest/api/3/search/jql', { ...query, nextPageToken: token })).body);
    }
    expect(
      pages.map(({ issues, isLast, nextPageToken }) => [issues?.length, isLast, nextPageToken !== undefined]),
    ).toEqual([
      [10, false, true],
      [10, false, true],
      [5, true, false],
    ]);
    const times = pages.flatMap(({ issues = [] }) => issues.map(({ fields }) => String(fields?.['updated'])));
    expect(times.every((time) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}-0[45]00$/.test(time))).toBe(true);
    const instants = times.map((time) => Date.parse(time.replace(/(\d\d)$/, ':$1')));
    expect(instants).toEqual(instants.toSorted((a, b) => a - b));
  });

  it('gives ids alone when no fields are named, and refuses what Jira refuses', async () => {
    const emulator = await start({ issues: 3 });
    const jql = 'updated >= "1970-01-02"';
    const path = '/rest/api/3/search/jql';
    expect((await ask(emulator, path, { jql })).body.issues?.[0]?.fields).toBeUndefined();
    expect(Object.keys((await ask(emulator, path, { jql, fields: '*all' })).body.issues?.[0]?.fields ?? {})).toContain(
      'comment',
    );
    for (const query of [
      { jql: 'ORDER BY updated' },
      { jql: 'updated >= "2026-01-01T00:00:00Z"' },
      { jql: 'updated >= 17' },
      { jql, nextPageToken: 'x' },
    ]) {
      const { status, body } = await ask(emulator, path, query);
      expect(status, JSON.stringify(query)).toBe(400);
      expect(body.errorMessages).toHaveLength(1);
    }
    expect((await ask(emulator, '/rest/api/3/search', { jql })).status).toBe(410);
  });

  it('knows who asks, and where', async () => {
    const cloud = await start();
    const gateway = `/ex/jira/${cloud.cloudId}/rest/api/3/myself`;
    expect((await ask(cloud, gateway, {}, `Bearer ${cloud.accessToken}`)).status).toBe(200);
    expect((await ask(cloud, '/rest/api/3/myself', {}, `Bearer ${cloud.accessToken}`)).status).toBe(401);
    expect((await ask(cloud, '/rest/api/3/myself', {}, 'Basic eA==')).headers.get('x-seraph-loginreason')).toBe(
      'AUTHENTICATED_FAILED',
    );
    const server = await start({ deployment: 'datacenter' });
    expect((await ask(server, '/rest/api/2/myself', {}, `Bearer ${server.accessToken}`)).status).toBe(200);
    expect((await ask(server, '/rest/api/2/search', {}, 'Basic eA==')).status).toBe(401);
    const anonymous = await fetch(`${server.url}/rest/api/2/search`, { redirect: 'manual' });
    expect([anonymous.status, anonymous.headers.get('location')?.startsWith('/login.jsp')]).toEqual([302, true]);
  });

  it('serves equal data for an equal seed, also after equal changes', async () => {
    const collect = async (seed: number): Promise<string> => {
      const emulator = await start({ seed, issues: 30 });
      emulator.changeIssues(5);
      emulator.addIssues(2);
      return JSON.stringify(emulator.truth.issues).replaceAll(emulator.url, '');
    };
    const one = await collect(5);
    expect(await collect(5)).toBe(one);
    expect(await collect(6)).not.toBe(one);
  });
});
