import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startSnykEmulator, type SnykEmulator } from '../emulators/snyk/snyk-emulator.ts';
import { type CliAnswer, runCli, workspace } from '../support/cli.ts';
import { expectedFinding, expectedPeople, expectedProject } from './expected-entities.ts';

const ISSUES_PER_ORG = 1_000;
const PROJECTS = [100, 100, 50];
const STREAMS = ['orgs', 'projects', 'issues', 'targets', 'groups', 'org_memberships', 'group_memberships'];

/** Every step goes on from the one before, as a user's day does. */
describe('Snyk from check to restream, against the emulator', () => {
  const place = workspace();
  let emulator: SnykEmulator;

  beforeAll(async () => {
    emulator = await startSnykEmulator({ orgs: 3, issuesPerOrg: ISSUES_PER_ORG, projectsPerOrg: PROJECTS });
  });
  afterAll(async () => {
    await emulator.close();
    place.remove();
  });

  const env = (): Record<string, string> => ({
    SASSY_SNYK__TOKEN: emulator.token,
    SASSY_SNYK__BASE_URL: emulator.url,
  });
  const snyk = (args: string): Promise<CliAnswer> =>
    runCli(['run', 'snyk', ...args.split(' '), '--json'], { cwd: place.folder, env: env() });
  /** Without the secret, and with nobody listening where the API was. */
  const offline = (args: string): Promise<CliAnswer> =>
    runCli(['run', 'snyk', ...args.split(' '), '--json'], { cwd: place.folder });

  it('check: the login works and every stream is readable', async () => {
    const answer = await snyk('check');
    expect(answer.stderr).toBe('');
    expect(answer.code).toBe(0);
    expect(answer.json().checks).toEqual([{ name: 'the token can list organisations', ok: true }]);
    expect(answer.json().streams.map(({ name }: { name: string }) => name)).toEqual(STREAMS);
    expect(answer.json().streams.every(({ readable }: { readable: boolean }) => readable)).toBe(true);
  });

  it('stream: every record arrives, as the server has it', async () => {
    const answer = await snyk('stream');
    expect(answer.code, answer.stderr).toBe(0);
    const records = Object.fromEntries(
      answer.json().streams.map((stream: { name: string; records: number }) => [stream.name, stream.records]),
    );
    const { targets, groups, orgMemberships, groupMemberships } = emulator.truth;
    expect(records).toEqual({
      orgs: 3,
      projects: 250,
      issues: 3_000,
      targets: targets.length,
      groups: groups.length,
      org_memberships: orgMemberships.length,
      group_memberships: groupMemberships.length,
    });
    expect(new Set(answer.json().streams.map((stream: { status: string }) => stream.status))).toEqual(
      new Set(['complete']),
    );
    await expectRaw('orgs', emulator.truth.orgs);
    await expectRaw('projects', emulator.truth.projects);
    await expectRaw('issues', emulator.truth.issues);
    await expectRaw('targets', targets);
    await expectRaw('groups', groups);
    await expectRaw('org_memberships', orgMemberships);
    await expectRaw('group_memberships', groupMemberships);
  }, 60_000);

  it('parse: one entity for each, field by field, without network or secret', async () => {
    const answer = await offline('parse');
    expect(answer.code, answer.stderr).toBe(0);
    expect(answer.json().parsers).toEqual([
      parserResult('projects', { projects: 250, orgs: 3, targets: emulator.truth.targets.length }, { added: 250 }),
      parserResult('findings', { issues: 3_000, projects: 250 }, { added: 3_000 }),
      parserResult(
        'people',
        {
          org_memberships: emulator.truth.orgMemberships.length,
          group_memberships: emulator.truth.groupMemberships.length,
        },
        { added: expectedPeople(emulator.truth).length },
      ),
    ]);
    await expectEntities();
  }, 60_000);

  it('stream again: one request of issues for each org, and nothing new', async () => {
    emulator.clearRequests();
    const answer = await snyk('stream');
    expect(answer.code, answer.stderr).toBe(0);
    expect(streamNamed(answer, 'issues')).toMatchObject({ records: 0, bytes: 0, status: 'complete' });
    const asked = emulator.requests.filter(({ path }) => path.endsWith('/issues'));
    expect(asked).toHaveLength(3);
    expect(asked.every(({ query }) => query['updated_after'] !== undefined)).toBe(true);
    const parsed = await offline('parse');
    expect(parsed.code, parsed.stderr).toBe(0);
    expect(parsed.json().parsers[1]).toMatchObject({ inputs: { issues: 0 }, entities: { added: 0, changed: 0 } });
  });

  it('after 50 issues changed: exactly those are fetched, and parse reports 50 changed', async () => {
    const changed = emulator.changeIssues(50);
    expect(changed).toHaveLength(50);
    const answer = await snyk('stream');
    expect(streamNamed(answer, 'issues').records).toBe(50);
    const parsed = await offline('parse');
    expect(parsed.json().parsers[1].inputs.issues).toBe(50);
    expect(parsed.json().parsers[1].entities).toEqual({ added: 0, changed: 50, unchanged: 0, archived: 0 });
    await expectRaw('issues', emulator.truth.issues);
    await expectEntities();
  });

  it('new issues are added, and every version stays in the raw store', async () => {
    emulator.addIssues(7, 1);
    expect(streamNamed(await snyk('stream'), 'issues').records).toBe(7);
    expect((await offline('parse')).json().parsers[1].entities).toEqual({
      added: 7,
      changed: 0,
      unchanged: 0,
      archived: 0,
    });
    const versions = (await offline('show issues --all')).lines();
    expect(versions).toHaveLength(3_000 + 50 + 7);
  });

  it('restream: a new generation with the same entities, and not one request', async () => {
    emulator.clearRequests();
    const answer = await offline('restream');
    expect(answer.code, answer.stderr).toBe(0);
    expect(answer.json().parsers.map((parser: { generation: number }) => parser.generation)).toEqual([2, 2, 2]);
    expect(answer.json().parsers[1].entities).toEqual({ added: 0, changed: 0, unchanged: 3_007, archived: 0 });
    expect(emulator.requests).toEqual([]);
    await expectEntities();
  });

  it('query: SQL over the entities agrees with the server', async () => {
    const sql = "select severity, count(*) as n from findings where status = 'open' group by 1 order by 1";
    const answer = await runCli(['query', sql, '--json'], { cwd: place.folder });
    expect(answer.code, answer.stderr).toBe(0);
    const truth = Object.entries(
      Object.groupBy(
        emulator.truth.issues.map(expectedFinding).filter(({ status }) => status === 'open'),
        ({ severity }) => severity,
      ),
    );
    expect(answer.json().rows).toEqual(
      truth
        .map(([severity, list]) => ({ severity, n: list.length }))
        .sort((a, b) => (a.severity < b.severity ? -1 : 1)),
    );
  });

  async function expectRaw(stream: string, truth: readonly { readonly id: string }[]): Promise<void> {
    const shown = (await offline(`show ${stream}`)).lines();
    expect(shown.length).toBe(truth.length);
    expect(byId(shown)).toEqual(byId(truth));
  }

  async function expectEntities(): Promise<void> {
    const projects = (await offline('show Project')).lines();
    expect(byId(projects)).toEqual(
      byId(emulator.truth.projects.map((project) => expectedProject(project, emulator.truth))),
    );
    const people = (await offline('show Person')).lines();
    expect(byId(people)).toEqual(byId(expectedPeople(emulator.truth)));
    const findings = (await offline('show Finding')).lines();
    expect(byId(findings)).toEqual(
      byId(emulator.truth.issues.map((issue) => ({ ...expectedFinding(issue), projectName: projectName(issue) }))),
    );
  }

  function projectName(issue: SnykEmulator['truth']['issues'][number]): string | null {
    const { id } = issue.relationships.scan_item.data;
    return emulator.truth.projects.find((project) => project.id === id)?.attributes.name ?? null;
  }
});

function streamNamed(answer: CliAnswer, name: string): { records: number } {
  return answer.json().streams.find((stream: { name: string }) => stream.name === name);
}

function parserResult(name: string, inputs: object, entities: object): object {
  return {
    name,
    generation: 1,
    inputs,
    entities: { added: 0, changed: 0, unchanged: 0, archived: 0, ...entities },
    quarantined: 0,
  };
}

function byId(list: readonly { readonly id: string }[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(list.map((item) => [item.id, item]));
}
