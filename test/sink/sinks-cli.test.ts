import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCli, type CliAnswer, workspace, type Workspace } from '../support/cli.ts';

describe('the sinks of a project', () => {
  let project: Workspace;
  beforeEach(() => {
    project = workspace();
    mkdirSync(join(project.folder, 'integrations'));
  });
  afterEach(() => project.remove());

  const sinks = (text: string): void =>
    writeFileSync(join(project.folder, 'sassy.config.ts'), `export default { sinks: ${text} };\n`);
  const sassy = (...args: readonly string[]): Promise<CliAnswer> => runCli(args, { cwd: project.folder });
  const run = (...args: readonly string[]): Promise<CliAnswer> => sassy('run', 'snyk', ...args);
  const REPLAY = ['--connection', 'replay'];

  it('jsonl: show and status look at it; query says what to use', async () => {
    sinks(`['jsonl']`);
    expect((await run('sync', '--replay', 'demo')).code).toBe(0);
    expect((await run('show', 'Finding', '--limit', '3', ...REPLAY)).lines()).toHaveLength(3);
    const status = (await run('status', ...REPLAY, '--json')).json();
    expect(status.parsers.map(({ generation }: { generation: number }) => generation)).toEqual(
      status.parsers.map(() => 1),
    );
    expect(status.sinks).toMatchObject([{ name: 'jsonl', generations: { findings: 1 } }]);
    const query = await sassy('query', 'select 1', ...REPLAY);
    expect(query.code).toBe(2);
    expect(query.stderr).toContain('SQL needs the sink duckdb, parquet or postgres, and this project has jsonl');
    expect(query.stderr).toContain('show <Entity>');
    expect(existsSync(join(project.folder, '.sassy/snyk/replay/parsed/entities.duckdb'))).toBe(false);
  });

  it('parquet: query reads what is true beside the files', async () => {
    sinks(`['stdout', 'parquet']`);
    expect((await run('sync', '--replay', 'demo')).code).toBe(0);
    const query = (await sassy('query', 'select count(*) as n from findings', ...REPLAY, '--json')).json();
    expect(query.rows[0].n).toBeGreaterThan(100);
    const status = await run('status', ...REPLAY);
    expect(status.stdout).toMatch(
      /sinks\n {2}stdout {2}.*findings generation 1.*\n {2}parquet {2}.*findings generation 1/,
    );
    const doctor = (await sassy('doctor', '--json')).json();
    expect(doctor.ok).toBe(true);
    const details = doctor.findings.filter(({ what }: { what: string }) => what.includes('sink '));
    expect(details.map(({ what }: { what: string }) => what)).toEqual([
      'data of snyk/replay, sink stdout',
      'data of snyk/replay, sink parquet',
    ]);
    for (const { detail } of details) expect(detail).toMatch(/^[1-9]\d+ entities in \d tables$/);
  });

  it('doctor says when a sink is not what was written', async () => {
    sinks(`['jsonl']`);
    await run('sync', '--replay', 'demo');
    const parsed = join(project.folder, '.sassy/snyk/replay/parsed/jsonl/findings/findings/gen-000001');
    const part = join(parsed, 'part-00000001.jsonl');
    writeFileSync(part, readFileSync(part, 'utf8').replace('"high"', '"HIGH"'));
    const doctor = await sassy('doctor');
    expect(doctor.code).toBe(1);
    expect(doctor.stdout).toMatch(/x {3}data of snyk\/replay, sink jsonl: .*part-00000001/);
  });

  it('postgres: says what is missing and what is wrong, and shows no URL', async () => {
    sinks(`['postgres']`);
    await run('stream', '--replay', 'demo');
    const missing = await run('parse', ...REPLAY);
    expect(missing.code).toBe(3);
    expect(missing.stderr).toContain('SASSY_POSTGRES_URL');
    const status = await run('status', ...REPLAY);
    expect(status.code).toBe(0);
    expect(status.stdout).toContain('CONFIG_MISSING');
    expect(status.stdout).not.toContain('never run');

    writeFileSync(join(project.folder, '.env'), 'SASSY_POSTGRES_URL=postgresql://me:sEcret-here@127.0.0.1:1/db\n');
    const unreachable = await run('parse', ...REPLAY, '--json', '--verbose');
    expect(unreachable.code).toBe(75);
    expect(unreachable.json()).toMatchObject({
      retryable: true,
      error: { code: 'SINK_UNAVAILABLE', hint: expect.stringContaining('parse') },
    });
    expect(unreachable.stdout + unreachable.stderr).not.toContain('sEcret-here');

    sinks(`[{ sink: 'postgres', urlFrom: 'postgresql://me:sEcret-here@127.0.0.1:1/db' }]`);
    const pasted = await run('parse', ...REPLAY);
    expect(pasted.code).toBe(3);
    expect(pasted.stderr).toContain("urlFrom: 'NAME_OF_A_VARIABLE'");
    expect(pasted.stdout + pasted.stderr).not.toContain('sEcret-here');
  });
});
