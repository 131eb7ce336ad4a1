import { afterEach, describe, expect, it } from 'vitest';
import { githubHttp } from '../../integrations/github/http.ts';
import { classify } from '../../src/http/verdict.ts';
import { type CliAnswer, runCli, workspace } from '../support/cli.ts';
import {
  example,
  fileNamed,
  hasRecordings,
  list,
  type Recorded,
  recording,
  records,
  refusals,
  repositoriesOf,
} from './recorded.ts';
import { type Interaction, replay, type ReplayServer } from './replay-server.ts';

const VCR = 'octokit.rb';
/** The results stand in docs/recordings-github.md. */
describe.skipIf(!hasRecordings)('recorded traffic of api.github.com (../shared/data/github)', () => {
  const open: ReplayServer[] = [];
  afterEach(async () => {
    await Promise.all(open.splice(0).map((server) => server.close()));
  });

  /** Streams and parses a recording; gives what arrived, by stream and by entity. */
  async function read(interactions: readonly Interaction[], streams: string, config: Readonly<Record<string, string>>) {
    const server = await replay(interactions);
    open.push(server);
    const place = workspace();
    const names = Object.entries(config).map(([name, value]) => [`SASSY_GITHUB__${name}`, value]);
    const env = { SASSY_GITHUB__TOKEN: 'recorded', SASSY_GITHUB__BASE_URL: server.url, ...Object.fromEntries(names) };
    const run = (args: string) => runCli(['run', 'github', ...args.split(' '), '--json'], { cwd: place.folder, env });
    try {
      const streamed = await run(`stream --streams ${streams}`);
      expect(streamed.code, streamed.stderr + streamed.stdout).toBe(0);
      const parsed = await run('parse');
      expect(parsed.code, parsed.stderr + parsed.stdout).toBe(0);
      expect(parsed.json().parsers.map(({ quarantined }: { quarantined: number }) => quarantined)).toEqual([0, 0, 0]);
      const arrived: Record<string, number> = {};
      for (const line of streamed.json().streams) arrived[line.name] = line.records;
      const entities = async (entity: string): Promise<ReturnType<CliAnswer['lines']>> =>
        (await run(`show ${entity}`)).lines();
      return { arrived, asked: server.asked, entities };
    } finally {
      open.push({ ...server, close: async () => place.remove() });
    }
  }

  it('lists of repositories, of 2012 to 2024: every record arrives as it was recorded', async () => {
    const served = (name: string, part: string) =>
      list(
        `/users/${name}/repos`,
        recording(fileNamed(VCR, part)).flatMap(({ body }) => itemsIn(body)),
      );
    /** Recorded with an App's key that nobody has: served where a personal token asks. Two pages with a Link between them. */
    const wrapped = (name: string, part: string) =>
      recording(fileNamed(VCR, part))
        .filter(({ method }) => method === 'GET')
        .map((page) => moved(page, '/installation/repositories', `/users/${name}/repos`));
    const interactions = [
      ...recording('hub4j-wiremock/GHUserTest.listPublicRepositories.json'),
      ...recording(fileNamed(VCR, 'organization_repositories')),
      ...recording(fileNamed(VCR, 'repositories_returns_a_user')),
      served('own', 'repositories_returns_authenticated_user'),
      served('cached', 'performs_requests_per_user'),
      served('all', 'all_repositories'),
      served('one', 'repository_returns_the_matching'),
      served('topics', 'repository_including_topics'),
      served('found', 'sets_headers_for_all_pages'),
      ...wrapped('bare', 'app_installation_repositories_allows_auto_pagination'),
      ...wrapped('installed', 'app_installation_repositories_lists'),
    ];
    const users = 'kohsuke,sferik,own,cached,all,one,topics,found,bare,installed';
    const { arrived, asked, entities } = await read(interactions, 'repositories', {
      ORGS: 'codeforamerica',
      USERS: users,
    });
    const recorded = interactions
      .filter(({ url }) => new URL(url).pathname.endsWith('/repos'))
      .flatMap(({ body }) =>
        itemsIn(body).flatMap((item: Recorded & { repositories?: readonly Recorded[] }) => item.repositories ?? [item]),
      );
    expect(recorded).toHaveLength(120 + 30 + 30 + 3 + 2 + 100 + 1 + 1 + 2 + 2 + 3);
    expect(arrived['repositories']).toBe(recorded.length);
    expect(asked.filter((path) => path === 'GET /user/50003/repos')).toHaveLength(3);
    const newest = new Map(recorded.map((item) => [String(item.id), item]));
    const projects = await entities('Project');
    expect(projects).toHaveLength(newest.size);
    for (const { id, name, url, orgName } of projects) {
      const item = newest.get(id);
      expect([name, url, orgName]).toEqual([item?.full_name ?? id, item?.html_url ?? null, item?.owner?.login ?? null]);
    }
  });

  it('octokit.rb: repositories and members of an organisation, of 2014', async () => {
    const both = [
      ...recording(fileNamed(VCR, 'organization_repositories')),
      ...recording(fileNamed(VCR, 'organization_members_')),
    ];
    const { arrived, entities } = await read(both, 'repositories,members', { ORGS: 'codeforamerica' });
    expect(arrived).toEqual({ repositories: 30, members: 30 });
    const people = await entities('Person');
    expect(people).toHaveLength(30);
    expect(people.every(({ name, kind }) => name.length > 0 && kind === 'user')).toBe(true);
  });

  it('octokit.rb: code scanning of one repository, and of an organisation as one list', async () => {
    const ofRepository = recording(fileNamed(VCR, 'alerts_for_repository'));
    const ofOrg = recording(fileNamed(VCR, 'alerts_for_org'));
    const listed = list('/orgs/caja-de-dano/repos', repositoriesOf(itemsIn(ofOrg[0]?.body)));
    const streams = 'repositories,alert_lists,code_scanning_alerts';
    const one = await read([listed, ...ofRepository], streams, { ORGS: 'caja-de-dano' });
    const all = await read([listed, ...ofOrg], streams, { ORGS: 'caja-de-dano', ALERTS_LEVEL: 'org' });
    for (const { arrived } of [one, all]) expect(arrived['code_scanning_alerts']).toBe(2);
    const [first, second] = [...(await one.entities('Finding'))].sort((a, b) => (a.id < b.id ? -1 : 1));
    expect(first).toMatchObject({
      id: 'https://api.github.com/repos/Caja-de-Dano/active-wrapper/code-scanning/alerts/1',
    });
    expect(second).toMatchObject({
      kind: 'code',
      title: 'Clear-text logging of sensitive information',
      severity: 'high',
      status: 'open',
      cwes: ['CWE-312', 'CWE-359', 'CWE-532'],
      projectName: 'Caja-de-Dano/active-wrapper',
      projectId: '1',
      url: 'https://github.com/Caja-de-Dano/active-wrapper/security/code-scanning/2',
      createdAt: '2024-03-02T23:53:54Z',
      updatedAt: '2024-05-30T23:04:21Z',
    });
    expect(await all.entities('Finding')).toHaveLength(2);
  });

  it('port-ocean: real repositories and alerts of 2025 and 2026', async () => {
    const repositories = records('port-ocean-examples/repository.records.json');
    const dependabot = records('port-ocean-examples/dependabot-alert.records.json');
    const code = records('port-ocean-examples/code-scanning-alerts.records.json');
    const served = [
      list('/user/repos', [
        ...repositories,
        ...repositoriesOf([...dependabot, ...code]).map((item, id) => ({ ...item, id })),
      ]),
      ...listsOf(dependabot, 'dependabot'),
      ...listsOf(code, 'code-scanning'),
    ];
    const { arrived, entities } = await read(
      served,
      'repositories,alert_lists,dependabot_alerts,code_scanning_alerts',
      {},
    );
    expect(arrived).toMatchObject({ dependabot_alerts: 5, code_scanning_alerts: 5 });
    const findings = await entities('Finding');
    // One of the ten stands in the collection twice.
    expect(findings).toHaveLength(9);
    expect(findings.find(({ id }) => id.endsWith('/vscode/dependabot/alerts/114'))).toMatchObject({
      kind: 'package_vulnerability',
      title: 'webpack buildHttp HttpUriPlugin allowedUris bypass via HTTP redirects → SSRF + cache persistence',
      severity: 'low',
      status: 'resolved',
      cves: ['CVE-2025-68157'],
      cwes: ['CWE-918'],
      packages: ['webpack@>= 5.49.0, < 5.104.0'],
      fixable: true,
      riskScore: 3.7,
      resolvedAt: '2026-02-10T14:02:27Z',
    });
  });

  it('the examples of the specification: every list that is read', async () => {
    const secrets = example('secret-scanning-alert-list');
    const ofRepository = {
      dependabot: example('dependabot-alerts-for-repository'),
      'code-scanning': example('code-scanning-alert-items'),
    };
    const all = [...Object.values(ofRepository).flat(), ...secrets];
    const served = [
      list('/orgs/octo/repos', [...example('minimal-repository-items'), ...repositoriesOf(all)]),
      list(
        '/users/octo/repos',
        example('repository-paginated-2').map((item, id) => ({ ...item, id: id + 900 })),
      ),
      list('/orgs/octo/members', example('simple-user-items')),
      ...Object.entries(ofRepository).flatMap(([kind, alerts]) => listsOf(alerts, kind)),
      ...listsOf(secrets, 'secret-scanning'),
    ];
    const streams = 'repositories,alert_lists,dependabot_alerts,code_scanning_alerts,secret_scanning_alerts';
    const { entities } = await read(served, streams, { ORGS: 'octo', USERS: 'octo' });
    expect(await entities('Finding')).toHaveLength(all.length);
  });

  it('the examples of the specification: lists of an organisation', async () => {
    const kinds = {
      dependabot: example('dependabot-alerts-for-organization'),
      'code-scanning': example('code-scanning-organization-alert-items'),
      'secret-scanning': example('organization-secret-scanning-alert-list'),
    };
    const all = Object.values(kinds).flat();
    const served = [
      list('/orgs/octo/repos', [{ id: 1, full_name: 'octo/anything', owner: { id: 2, login: 'octo' } }]),
      ...Object.entries(kinds).map(([kind, alerts]) => list(`/orgs/octo/${kind}/alerts`, alerts)),
    ];
    const streams = 'repositories,alert_lists,dependabot_alerts,code_scanning_alerts,secret_scanning_alerts';
    const { entities } = await read(served, streams, { ORGS: 'octo', ALERTS_LEVEL: 'org' });
    const findings = await entities('Finding');
    expect(findings).toHaveLength(all.length);
    // The repository stands in the alert, so it is known although no list showed it.
    expect(findings.every(({ projectId, projectName }) => projectId !== null && projectName !== null)).toBe(true);
  });

  it('every recorded refusal has the verdict that it should have', () => {
    const verdictOf = classify(githubHttp.verdicts);
    const found = refusals().map(({ file, method, url, status, headers, body }) => {
      const lower = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
      const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
      const verdict = verdictOf({ status, headers: lower, body: bytes }, { method, url, headers: {} });
      return `${file.split('/')[1]?.slice(0, 30)} ${status} ${verdict.kind}`;
    });
    expect([...new Set(found)].sort()).toEqual([
      'AbuseLimitHandlerTest.testHand 429 retry',
      'AppTest.testCredentialValid.js 401 denied',
      'CheckApp_create_check_run.json 403 denied',
      'Octokit_Client_Reviews_with_re 401 denied',
      'Organization_publicize_member. 403 denied',
      'RateLimitHandlerTest.testHandl 403 retry',
      'errors.json 422 fail',
      'rename-repository.json 301 fail',
      'rename-repository.json 307 fail',
    ]);
  });
});

/** The records of a body: an array, a search's `items`, or the one object. */
function itemsIn(body: unknown): readonly Recorded[] {
  const items: unknown = typeof body === 'object' && body !== null && 'items' in body ? body.items : body;
  return JSON.parse(JSON.stringify(Array.isArray(items) ? items : [items]));
}

/** One list for each repository that the alerts are of. */
function listsOf(alerts: readonly Recorded[], kind: string): readonly Interaction[] {
  const groups = Object.groupBy(alerts, ({ url }) => /\/repos\/[^/]+\/[^/]+/.exec(url)?.[0] ?? '');
  return Object.entries(groups).map(([path, group]) => list(`${path}/${kind}/alerts`, group ?? []));
}

function moved(page: Interaction, from: string, to: string): Interaction {
  const headers = Object.entries(page.headers).map(([name, value]) => [name, value.replaceAll(from, to)]);
  return { ...page, url: page.url.replace(from, to), headers: Object.fromEntries(headers) };
}
