import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type JiraEmulator, startJiraEmulator } from '../emulators/jira/jira-emulator.ts';
import { type CliAnswer, runCli, workspace } from '../support/cli.ts';
import { at, expectedEntities, withoutUnasked } from './expected-entities.ts';

/** By hand with 10,000 once: `JIRA_TEST_ISSUES=10000 npx vitest run test/jira/end-to-end.test.ts` */
const ISSUES = Number(process.env['JIRA_TEST_ISSUES'] ?? 350);
const USERS = Math.max(120, ISSUES / 20);
const PROJECTS = 104;

/** Every step goes on from the one before, as a user's day does. */
describe.each(['cloud', 'datacenter'] as const)(
  'Jira from check to restream, against the emulator: %s',
  (deployment) => {
    const isCloud = deployment === 'cloud';
    const place = workspace();
    let emulator: JiraEmulator;

    beforeAll(async () => {
      emulator = await startJiraEmulator({ deployment, issues: ISSUES, users: USERS, projects: PROJECTS });
    });
    afterAll(async () => {
      await emulator.close();
      place.remove();
    });

    const env = (): Record<string, string> => ({
      SASSY_JIRA__BASE_URL: emulator.url,
      SASSY_JIRA__EMAIL: emulator.email,
      SASSY_JIRA__API_TOKEN: emulator.apiToken,
      SASSY_JIRA__DEPLOYMENT: deployment,
    });
    const jira = (args: string): Promise<CliAnswer> =>
      runCli(['run', 'jira', ...args.split(' '), '--json'], { cwd: place.folder, env: env() });
    const offline = (args: string): Promise<CliAnswer> =>
      runCli(['run', 'jira', ...args.split(' '), '--json'], { cwd: place.folder });

    it.runIf(isCloud)('check: the login works, has its permissions, and every stream is readable', async () => {
      const answer = await jira('check');
      expect(answer.code, answer.stderr + answer.stdout).toBe(0);
      expect(answer.json().checks.map(({ ok }: { ok: boolean }) => ok)).toEqual([true, true, true]);
      expect(answer.json().streams.map(({ readable }: { readable: boolean }) => readable)).toEqual([true, true, true]);
    });

    it('stream: every record arrives, as the server has it', async () => {
      const answer = await jira('stream');
      expect(answer.code, answer.stderr).toBe(0);
      expect(counts(answer)).toEqual({ projects: PROJECTS, users: USERS, issues: ISSUES });
      await expectRaw();
    });

    it('parse: one entity for each, field by field, without network or secret', async () => {
      const answer = await offline('parse');
      expect(answer.code, answer.stderr + answer.stdout).toBe(0);
      expect(parsed(answer)).toEqual({ projects: PROJECTS, people: USERS, workItems: ISSUES });
      // On Cloud they are looked at when everything has changed.
      if (!isCloud) await expectEntities();
      await expectEntities();
    });

    it('stream again: one page of issues is asked for, in the zone of the login, and nothing is new', async () => {
      emulator.clearRequests();
      expect(counts(await jira('stream')).issues).toBe(0);
      const searches = emulator.requests.filter(({ path }) => path.includes('/search') && !/user|project/.test(path));
      expect(searches).toHaveLength(1);
      expect(searches[0]?.query['jql']).toMatch(/^updated >= "2026-\d\d-\d\d \d\d:\d\d" ORDER BY updated/);
    });

    it('after changes exactly those are fetched, and parse reports them', async () => {
      expect(emulator.changeIssues(50)).toHaveLength(50);
      emulator.addIssues(7);
      emulator.removeUser(3);
      expect(counts(await jira('stream'))).toMatchObject({ issues: 57, users: USERS - 1 });
      const answer = await offline('parse');
      expect(answer.json().parsers[2].entities).toEqual({ added: 7, changed: 50, unchanged: 0, archived: 0 });
      expect((await offline('show issues --all')).lines()).toHaveLength(ISSUES + 50 + 7);
    });

    it.runIf(isCloud)('restream: a new generation with the same entities, and not one request', async () => {
      emulator.clearRequests();
      const answer = await offline('restream');
      expect(answer.code, answer.stderr).toBe(0);
      expect(answer.json().parsers[2].entities).toEqual({ added: 0, changed: 0, unchanged: ISSUES + 7, archived: 0 });
      expect(emulator.requests).toEqual([]);
      await expectEntities();
    });

    async function expectRaw(): Promise<void> {
      const { projects, users, issues } = emulator.truth;
      // All streams on Cloud; on Data Center the one that has another form.
      const truth = isCloud ? { projects, users, issues: issues.map(withoutUnasked) } : { users };
      for (const [stream, records] of Object.entries(truth)) {
        expect(by('self', (await offline(`show ${stream}`)).lines()), stream).toEqual(by('self', records));
      }
    }

    async function expectEntities(): Promise<void> {
      for (const [entity, values] of Object.entries(expectedEntities(emulator.truth))) {
        const found = (await offline(`show ${entity}`)).lines().filter((row) => row.archivedAt === undefined);
        expect(by('id', found), entity).toEqual(by('id', values));
      }
    }
  },
);

function counts(answer: CliAnswer): Record<string, number> {
  const streams: readonly { name: string; records: number; status: string }[] = answer.json().streams;
  expect(streams.map(({ status }) => status)).toEqual(streams.map(() => 'complete'));
  return Object.fromEntries(streams.map(({ name, records }) => [name, records]));
}

function parsed(answer: CliAnswer): Record<string, number> {
  const parsers: readonly { name: string; quarantined: number; entities: { added: number } }[] = answer.json().parsers;
  expect(parsers.map(({ quarantined }) => quarantined)).toEqual([0, 0, 0]);
  return Object.fromEntries(parsers.map(({ name, entities }) => [name, entities.added]));
}

function by(field: string, records: readonly unknown[]): Record<string, unknown> {
  const entries = records.map((record): [string, unknown] => [String(at(record, field)), record]);
  expect(new Set(entries.map(([key]) => key)).size).toBe(records.length);
  return Object.fromEntries(entries);
}
