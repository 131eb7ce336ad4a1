import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { entity } from '../../src/model/entity.ts';
import { postgresPlace } from '../../src/sink/postgres/postgres-place.ts';
import { openPostgresSink } from '../../src/sink/postgres/postgres-sink.ts';
import { ARCHIVED_AT, type Sink } from '../../src/sink/sink.ts';
import { nodeHost } from '../../src/util/node-host.ts';
import { NO_POSTGRES, PASSWORD, type PostgresServer, startPostgres } from '../support/postgres.ts';
import { postgresIn } from './postgres-in.ts';
import { describeSink } from '../../src/testing/describe-sink.ts';
import { append, counts, idsOf, readAll, targetOf, Thing, THINGS } from '../../src/testing/sink-things.ts';

const VARIABLE = 'SASSY_POSTGRES_URL';
const reason = NO_POSTGRES === undefined ? '' : ` (skipped: ${NO_POSTGRES})`;

describe.skipIf(NO_POSTGRES !== undefined)(`openPostgresSink${reason}`, () => {
  let server: PostgresServer;
  let url: string;
  beforeAll(async () => {
    server = await startPostgres({ settings: ['timezone=Asia/Kathmandu', 'datestyle=SQL', 'statement_timeout=60s'] });
    url = await server.database();
  });
  afterAll(() => server.stop());

  interface Options {
    readonly at?: string;
    readonly schema?: string;
    readonly owner?: string;
    readonly origin?: string;
    readonly readOnly?: boolean;
  }

  async function open({
    at = url,
    schema = 'snyk',
    owner = 'snyk',
    origin = 'here',
    readOnly = false,
  }: Options = {}): Promise<Sink> {
    const place = await postgresPlace(at, { variable: VARIABLE, readFile: nodeHost().fs.readFile });
    return openPostgresSink({ place, variable: VARIABLE, schema, owner, origin, readOnly });
  }

  describeSink('postgres', (folder) => postgresIn(folder, url));

  describe('alone', () => {
    let at: string;
    beforeEach(async () => {
      at = await server.database();
    });
    const sql = (text: string): ReturnType<PostgresServer['sql']> => server.sql(at, text);
    const withSink = async (work: (sink: Sink) => Promise<void>, options: Options = {}): Promise<void> => {
      const sink = await open({ at, ...options });
      try {
        await work(sink);
      } finally {
        await sink.close();
      }
    };

    it('shows exactly the columns of the entity in SQL, with types of their own', async () => {
      const odd = entity(
        'Thing',
        { key: 'id' },
        { id: z.string(), n: z.bigint(), f: z.number(), ok: z.boolean(), seen: z.date(), user: z.unknown() },
      );
      await withSink((sink) =>
        append(sink, [{ id: 'a', n: 2n ** 62n, f: 0.1, ok: true, seen: new Date(1), user: [{ b: 1 }] }], {
          target: targetOf(odd),
        }).then(() => undefined),
      );
      const columns = await sql(
        `select column_name, data_type from information_schema.columns where table_schema = 'snyk' and table_name = 'things' order by ordinal_position`,
      );
      expect(columns.map((row) => Object.values(row))).toEqual([
        ['id', 'text'],
        ['n', 'bigint'],
        ['f', 'double precision'],
        ['ok', 'boolean'],
        ['seen', 'timestamp with time zone'],
        ['user', 'jsonb'],
      ]);
      expect(
        await sql(
          `select n + 1 as n, "user" -> 0 ->> 'b' as b, seen = '1970-01-01 05:30:00.001+05:30' as seen from snyk.things`,
        ),
      ).toEqual([{ n: '4611686018427387905', b: '1', seen: true }]);
    });

    it('shows a NUL as a picture of it, and gives it back exactly', async () => {
      const texts = [
        'a\u0000b',
        'a\u2400b',
        'a\u2400\u2060b',
        'a\u0000\u2060b',
        '\u0000\u0000\u2400\u2060\u2060',
        'a\\u0000',
        '\\\u0000',
      ];
      await withSink(async (sink) => {
        const rows = texts.map((id) => ({ id, title: id, tags: [id, { [id]: id }] }));
        const target = targetOf(
          entity('Thing', { key: 'id' }, { id: z.string(), title: z.string(), tags: z.unknown() }),
        );
        expect(await append(sink, rows, { target })).toEqual(counts(texts.length, 0, 0));
        expect(await append(sink, rows, { target, commit: 2 })).toEqual(counts(0, 0, texts.length));
        const read = await readAll(sink);
        for (const id of texts) expect(read).toContainEqual({ id, title: id, tags: [id, { [id]: id }] });
        const batch = await sink.begin(target, 'append');
        await batch.write([{ id: 'a\u0000b', title: 'new\u0000', tags: null }]);
        expect((await batch.compare(1)).examples).toMatchObject([
          { key: 'a\u0000b', fields: { title: { before: 'a\u0000b', after: 'new\u0000' } } },
        ]);
        await batch.abort();
      });
      expect(
        await sql(`select title from snyk.things where title like '%' || chr(9216) || chr(8288) || 'b'`),
      ).toHaveLength(1);
    });

    it('takes keys of any length, and names of any length and kind', async () => {
      const long = 'x'.repeat(100_000);
      const name = 'ü'.repeat(50);
      const odd = entity(
        'Odd',
        { key: 'id', table: `select ${name}` },
        {
          id: z.string(),
          [`${name}a`]: z.string(),
          [`${name}b`]: z.string(),
          ctid: z.string(),
          _sassy_key: z.string(),
          order: z.int(),
          Order: z.int(),
          'a"b': z.int(),
        },
      );
      const row = {
        id: long,
        [`${name}a`]: 'a',
        [`${name}b`]: 'b',
        ctid: 'c',
        _sassy_key: 'k',
        order: 1,
        Order: 2,
        'a"b': 3,
      };
      await withSink(async (sink) => {
        await append(sink, [row, { ...row, id: `${long}y` }], { target: targetOf(odd, `parser ${name}`) });
        expect(await readAll(sink, `select ${name}`)).toEqual([row, { ...row, id: `${long}y` }]);
      });
      const [view] = await sql(`select table_name as name from information_schema.tables where table_schema = 'snyk'`);
      expect(view?.['name']).toMatch(/^select ü+_[0-9a-f]{8}$/);
      expect(Buffer.byteLength(String(view?.['name']))).toBeLessThan(64);
      expect(await sql(`select "order", "Order", ctid, "a""b" from snyk."${String(view?.['name'])}" limit 1`)).toEqual([
        { order: '1', Order: '2', ctid: 'c', 'a"b': '3' },
      ]);
    });

    it('keeps times of any year, and refuses by name what PostgreSQL cannot hold', async () => {
      const times = [
        '0001-01-01T00:00:00.000Z',
        '0000-06-01T00:00:00.001Z',
        '-001000-01-01T00:00:00.000Z',
        '9999-12-31T23:59:59.999Z',
        '+012345-01-01T00:00:00.123Z',
        '2024-03-31T01:30:00.000Z',
      ];
      await withSink(async (sink) => {
        await append(
          sink,
          times.map((id) => ({ id, seen: new Date(id) })),
        );
        for (const row of await readAll(sink)) expect(row['seen']).toBe(row['id']);
        await expect(append(sink, [{ id: 'old', seen: new Date('-005000-01-01T00:00:00Z') }])).rejects.toMatchObject({
          code: 'SINK_FAILED',
          message: expect.stringContaining('Thing "old", field seen'),
        });
      });
    });

    it('lets views and rights of others stay when fields come, and names the view that hangs on one that goes', async () => {
      await withSink(async (sink) => {
        await append(sink, [{ id: 'a', title: 'x' }]);
        await sql(
          `create role reader; grant usage on schema snyk to reader; grant select on snyk.things to reader; create view public.mine as select id, title from snyk.things`,
        );
        const wider = targetOf(entity('Thing', { key: 'id' }, { owner: z.string().nullish(), ...Thing.shape }));
        await append(sink, [{ id: 'a', title: 'x', owner: 'me' }], { target: wider, commit: 2 });
        await append(sink, [{ id: 'b', title: 'y', owner: 'you' }], { target: wider, mode: 'replace', commit: 3 });
        expect(await sql('select * from public.mine')).toEqual([{ id: 'b', title: 'y' }]);
        const narrow = targetOf(entity('Thing', { key: 'id' }, { id: z.string(), owner: z.string() }));
        await expect(append(sink, [{ id: 'c', owner: 'z' }], { target: narrow, commit: 4 })).rejects.toMatchObject({
          code: 'SINK_FAILED',
          why: expect.stringContaining('view public.mine depends on view snyk.things'),
          fix: expect.stringContaining('drop that view'),
        });
        expect((await readAll(sink)).map(({ id }) => id)).toEqual(['b']);
        await sql('drop view public.mine');
        expect(await append(sink, [{ id: 'c', owner: 'z' }], { target: narrow, commit: 4 })).toEqual(counts(1, 0, 0));
        expect(await sql(`select has_table_privilege('reader', 'snyk.things', 'select') as may`)).toEqual([
          { may: true },
        ]);
      });
    });

    it('leaves alone what was there before', async () => {
      await sql(`create schema snyk; create table snyk.things (mine text); create view snyk.others as select 1 as one`);
      await withSink(async (sink) => {
        await expect(append(sink, [{ id: 'a' }])).rejects.toMatchObject({
          message: expect.stringContaining('a table "snyk"."things"'),
        });
        const others = { ...THINGS, entity: { ...THINGS.entity, table: 'others' } };
        await expect(append(sink, [{ id: 'a' }], { target: others })).rejects.toMatchObject({
          message: expect.stringContaining('a view "snyk"."others"'),
        });
      });
      expect(await sql('select * from snyk.others')).toEqual([{ one: 1 }]);
    });

    it('keeps connections apart: one schema holds the entities of one', async () => {
      await withSink((sink) => append(sink, [{ id: 'a' }]).then(() => undefined));
      await expect(open({ at, owner: 'snyk/acme' })).rejects.toMatchObject({
        code: 'CONFIG_INVALID',
        message: 'the schema snyk holds the entities of snyk, not those of snyk/acme',
      });
    });

    it('does not go on from the position of another data folder, and takes all of it anew', async () => {
      await withSink((sink) => append(sink, [{ id: 'a' }], { commit: 7 }).then(() => undefined));
      await withSink(
        async (sink) => {
          expect(await sink.position('things')).toBeUndefined();
          await expect(append(sink, [{ id: 'b' }])).rejects.toMatchObject({
            code: 'SINK_FAILED',
            fix: expect.stringContaining('restream --parsers things'),
          });
          expect(await idsOf(sink)).toEqual(['a']);
          await append(sink, [{ id: 'b' }], { mode: 'replace' });
          expect((await sink.position('things'))?.commits).toEqual({ source: 1 });
        },
        { origin: 'elsewhere' },
      );
    });

    it('keeps one former generation and drops older ones, and shows no table of its own to people', async () => {
      await withSink(async (sink) => {
        for (let commit = 1; commit <= 4; commit++) await append(sink, [{ id: 'a' }], { mode: 'replace', commit });
      });
      const tables = await sql(
        `select table_schema || '.' || table_name as name from information_schema.tables where table_schema like '%snyk' order by 1`,
      );
      expect(tables.map((row) => row['name'])).toEqual([
        'sassy_snyk.generations',
        'sassy_snyk.meta',
        'sassy_snyk.things__things__g3',
        'sassy_snyk.things__things__g4',
        'snyk.things',
      ]);
    });

    it('needs two schemas of its own and no other right, and says which right it lacks', async () => {
      await sql(`create role app login password 'p'`);
      const app = server.url(new URL(at).pathname.slice(1), 'app', 'p');
      await expect(open({ at: app })).rejects.toMatchObject({
        code: 'SINK_DENIED',
        exitCode: 4,
        fix: expect.stringContaining('CREATE SCHEMA "sassy_snyk" AUTHORIZATION app'),
        state: expect.stringContaining('safe'),
      });
      await sql('create schema snyk authorization app; create schema sassy_snyk authorization app');
      await withSink((sink) => append(sink, [{ id: 'a' }]).then(() => undefined), { at: app });
    });

    it('opens for reading only, and then refuses to write', async () => {
      await expect(open({ at, readOnly: true })).rejects.toMatchObject({ code: 'NOTHING_THERE' });
      await withSink((sink) => append(sink, [{ id: 'a' }]).then(() => undefined));
      await withSink(
        async (sink) => {
          expect(await idsOf(sink)).toEqual(['a']);
          await expect(sink.begin(THINGS, 'append')).rejects.toMatchObject({ code: 'SINK_FAILED' });
        },
        { readOnly: true },
      );
      await sql('update sassy_snyk.meta set format = 2');
      await expect(open({ at })).rejects.toMatchObject({ code: 'STORE_VERSION', exitCode: 3 });
    });

    it('counts what is archived with a column that people see', async () => {
      const target = { ...THINGS, columns: [...THINGS.columns, ARCHIVED_AT] };
      await withSink(async (sink) => {
        await append(sink, [{ id: 'a' }, { id: 'b', archivedAt: new Date(0) }], { target });
      });
      expect(await sql(`select id from snyk.things where "archivedAt" is null`)).toEqual([{ id: 'a' }]);
    });

    it('waits for a lock, and tells who holds it up', async () => {
      await withSink(async (sink) => {
        const batch = await sink.begin(THINGS, 'append');
        await batch.write([{ id: 'a' }]);
        const held = `begin; set local lock_timeout = 0; select pg_advisory_xact_lock(hashtextextended('sassy sassy_snyk', 0)); select pg_sleep(1); commit`;
        const other = sql(held);
        await sql('select pg_sleep(0.3)');
        expect(await batch.commit({ commits: {}, codeHash: 'h' })).toEqual(counts(1, 0, 0));
        await other;
      });
    });

    it('says what is true when the server breaks off in the middle of a batch, and goes on', async () => {
      const sink = await open({ at });
      await append(sink, [{ id: 'before' }]);
      const batch = await sink.begin(THINGS, 'append');
      await batch.write([{ id: 'lost' }]);
      await server.sql(
        server.url(),
        `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${new URL(at).pathname.slice(1)}'`,
      );
      await expect(batch.commit({ commits: {}, codeHash: 'h' })).rejects.toMatchObject({
        code: 'SINK_UNAVAILABLE',
        exitCode: 75,
        state: expect.stringContaining('safe: raw data is committed'),
        fix: expect.stringContaining('sassy run <integration> parse'),
      });
      await batch.abort();
      await expect(sink.position('things')).rejects.toMatchObject({ code: 'SINK_UNAVAILABLE' });
      expect(await idsOf(sink)).toEqual(['before']);
      expect(await append(sink, [{ id: 'lost' }], { commit: 2 })).toEqual(counts(1, 0, 0));
      await sink.close();
    });

    it('never tells the password', async () => {
      const { port } = new URL(at);
      const encoded = encodeURIComponent(PASSWORD);
      const wrong: readonly (readonly [string, string])[] = [
        [server.url('postgres', 'sassy', 'wr0ng-secret'), 'SINK_DENIED'],
        [server.url('nowhere'), 'CONFIG_INVALID'],
        [`postgresql://sassy:${encoded}@127.0.0.1:1/db`, 'SINK_UNAVAILABLE'],
        [`postgresql://sassy:${encoded}@no.such.host.invalid:${port}/db`, 'SINK_UNAVAILABLE'],
        [`postgresql://sassy:${encoded}@127.0.0.1:${port}/db?sslmode=require`, 'CONFIG_INVALID'],
        [`postgresql://sassy:${encoded}@127.0.0.1:${port}/db?sslmode=prefer`, 'CONFIG_INVALID'],
        [`postgresql://sassy:${encoded}@127.0.0.1:${port}/db?passwort=x`, 'CONFIG_INVALID'],
        [`postgresql://sassy:${encoded}@127.0.0.1:${port}`, 'CONFIG_INVALID'],
        [`mysql://sassy:${encoded}@127.0.0.1:${port}/db`, 'CONFIG_INVALID'],
        [`sassy:${encoded}%@127.0.0.1`, 'CONFIG_INVALID'],
        [`postgresql://sassy:${encoded}%@127.0.0.1/db`, 'CONFIG_INVALID'],
      ];
      for (const [place, code] of wrong) {
        const error: unknown = await open({ at: place }).catch((thrown: unknown) => thrown);
        expect([place, error]).toMatchObject([place, { code, fix: expect.any(String) }]);
        const all = JSON.stringify(error, (_key, value: unknown) =>
          value instanceof Error ? { ...value, message: value.message, stack: value.stack, cause: value.cause } : value,
        );
        for (const secret of [PASSWORD, encoded, 'wr0ng-secret']) expect(all).not.toContain(secret);
      }
    });
  });

  it('needs a database of Unicode', async () => {
    await server.sql(server.url(), `create database latin encoding 'LATIN1' locale 'C' template template0`);
    await expect(open({ at: server.url('latin') })).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });
});

describe.skipIf(NO_POSTGRES !== undefined)(`the way to PostgreSQL${reason}`, () => {
  it('is encrypted, and checked unless the URL says otherwise', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sassy-tls-'));
    const [key, cert] = [join(folder, 'server.key'), join(folder, 'server.crt')];
    const names = ['-subj', '/CN=db', '-addext', 'subjectAltName=DNS:localhost'];
    const made = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-keyout', key, '-out', cert];
    execFileSync('openssl', [...made, ...names], { stdio: 'pipe' });
    const server = await startPostgres({
      files: { 'server.key': readFileSync(key, 'utf8'), 'server.crt': readFileSync(cert, 'utf8') },
      settings: ['ssl=on', 'ssl_key_file={folder}/server.key', 'ssl_cert_file={folder}/server.crt'],
    });
    try {
      const open = async (query: string, host = 'localhost'): Promise<string> => {
        const url = `${server.url().replace('127.0.0.1', host)}?${query}`;
        const place = await postgresPlace(url, { variable: VARIABLE, readFile: nodeHost().fs.readFile });
        const sink = await openPostgresSink({ place, variable: VARIABLE, schema: 'tls', owner: 'tls', origin: 'here' });
        const [row] = await server.sql(
          server.url(),
          `select ssl from pg_stat_ssl join pg_stat_activity using (pid) where application_name = 'sassy' limit 1`,
        );
        await sink.close();
        return row?.['ssl'] === true ? 'encrypted' : 'plain';
      };
      const root = `sslrootcert=${encodeURIComponent(cert)}`;
      expect(await open('')).toBe('plain');
      expect(await open('sslmode=require')).toBe('encrypted');
      expect(await open(`sslmode=verify-full&${root}`)).toBe('encrypted');
      expect(await open(`sslmode=verify-ca&${root}`, '127.0.0.1')).toBe('encrypted');
      for (const [query, host] of [
        ['sslmode=verify-full', 'localhost'],
        ['sslmode=verify-ca', 'localhost'],
        [`sslmode=verify-full&${root}`, '127.0.0.1'],
      ] as const) {
        await expect(open(query, host), query).rejects.toMatchObject({
          code: 'CONFIG_INVALID',
          fix: expect.stringContaining('sslrootcert'),
        });
      }
    } finally {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('is checked in full where nothing is said and the server is another machine', async () => {
    const place = (url: string) => postgresPlace(url, { variable: VARIABLE, readFile: nodeHost().fs.readFile });
    expect((await place('postgres://me@db.example.com/warehouse')).ssl).toMatchObject({ rejectUnauthorized: true });
    expect((await place('postgresql://me@/db?host=/var/run/postgresql')).ssl).toBe(false);
    expect(await place('postgresql://m%40e:p%2Fw@[::1]:6000/a%20b')).toMatchObject({
      host: '::1',
      port: 6000,
      user: 'm@e',
      password: 'p/w',
      database: 'a b',
      ssl: false,
    });
  });
});
