import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startSnykEmulator, type SnykEmulator } from '../emulators/snyk/snyk-emulator.ts';
import { type CliAnswer, runCli, type Workspace, workspace } from '../support/cli.ts';

/** The story of docs/restream-story.md, told to the command line. The steps belong together, in this order. */
describe('a wrong severity mapping is mended', () => {
  const shipped = resolve(import.meta.dirname, '../../integrations');
  const LEVEL = "Severity.safeParse(attributes.effective_severity_level?.toLowerCase()).data ?? 'info'";
  const RIGHT = `severity: ${LEVEL},`;
  const WRONG = `severity: attributes.effective_severity_level === 'critical' ? 'high' : (${LEVEL}),`;
  let emulator: SnykEmulator;
  let place: Workspace;

  beforeAll(async () => {
    emulator = await startSnykEmulator({ orgs: 2, issuesPerOrg: 150, projectsPerOrg: 10 });
    place = workspace();
    // An integration of the project's own, as it comes from `cp -r`; its shared folder lies beside it.
    mkdirSync(join(place.folder, 'integrations'));
    for (const name of ['snyk', '_domain']) {
      cpSync(join(shipped, name), join(place.folder, 'integrations', name), { recursive: true });
    }
    mend(RIGHT, WRONG);
  });
  afterAll(async () => {
    await emulator.close();
    place.remove();
  });

  function mend(from: string, to: string): void {
    const file = join(place.folder, 'integrations/snyk/mapping.ts');
    const text = readFileSync(file, 'utf8');
    expect(text).toContain(from);
    writeFileSync(file, text.replace(from, to));
  }
  const online = { SASSY_SNYK__TOKEN: 'emulator-token', SASSY_SNYK__BASE_URL: '' };
  const run = (args: string, env: Record<string, string> = {}): Promise<CliAnswer> =>
    runCli(['run', 'snyk', ...args.split(' '), '--json'], { cwd: place.folder, env });
  const severities = async (): Promise<Record<string, string>> =>
    Object.fromEntries((await run('show Finding')).lines().map(({ id, severity }) => [id, severity]));
  const critical = (): readonly string[] =>
    emulator.truth.issues
      .filter(({ attributes }) => attributes.effective_severity_level === 'critical')
      .map(({ id }) => id)
      .sort();

  it('1: the findings are there, and every critical one is called high', async () => {
    const answer = await run('sync', { ...online, SASSY_SNYK__BASE_URL: emulator.url });
    expect(answer.code, answer.stderr).toBe(0);
    expect(critical().length).toBeGreaterThan(3);
    expect(Object.values(await severities())).not.toContain('critical');
    emulator.clearRequests();
  });

  it('2: the mapping is mended on the disk; parse and status say that the code has changed', async () => {
    mend(WRONG, RIGHT);
    const status = await run('status');
    expect(status.json().parsers.map(({ codeChanged }: { codeChanged: boolean }) => codeChanged)).toEqual([
      true,
      true,
      true,
    ]);
    const parsed = await run('parse');
    expect(parsed.json().parsers[1]).toMatchObject({ codeChanged: true, entities: { added: 0, changed: 0 } });
  });

  it('3: restream --diff --dry-run shows exactly the changed findings, and changes nothing', async () => {
    const answer = await run('restream --diff --dry-run');
    expect(answer.code, answer.stderr).toBe(0);
    const [projects, findings] = answer.json().parsers;
    expect(projects.diff).toMatchObject({ added: 0, gone: 0, changed: 0 });
    expect(findings.diff).toMatchObject({
      added: 0,
      gone: 0,
      changed: critical().length,
      fields: { severity: critical().length },
    });
    expect(findings.diff.examples).toEqual(
      critical()
        .slice(0, 10)
        .map((key) => ({ kind: 'changed', key, fields: { severity: { before: 'high', after: 'critical' } } })),
    );
    expect(Object.values(await severities())).not.toContain('critical');
  });

  it('parse --verify tells the same, and nothing after the restream', async () => {
    const answer = await run('parse --verify --threads 1');
    expect(answer.code).toBe(6);
    expect(answer.json().error).toMatchObject({ code: 'VERIFY_DIFFERS' });
    expect(answer.json().parsers[1].diff).toMatchObject({ changed: critical().length, added: 0, gone: 0 });
  });

  it('4: a brake that is too tight holds all of it back', async () => {
    const answer = await run('restream --max-changed 0.5%');
    expect(answer.code).toBe(6);
    expect(answer.json().error).toMatchObject({ code: 'TOO_MANY_CHANGED' });
    expect(answer.json().parsers.map(({ generation }: { generation: number }) => generation)).toEqual([1, 1, 1]);
    expect(Object.values(await severities())).not.toContain('critical');
  });

  it('5: restream; why tells where one came from', async () => {
    const answer = await run('restream --max-changed 80%');
    expect(answer.code, answer.stderr).toBe(0);
    expect(answer.json().parsers.map(({ generation }: { generation: number }) => generation)).toEqual([2, 2, 2]);
    const now = await severities();
    expect(critical().map((id) => now[id])).toEqual(critical().map(() => 'critical'));
    const verified = await run('parse --verify');
    expect(verified.code, verified.stdout).toBe(0);
    const why = await run(`why Finding ${critical()[0]}`);
    expect(why.code, why.stderr).toBe(0);
    expect(why.json().parsers[0]).toMatchObject({
      parser: 'findings',
      stream: 'issues',
      parserHash: expect.stringMatching(/^[0-9a-f]{64}$/),
      versions: [{ commit: 1, pointer: expect.stringMatching(/^\/data\/\d+$/), entity: { severity: 'critical' } }],
    });
    expect(why.json().parsers[0].versions[0].request.url).toContain('/issues');
  });

  it('also against the code of another git revision, with nothing changed', async () => {
    const git = (...args: string[]): string =>
      execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args], {
        cwd: place.folder,
      }).toString();
    git('init', '-q');
    mend(RIGHT, WRONG);
    git('add', 'integrations');
    git('commit', '-q', '-m', 'as it was');
    mend(WRONG, RIGHT);
    const answer = await run('restream --against HEAD');
    expect(answer.code, answer.stderr).toBe(0);
    expect(answer.json().parsers[1].diff).toMatchObject({ added: 0, gone: 0, changed: critical().length });
    expect((await run('restream --against HEAD --max-changed 1')).code).toBe(6);
    const unknown = await run('restream --against nowhere');
    expect(unknown.code).toBe(2);
    expect((await run('status')).json().parsers[1].generation).toBe(2);
  });

  it('6: rollback, and forth again', async () => {
    const back = await run('rollback');
    expect(back.code, back.stderr).toBe(0);
    expect(back.json().parsers.map(({ generation }: { generation: number }) => generation)).toEqual([1, 1, 1]);
    expect(Object.values(await severities())).not.toContain('critical');
    await run('rollback --parsers findings');
    expect(Object.values(await severities())).toContain('critical');
  });

  it('and not one request was sent since the first sync', () => {
    expect(emulator.requests).toEqual([]);
  });
});
