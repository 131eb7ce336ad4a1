import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { answerOf, type CliAnswer, runCli, startCli, workspace, type Workspace } from '../support/cli.ts';
import { NO_POSTGRES, PASSWORD, type PostgresServer, startPostgres } from '../support/postgres.ts';
import { kills } from './killed-writer.ts';

const reason = NO_POSTGRES === undefined ? '' : ` (skipped: ${NO_POSTGRES})`;

describe.skipIf(NO_POSTGRES !== undefined)(`the PostgreSQL sink on the command line${reason}`, () => {
  let server: PostgresServer;
  let project: Workspace;
  let url: string;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    url = await server.database();
    project = workspace();
    mkdirSync(join(project.folder, 'integrations'));
    writeFileSync(join(project.folder, 'sassy.config.ts'), `export default { sinks: ['postgres'] };\n`);
  });
  afterEach(() => project.remove());

  const options = () => ({ cwd: project.folder, env: { SASSY_POSTGRES_URL: url } });
  async function sassy(...args: readonly string[]): Promise<CliAnswer> {
    const answer = await runCli(args, options());
    for (const secret of [PASSWORD, encodeURIComponent(PASSWORD)])
      expect(answer.stdout + answer.stderr).not.toContain(secret);
    return answer;
  }
  const run = (...args: readonly string[]): Promise<CliAnswer> => sassy('run', 'snyk', ...args);
  const REPLAY = ['--connection', 'replay'];
  /** What pg_dump would write of the entities: every row of every view, by key. */
  async function dump(): Promise<string> {
    const views = await server.sql(
      url,
      `select table_name as name from information_schema.tables where table_schema = 'snyk_replay' order by 1`,
    );
    const parts = [];
    for (const { name } of views)
      parts.push(await server.sql(url, `select v::text as row from snyk_replay."${String(name)}" v order by 1`));
    return JSON.stringify(parts);
  }

  it('goes all the way: sync, show, query, status, restream, rollback', async () => {
    const sync = await run('sync', '--replay', 'demo', '--json');
    expect(sync.code).toBe(0);
    const { parsers } = sync.json();
    const findings = parsers.find(({ name }: { name: string }) => name === 'findings').entities.added;
    expect(findings).toBeGreaterThan(100);
    expect(await server.sql(url, 'select count(*)::int as n from snyk_replay.findings')).toEqual([{ n: findings }]);

    const again = (await run('parse', ...REPLAY, '--json')).json();
    for (const { entities } of again.parsers) expect(entities).toMatchObject({ added: 0, changed: 0, archived: 0 });
    const status = (await run('status', ...REPLAY, '--json')).json();
    expect(status.sinks).toMatchObject([{ name: 'postgres', generations: { findings: 1 } }]);
    for (const { behind } of status.parsers) expect(Object.values(behind).every((commits) => commits === 0)).toBe(true);

    const shown = (await run('show', 'Finding', ...REPLAY)).lines();
    expect(shown).toHaveLength(findings);
    const query = (
      await sassy('query', 'select count(*) as n, max(severity) as s from findings', ...REPLAY, '--json')
    ).json();
    expect(query).toMatchObject({ ok: true, columns: ['n', 's'], rows: [{ n: findings }] });

    const first = await dump();
    for (const generation of [2, 3]) {
      const restream = (await run('restream', '--diff', ...REPLAY, '--json')).json();
      expect(restream.exitCode).toBe(0);
      for (const parser of restream.parsers)
        expect(parser).toMatchObject({ generation, diff: { added: 0, gone: 0, changed: 0 } });
      expect(await dump()).toBe(first);
    }
    const back = (await run('rollback', ...REPLAY, '--json')).json();
    for (const parser of back.parsers) expect(parser).toMatchObject({ sink: 'postgres', generation: 2 });
    expect(await dump()).toBe(first);
    const doctor = (await sassy('doctor', '--json')).json();
    expect(
      doctor.findings.find(({ what }: { what: string }) => what === 'data of snyk/replay, sink postgres'),
    ).toMatchObject({ ok: true });
  }, 120_000);

  it('queries only read, and name what is wrong', async () => {
    await run('sync', '--replay', 'demo', '--quiet');
    const refused: readonly (readonly [string, string])[] = [
      ['delete from findings', 'queries only read'],
      ['with gone as (delete from snyk_replay.findings returning 1) select * from gone', 'queries only read'],
      ['select 1; drop table sassy_snyk_replay.meta', 'one statement at a time'],
      [`copy (select 1) to '/tmp/x'`, 'queries only read'],
      ['do $$ begin delete from sassy_snyk_replay.meta; end $$', 'queries only read'],
      [
        `select set_config('transaction_read_only', 'off', false) is null or nextval('sassy_snyk_replay.versions') > 0`,
        'read',
      ],
      ['select * from findngs', 'findings'],
      ['selec 1', 'queries only read'],
      ['select from where', 'syntax error'],
    ];
    for (const [sql, message] of refused) {
      const answer = await sassy('query', sql, ...REPLAY);
      expect([sql, answer.code]).toEqual([sql, 2]);
      expect(answer.stderr).toContain('QUERY_FAILED');
      expect(answer.stderr).toContain(message);
    }
    expect((await sassy('query', 'show tables', ...REPLAY, '--json')).json().rows).toContainEqual({ name: 'findings' });
    const values = `select 1 as a, 2::bigint as a, 9007199254740993 as big, 1.50 as d, 'x'::text as t, '{"b":1}'::jsonb as j, timestamptz '2024-02-29 12:00+03' as at, null as n, true as ok, 'NaN'::float8 as nan`;
    expect((await sassy('query', values, ...REPLAY, '--json')).json().rows).toEqual([
      {
        a: 1,
        'a:1': 2,
        big: '9007199254740993',
        d: 1.5,
        t: 'x',
        j: { b: 1 },
        at: '2024-02-29T09:00:00.000Z',
        n: null,
        ok: true,
        nan: 'NaN',
      },
    ]);
    const nobody = await sassy('query', 'select 1');
    expect(nobody.stderr).toContain('there are some for: snyk/replay');
  }, 120_000);

  it('has the rows of several integrations in one table', async () => {
    await run('sync', '--replay', 'demo', '--quiet');
    await sassy('run', 'github', 'sync', '--replay', 'demo', '--quiet');
    const { rows } = (
      await sassy('query', 'select integration, count(*) as n from findings group by 1 order by 1', ...REPLAY, '--json')
    ).json();
    expect(rows.map(({ integration }: { integration: string }) => integration)).toEqual([
      'github/replay',
      'snyk/replay',
    ]);
    const own = (await sassy('query', 'select count(*) as n from snyk_replay.findings', ...REPLAY, '--json')).json();
    expect(own.rows[0].n).toBe(rows[1].n);
  }, 120_000);

  it('is whole after the same command again, wherever it was killed', async () => {
    await run('stream', '--replay', 'demo', '--quiet');
    await run('parse', ...REPLAY, '--quiet');
    const whole = await dump();
    for (let kill = 0; kill < kills(2); kill++) {
      await server.sql(
        url,
        'drop schema if exists snyk_replay cascade; drop schema if exists sassy_snyk_replay cascade',
      );
      const child = startCli(['run', 'snyk', 'parse', ...REPLAY], options());
      const ended = answerOf(child);
      await delay(Math.random() * 2500);
      child.kill('SIGKILL');
      await ended;
      const again = await run('parse', ...REPLAY, '--json');
      expect(again.json(), `${again.stdout}${again.stderr}`).toMatchObject({ exitCode: 0 });
      expect(await dump()).toBe(whole);
    }
  }, 600_000);

  it('takes the schema and the variable that the project names', async () => {
    writeFileSync(
      join(project.folder, 'sassy.config.ts'),
      `export default { sinks: [{ sink: 'postgres', urlFrom: 'WAREHOUSE', schemas: { 'snyk/replay': 'Security' } }, 'duckdb'] };\n`,
    );
    const env = { WAREHOUSE: url };
    expect((await runCli(['run', 'snyk', 'sync', '--replay', 'demo'], { cwd: project.folder, env })).code).toBe(0);
    expect(await server.sql(url, 'select count(*) > 100 as ok from "Security".findings')).toEqual([{ ok: true }]);
    const status = (await runCli(['run', 'snyk', 'status', ...REPLAY, '--json'], { cwd: project.folder, env })).json();
    expect(status.sinks).toMatchObject([{ name: 'postgres' }, { name: 'duckdb', generations: { findings: 1 } }]);
  }, 120_000);
});
