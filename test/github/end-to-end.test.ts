import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../support/cli.ts';
import { connect, type Connection, sortedBy, streamNamed } from './connection.ts';
import { expectedFindings, expectedPeople, expectedProject } from './expected-entities.ts';

/** By hand with more: `GITHUB_ALERTS=500 vitest run test/github/end-to-end.test.ts` reads some 10,000 alerts. */
const ALERTS = Number(process.env['GITHUB_ALERTS'] ?? 40);
const KINDS = ['dependabot', 'code_scanning', 'secret_scanning'] as const;

/** Every step goes on from the one before, as a user's day does. */
describe('GitHub from check to restream, against the emulator', () => {
  let github: Connection;

  beforeAll(async () => {
    github = await connect({ repositoriesPerOrg: 8, alertsPerRepository: ALERTS, membersPerOrg: 130 });
  });
  afterAll(() => github.close());

  const truth = () => github.emulator.truth;
  const alerts = () => ({
    dependabot_alerts: truth().dependabotAlerts,
    code_scanning_alerts: truth().codeScanningAlerts,
    secret_scanning_alerts: truth().secretScanningAlerts.map(({ secret: _hidden, ...alert }) => alert),
  });
  const alertCount = (): number => Object.values(alerts()).flat().length;

  it('check: the login works, and every stream is readable', async () => {
    const answer = await github.run('check');
    expect(answer.code, answer.stderr).toBe(0);
    expect(answer.json().checks.map(({ ok }: { ok: boolean }) => ok)).toEqual([true, true]);
    expect(answer.json().streams.map(({ readable }: { readable: boolean }) => readable)).toEqual(Array(6).fill(true));
  });

  it('stream: every record arrives, as the server has it; features that are off are counted', async () => {
    const answer = await github.run('stream');
    expect(answer.code, answer.stderr).toBe(0);
    expect(answer.json().streams.map(({ status }: { status: string }) => status)).toEqual(Array(6).fill('complete'));
    await expectRaw();
    for (const kind of KINDS) {
      const off = truth().off.filter((name) => name.endsWith(` ${kind.replace('_', '-')}`));
      expect(streamNamed(answer, `${kind}_alerts`).skippedSlices).toBe(off.length);
      expect(off.length).toBeGreaterThan(0);
    }
    const paths = github.emulator.requests.map(({ path }) => path);
    expect(paths.some((path) => /^\/organizations\/\d+\/members$/.test(path))).toBe(true);
    expect(paths.some((path) => path.startsWith('/installation'))).toBe(false);
  });

  it('secrets are never asked for, in no check and no stream', () => {
    const asked = github.emulator.requests.filter(({ path }) => path.includes('secret-scanning'));
    expect(asked.every(({ query }) => query['hide_secret'] === 'true')).toBe(true);
  });

  it('parse: one entity for each, field by field, without network or secret', async () => {
    const answer = await github.offline('parse');
    expect(answer.code, answer.stderr).toBe(0);
    const [projects, people, findings] = answer.json().parsers;
    expect(projects.entities.added).toBe(truth().repositories.length);
    expect(people.entities.added).toBe(130);
    expect(findings).toMatchObject({ entities: { added: alertCount() }, quarantined: 0 });
    await expectEntities();
  });

  it('stream again: one page for each list of alerts, and nothing new', async () => {
    github.emulator.clearRequests();
    const answer = await github.run('stream');
    expect(answer.code, answer.stderr).toBe(0);
    for (const kind of KINDS) {
      const line = streamNamed(answer, `${kind}_alerts`);
      expect(line).toMatchObject({ records: 0, requests: truth().repositories.length });
    }
    const parsed = await github.offline('parse');
    expect(parsed.json().parsers[2].entities).toEqual({ added: 0, changed: 0, unchanged: 0, archived: 0 });
  });

  it('repositories and members that did not change are not sent again, and are still there', async () => {
    const before = github.emulator.requests.filter(({ path }) => /\/(repos|members)$/.test(path));
    expect(before.map(({ status }) => status)).toEqual(before.map(() => 304));
    expect(before.length).toBeGreaterThan(3);
    const again = await github.run('stream');
    for (const [name, count] of [
      ['repositories', truth().repositories.length],
      ['members', 130],
    ] as const) {
      const line = streamNamed(again, name);
      expect(line).toMatchObject({ records: count, status: 'complete', bytes: 0, unchangedPages: line.pages });
    }
    const parsed = await github.offline('parse');
    for (const { name, entities } of parsed.json().parsers.slice(0, 2)) {
      const count = name === 'people' ? 130 : truth().repositories.length;
      expect(entities).toEqual({ added: 0, changed: 0, unchanged: count, archived: 0 });
    }
    await expectEntities(['Project', 'Person']);
  });

  it('after 50 alerts changed and 7 came: exactly those are fetched, and parse reports them', async () => {
    const changed = github.emulator.changeAlerts(50);
    expect(new Set(changed.map(({ url }) => url)).size).toBe(50);
    github.emulator.addAlerts(7);
    const answer = await github.run('stream');
    const fetched = KINDS.map((kind) => streamNamed(answer, `${kind}_alerts`).records);
    expect(fetched.reduce((sum, count) => sum + count, 0)).toBe(57);
    const parsed = await github.offline('parse');
    const { inputs, entities } = parsed.json().parsers[2];
    expect(KINDS.map((kind) => inputs[`${kind}_alerts`])).toEqual(fetched);
    expect(entities).toEqual({ added: 7, changed: 50, unchanged: 0, archived: 0 });
    await expectEntities(['Finding']);
  });

  it('restream: a new generation with the same entities, and not one request', async () => {
    github.emulator.clearRequests();
    const answer = await github.offline('restream');
    expect(answer.code, answer.stderr).toBe(0);
    expect(answer.json().parsers[2].entities).toEqual({ added: 0, changed: 0, unchanged: alertCount(), archived: 0 });
    expect(github.emulator.requests).toEqual([]);
  });

  it('query: SQL over the entities agrees with the server', async () => {
    const sql = "select kind, severity, count(*) as n from findings where status = 'open' group by all order by all";
    const answer = await runCli(['query', sql, '--json'], { cwd: github.folder });
    expect(answer.code, answer.stderr).toBe(0);
    const open = expectedFindings(truth()).filter(({ status }) => status === 'open');
    const groups = Object.entries(Object.groupBy(open, ({ kind, severity }) => `${kind} ${severity}`));
    const rows = groups.map(([name, list]) => {
      const [kind = '', severity = ''] = name.split(' ');
      return { kind, severity, n: list?.length };
    });
    expect(answer.json().rows).toEqual(sortedBy(rows, ({ kind, severity }) => `${kind} ${severity}`));
  });

  it('one repository gets another name: its page alone is sent, and nothing else changes', async () => {
    const [renamed] = truth().repositories;
    github.emulator.renameRepository(renamed?.full_name ?? '', `${renamed?.name ?? ''}-moved`);
    github.emulator.clearRequests();
    await github.run('stream --streams repositories');
    const asked = github.emulator.requests.map(({ status }) => status).sort((a, b) => a - b);
    expect(asked).toEqual([200, ...asked.slice(1).map(() => 304)]);
    const parsed = await github.offline('parse');
    expect(parsed.json().parsers[0].entities).toMatchObject({ added: 0, changed: 1, archived: 0 });
    await expectEntities(['Project']);
  });

  async function expectRaw(): Promise<void> {
    for (const [stream, expected] of Object.entries(alerts())) {
      const shown: { url: string }[] = (await github.offline(`show ${stream}`)).lines();
      expect(shown).toHaveLength(expected.length);
      expect(sortedBy(shown, ({ url }) => url)).toEqual(sortedBy<{ url: string }>(expected, ({ url }) => url));
    }
    const repositories: { id: number }[] = (await github.offline('show repositories')).lines();
    const byId = ({ id }: { id: number }): string => String(id);
    expect(sortedBy(repositories, byId)).toEqual(sortedBy<{ id: number }>(truth().repositories, byId));
  }

  async function expectEntities(only = ['Project', 'Person', 'Finding']): Promise<void> {
    const byId = ({ id }: { id: string }): string => id;
    const expected: readonly (readonly [string, readonly { id: string }[]])[] = [
      ['Project', truth().repositories.map(expectedProject)],
      ['Person', expectedPeople(truth())],
      ['Finding', expectedFindings(truth())],
    ];
    for (const [entity, list] of expected.filter(([name]) => only.includes(name))) {
      const shown: { id: string }[] = (await github.offline(`show ${entity}`)).lines();
      expect(sortedBy(shown, byId)).toEqual(sortedBy(list, byId));
    }
  }
});
