import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { entity } from '../../src/model/entity.ts';
import { openDuckDbSink } from '../../src/sink/duckdb/duckdb-sink.ts';
import { openQuery, type Query } from '../../src/sink/query.ts';
import { append, targetOf } from '../../src/testing/sink-things.ts';

const finding = { id: z.string(), severity: z.string(), data: z.unknown() };
const Finding = targetOf(entity('Finding', { key: 'id' }, finding), 'findings');
const GithubFinding = targetOf(entity('Finding', { key: 'id' }, { ...finding, repo: z.string() }), 'findings');
const Label = targetOf(entity('Label', { key: 'id' }, { id: z.string(), integration: z.string() }), 'labels');

describe('openQuery', () => {
  let folder: string;
  let query: Query;
  const fileOf = (name: string): string => join(folder, `${name}.duckdb`);

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "sassy-query-'"));
    const snyk = await openDuckDbSink({ file: fileOf('snyk') });
    await append(
      snyk,
      [
        { id: 's1', severity: 'high', data: { a: [1] } },
        { id: 's2', severity: 'low' },
      ],
      { target: Finding },
    );
    await append(snyk, [{ id: 'l', integration: 'own' }], { target: Label });
    await snyk.close();
    const github = await openDuckDbSink({ file: fileOf('git-hub') });
    await append(github, [{ id: 'g1', severity: 'high', repo: 'r' }], { target: GithubFinding });
    await append(github, [{ id: 'l', integration: 'own' }], { target: Label });
    await append(github, [{ id: 'only' }], {
      target: targetOf(entity('Repository', { key: 'id' }, { id: z.string() }), 'repositories'),
    });
    await github.close();
    const second = await openDuckDbSink({ file: fileOf('second') });
    await append(second, [{ id: 's1', severity: 'low' }], { target: Finding });
    await second.close();
    query = await openQuery([
      { integration: 'snyk', file: fileOf('snyk') },
      { integration: 'git-hub', file: fileOf('git-hub') },
      { integration: 'snyk', file: fileOf('second') },
    ]);
  });

  afterAll(async () => {
    await query.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('counts over all files', async () => {
    expect(await query.run('select severity, count(*) as n from findings group by 1 order by 1;')).toEqual({
      columns: ['severity', 'n'],
      rows: [
        { severity: 'high', n: 2 },
        { severity: 'low', n: 2 },
      ],
    });
  });

  it('tells the integration of each row where several have the table', async () => {
    const { columns, rows } = await query.run('from findings order by integration, id');
    expect(columns).toEqual(['integration', 'id', 'severity', 'data', 'repo']);
    expect(rows.map((row) => [row['integration'], row['id'], row['repo']])).toEqual([
      ['git-hub', 'g1', 'r'],
      ['snyk', 's1', null],
      ['snyk', 's1', null],
      ['snyk', 's2', null],
    ]);
    expect((await query.run('from labels')).columns).toEqual(['_integration', 'id', 'integration']);
  });

  it('shows a table that one file has as it is', async () => {
    expect(await query.run('select * from repositories')).toEqual({ columns: ['id'], rows: [{ id: 'only' }] });
  });

  it('has the tables of each file by its integration', async () => {
    expect((await query.run('select id, data from snyk.findings order by id')).rows).toEqual([
      { id: 's1', data: { a: [1] } },
      { id: 's2', data: null },
    ]);
    expect(
      (await query.run('select id from "git-hub".findings union all select id from snyk_2.findings')).rows,
    ).toHaveLength(2);
  });

  it('gives values that JSON holds exactly', async () => {
    const { rows } = await query.run(`select 9007199254740993 as big, 5::hugeint as small, 1.50::decimal(5, 2) as price,
      12345678901234567.89::decimal(20, 2) as exact, timestamp '2024-01-02 03:04:05.678901' as at, date '2024-01-02' as day, 'NaN'::double as nan,
      '{"n": 9007199254740993, "f": 0.1}'::json as json, {'a': [9007199254740993, 1]} as nested, null as nothing, 1 as "__proto__", 100::decimal(5, 2) as hundred`);
    expect(JSON.parse(JSON.stringify(rows))).toEqual(
      JSON.parse(`[{"big":"9007199254740993","small":5,"price":1.5,"exact":"12345678901234567.89","at":"2024-01-02T03:04:05.678901Z","day":"2024-01-02",
        "nan":"NaN","json":{"n":"9007199254740993","f":0.1},"nested":{"a":["9007199254740993",1]},"nothing":null,"__proto__":1,"hundred":100}]`),
    );
    expect((await query.run('select 1 as a, 2 as a')).columns).toEqual(['a', 'a:1']);
  });

  it('describes, shows, summarises and explains', async () => {
    expect((await query.run('show tables')).rows.map((row) => row['name'])).toEqual([
      'findings',
      'labels',
      'repositories',
    ]);
    expect((await query.run('describe repositories')).rows).toHaveLength(1);
    expect((await query.run('summarize findings')).rows).toHaveLength(5);
    expect((await query.run('explain analyze select 1')).rows).toHaveLength(1);
    expect(
      (await query.run(`pivot findings on severity in ('high', 'low') using count(*) group by integration`)).columns,
    ).toEqual(['integration', 'high', 'low']);
  });

  it('says what is wrong with the SQL, and which tables there are', async () => {
    await expect(query.run('select * from finding')).rejects.toMatchObject({
      code: 'QUERY_FAILED',
      exitCode: 2,
      why: 'the tables there are: findings, labels, repositories',
    });
    await expect(query.run('selec 1')).rejects.toMatchObject({
      code: 'QUERY_FAILED',
      message: expect.stringContaining('syntax error'),
    });
    for (const nothing of ['', '  ', '-- nothing', ';'])
      await expect(query.run(nothing)).rejects.toMatchObject({ code: 'QUERY_FAILED' });
    await expect(query.run('select 1; select 2')).rejects.toMatchObject({
      code: 'QUERY_FAILED',
      message: expect.stringContaining('one statement'),
    });
    await expect(query.run('pivot findings on severity using count(*)')).rejects.toMatchObject({
      fix: expect.stringContaining('IN ('),
    });
  });

  it('neither writes, nor reads other files, nor lets itself be opened up', async () => {
    const secret = join(folder, 'secret.csv');
    await writeFile(secret, 'a,b\n1,2\n');
    const path = (name: string): string => name.replaceAll("'", "''");
    const before = await readFile(fileOf('snyk'));
    const names = (await readdir(folder)).sort();
    const attempts = [
      `copy (select 1) to '${path(join(folder, 'out.csv'))}'`,
      `copy (select 1) to '${path(fileOf('snyk'))}' (use_tmp_file false)`,
      `copy (select 1) to '${path(fileOf('snyk'))}.wal' (use_tmp_file false)`,
      `explain analyze copy (select 1) to '${path(fileOf('snyk'))}' (use_tmp_file false)`,
      `explain /* */ analyze copy (select 1) to '${path(fileOf('snyk'))}' (use_tmp_file false)`,
      `explain (analyze) copy (select 1) to '${path(fileOf('snyk'))}' (use_tmp_file false)`,
      `/* /* */ explain select 1 -- */ explain analyze copy (select 1) to '${path(fileOf('snyk'))}' (use_tmp_file false)`,
      `export database '${path(join(folder, 'export'))}'`,
      `import database '${path(folder)}'`,
      `attach '${path(join(folder, 'new.duckdb'))}' as fresh`,
      `attach '${path(fileOf('snyk'))}' as again`,
      'detach snyk',
      'use snyk',
      'checkpoint',
      'vacuum',
      'begin',
      'install httpfs',
      'load httpfs',
      'create table t (i int)',
      'create view v as select 1',
      'create macro m() as 1',
      'prepare p as select 1',
      'execute p',
      `insert into snyk.sassy.generations select * from snyk.sassy.generations`,
      'delete from snyk.sassy.meta',
      'drop view findings',
      'set enable_external_access = true',
      'set lock_configuration = false',
      'reset memory_limit',
      `pragma profiling_output='${path(join(folder, 'p'))}'`,
      `select * from read_csv('${path(secret)}')`,
      `select * from '${path(secret)}'`,
      `select * from read_text('${path(secret)}')`,
      `select * from glob('${path(folder)}/*')`,
      `select * from read_blob('/etc/hostname')`,
      `select * from sniff_csv('${path(secret)}')`,
      `select * from query('copy (select 1) to ''/tmp/x''')`,
      `call pragma_version()`,
    ];
    for (const attempt of attempts)
      await expect(query.run(attempt), attempt).rejects.toMatchObject({ code: 'QUERY_FAILED' });
    expect((await readFile(fileOf('snyk'))).equals(before)).toBe(true);
    expect((await readdir(folder)).sort()).toEqual(names);
    expect((await query.run('select count(*) as n from findings')).rows).toEqual([{ n: 4 }]);
  });

  it('names a file that is missing', async () => {
    await expect(openQuery([{ integration: 'x', file: fileOf('missing') }])).rejects.toMatchObject({
      code: 'NOTHING_THERE',
    });
  });

  it('gives integrations whose names DuckDB keeps for itself another one', async () => {
    await query.close();
    const other = await openQuery([{ integration: 'main', file: fileOf('snyk') }]);
    expect((await other.run('select count(*) as n from main_2.findings')).rows).toEqual([{ n: 2 }]);
    await other.close();
    query = await openQuery([]);
    expect((await query.run('select 1 as one')).rows).toEqual([{ one: 1 }]);
    await expect(query.run('select * from findings')).rejects.toMatchObject({ why: 'there are no tables yet' });
  });
});
