import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CliAnswer, runCli, type Workspace, workspace } from '../support/cli.ts';

/** The commands over what is stored, as a user gives them: on the demo data, offline. */
describe('the commands over stored data', () => {
  let place: Workspace;
  beforeAll(() => {
    place = workspace();
    const sinks = "['duckdb', { sink: 'parquet', partitionBy: { findings: ['severity'] } }, 'stdout']";
    writeFileSync(join(place.folder, 'sassy.config.ts'), `export default { sinks: ${sinks} };\n`);
  });
  afterAll(() => place.remove());
  const snyk = (...args: string[]): Promise<CliAnswer> => runCli(['run', 'snyk', ...args], { cwd: place.folder });
  const replay = ['--connection', 'replay'];

  it('sync into three sinks: the entities alone on stdout, the summary on stderr', async () => {
    const answer = await snyk('sync', '--replay', 'demo');
    expect(answer.code, answer.stderr).toBe(0);
    const lines = answer.lines();
    const tables = new Set(lines.map(({ table }: { table: string }) => table));
    expect([...tables].sort()).toEqual(['findings', 'persons', 'projects']);
    expect(answer.stderr).toContain('added');
    const query = await runCli(['query', 'select count(*) as n from findings', '--json', ...replay], {
      cwd: place.folder,
    });
    const findings = lines.filter(({ table }: { table: string }) => table === 'findings').length;
    expect(query.json().rows).toEqual([{ n: findings }]);
    const parquet = join(place.folder, '.sassy/snyk/replay/parsed/parquet/findings/parser=findings');
    expect(readdirSync(parquet).some((name) => name.startsWith('severity='))).toBe(true);
    const again = await snyk('parse', '--json', ...replay);
    expect(again.lines()).toHaveLength(1);
    expect(again.json()).toMatchObject({ command: 'parse', ok: true });
  });

  it('rolls back every sink that has a former generation', async () => {
    expect((await snyk('rollback', '--json', ...replay)).json()).toMatchObject({ ok: false, exitCode: 2 });
    await snyk('restream', '--json', ...replay);
    const answer = (await snyk('rollback', '--json', ...replay)).json();
    expect(
      answer.parsers.map(({ name, sink, generation }: Record<string, unknown>) => [name, sink, generation]),
    ).toEqual(
      ['duckdb', 'parquet', 'stdout'].flatMap((sink) => [
        ['projects', sink, 1],
        ['findings', sink, 1],
        ['people', sink, 1],
      ]),
    );
  });

  it('quarantine list and retry, with nothing in it', async () => {
    expect((await snyk('quarantine', 'list', '--json', ...replay)).json()).toMatchObject({
      command: 'quarantine list',
      ok: true,
      parsers: [{ name: 'projects', count: 0, entries: [] }, { name: 'findings' }, { name: 'people' }],
    });
    expect((await snyk('quarantine', 'list', ...replay)).stdout).toBe('nothing is in quarantine\n');
    expect((await snyk('quarantine', 'retry', '--json', ...replay)).json()).toMatchObject({ ok: true, parsers: [] });
    expect((await snyk('quarantine', 'list', '--parsers', 'finding', ...replay)).code).toBe(2);
  });

  it('why and drift', async () => {
    const [finding] = (await snyk('show', 'Finding', '--limit', '1', '--json', ...replay)).lines();
    const why = await snyk('why', 'Finding', finding.id, ...replay);
    expect(why.code, why.stderr).toBe(0);
    expect(why.stdout).toContain('commit 1');
    expect(why.stdout).toContain('/data/');
    expect((await snyk('why', 'Finding', 'nobody', '--json', ...replay)).code).toBe(2);
    expect((await snyk('why', 'Findings', finding.id, ...replay)).stderr).toContain('did you mean Finding');
    const drift = (await snyk('drift', '--json', ...replay)).json();
    expect(drift.streams.map(({ stream }: { stream: string }) => stream)).toEqual(
      expect.arrayContaining(['orgs', 'projects', 'issues']),
    );
    expect(existsSync(join(place.folder, '.sassy/snyk/replay/parsed/drift/issues.json'))).toBe(true);
  });

  it('refuses limits that are none', async () => {
    for (const args of [
      ['restream', '--max-changed', 'some'],
      ['parse', '--max-archived', '101%'],
      ['restream', '--from', 'x'],
    ]) {
      expect((await snyk(...args)).code, args.join(' ')).toBe(2);
    }
  });
});
