import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startSnykEmulator, type SnykEmulator } from '../emulators/snyk/snyk-emulator.ts';
import { type CliAnswer, runCli, type Workspace, workspace } from '../support/cli.ts';

/** What a token may not read is left out and said; what it needs for its work is not optional. */
describe('a token without rights to groups and members', () => {
  let place: Workspace;
  let emulator: SnykEmulator;
  beforeEach(async () => {
    place = workspace();
    emulator = await startSnykEmulator({ orgs: 2, issuesPerOrg: 10, projectsPerOrg: 5, groupRights: false });
  });
  afterEach(async () => {
    await emulator.close();
    place.remove();
  });

  const snyk = (...args: string[]): Promise<CliAnswer> =>
    runCli(['run', 'snyk', ...args], {
      cwd: place.folder,
      env: { SASSY_SNYK__TOKEN: emulator.token, SASSY_SNYK__BASE_URL: emulator.url },
    });

  it('check says what is missing, and that the rest can be read', async () => {
    const answer = await snyk('check', '--json');
    expect(answer.code, answer.stderr).toBe(0);
    const notes = Object.fromEntries(
      answer.json().streams.map(({ name, note }: { name: string; note?: string }) => [name, note]),
    );
    expect(notes).toMatchObject({
      groups: expect.stringContaining('group.read'),
      org_memberships: expect.stringContaining('org.membership.read'),
    });
    expect([notes.orgs, notes.projects, notes.issues, notes.targets]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('sync reads the rest, says why the others were left out, and ends with 0', async () => {
    const answer = await snyk('sync', '--json');
    expect(answer.code, answer.stderr).toBe(0);
    const named = (name: string): object => answer.json().streams.find((item: { name: string }) => item.name === name);
    expect(named('issues')).toMatchObject({ status: 'complete', records: 20 });
    expect(named('groups')).toMatchObject({
      status: 'complete',
      records: 0,
      skippedSlices: 1,
      skipReasons: [expect.stringContaining('View Groups (group.read)')],
    });
    expect(named('org_memberships')).toMatchObject({
      skippedSlices: 2,
      skipReasons: [expect.stringContaining('org.membership.read')],
    });
    expect(named('group_memberships')).toMatchObject({ status: 'complete', slices: 0 });
    expect((await snyk('sync')).stdout).toContain('View Groups (group.read)');
  });

  it('what could not be read this time archives nobody', async () => {
    const open = await startSnykEmulator({ orgs: 2, issuesPerOrg: 10, projectsPerOrg: 5 });
    try {
      const env = { SASSY_SNYK__TOKEN: open.token, SASSY_SNYK__BASE_URL: open.url };
      const options = { cwd: place.folder, env };
      const first = await runCli(['run', 'snyk', 'sync', '--json'], options);
      expect(first.json().parsers[2]).toMatchObject({ name: 'people', entities: { added: 13 } });
      const second = await snyk('sync', '--json');
      expect(second.json().parsers[2].entities).toMatchObject({ added: 0, archived: 0 });
    } finally {
      await open.close();
    }
  });

  it('a server that knows neither groups nor targets nor members is read all the same', async () => {
    emulator.failNext({ path: /\/(groups|targets|memberships)$/, times: 20 }, { status: 404 });
    const answer = await snyk('sync', '--json');
    expect(answer.code, answer.stderr).toBe(0);
    expect(answer.json().parsers[0]).toMatchObject({ name: 'projects', entities: { added: 10 } });
  });

  it('a token of another region is told where to look', async () => {
    emulator.failNext({ times: 1 }, { status: 401 });
    const answer = await snyk('stream', '--streams', 'orgs');
    expect(answer.code).toBe(4);
    expect(answer.stdout + answer.stderr).toContain('LOGIN_REFUSED');
    expect(answer.stdout + answer.stderr).toContain('https://api.eu.snyk.io');
  });
});
