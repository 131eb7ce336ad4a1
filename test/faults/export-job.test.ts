import { describe, expect, test } from 'vitest';
import { ndjson } from '../../src/http/ndjson-body.ts';
import { exportJob, type ExportJobOptions } from '../../src/integration/export-job.ts';
import type { FaultAnswer } from '../../src/testing/fault-answer.ts';
import type { FaultRequest } from '../../src/testing/fault-request.ts';
import { type Config, faulty, range, type RigOptions, streamRig, things, TOKEN } from './stream-rig.ts';

const options: ExportJobOptions<Config> = {
  start: () => ({ method: 'POST', path: '/exports', json: { of: 'things' } }),
  job: '/id',
  poll: (job) => ({ path: `/exports/${job}` }),
  state: { at: '/status', pending: ['queued', 'running'], done: ['done'], failed: ['failed'] },
  files: '/files',
};

interface Jobs {
  /** Polls before a job is done. */
  readonly polls?: number;
  readonly files?: number;
  /** Of the first job. */
  readonly fails?: number;
  /** Links made before this answer of a done job are refused. */
  readonly linksFrom?: number;
  readonly filesAt?: string;
  readonly status?: string;
}

/** An API with export jobs of three files of ten things each. */
function api(jobs: Jobs = {}) {
  const { polls = 2, files = 3, fails = 0, linksFrom = 0, filesAt = '', status = 'done' } = jobs;
  let started = 0;
  let asked = 0;
  let links = 0;
  const seen: string[] = [];
  return {
    seen,
    get started() {
      return started;
    },
    answer({ method, url }: FaultRequest): FaultAnswer {
      seen.push(`${method} ${url.split('?')[0]}`);
      if (method === 'POST') {
        started += 1;
        asked = 0;
        return { status: 202, json: { id: `job-${started}` } };
      }
      if (url.startsWith('/exports/')) {
        asked += 1;
        if (asked <= polls) return { json: { status: asked === 1 ? 'queued' : 'running' } };
        if (started <= fails) return { json: { status: 'failed' } };
        links += 1;
        const list = Array.from({ length: files }, (_, at) => `${filesAt}/files/${at}?signature=${links}`);
        return { json: { status, files: list } };
      }
      const at = Number(/files\/(\d+)/.exec(url)?.[1]);
      const signature = Number(/signature=(\d+)/.exec(url)?.[1]);
      if (signature <= linksFrom) return { status: 403, body: '<Error><Code>AccessDenied</Code></Error>' };
      return { json: things(10, at * 10) };
    },
  };
}

async function rigFor(jobs: Jobs = {}, more: Partial<ExportJobOptions<Config>> = {}, rigOptions: RigOptions = {}) {
  const made = api(jobs);
  const server = await faulty(made.answer);
  return { made, server, rig: await streamRig(server, exportJob({ ...options, ...more }), rigOptions) };
}

describe('S20: an export job', () => {
  test.each([0, 1, 2, 5])('done after %i polls: every record of every file, and the waits are told', async (polls) => {
    const { rig, made } = await rigFor({ polls });
    const run = await rig.run();
    expect([run.result.status, run.ids, made.started]).toEqual(['complete', range(30), 1]);
    expect(made.seen.filter((line) => line.startsWith('GET /exports')).length).toBe(polls + 1);
    expect(rig.clock.now() >= polls * 2000).toBe(true);
  });

  test('pending for ever: ends as temporary after the budget, and the next runs go on with the same job', async () => {
    const { rig, made } = await rigFor({ polls: 200 }, { longestWaitMs: 600_000 });
    for (let again = 0; again < 3; again += 1) {
      const run = await rig.run();
      expect([run.error?.code, run.error?.exitCode, run.result.status]).toEqual(['API_UNAVAILABLE', 75, 'partial']);
      expect(run.error?.why).toContain('goes on with the same job');
    }
    expect([made.started, rig.clock.now() <= 1_800_000]).toEqual([1, true]);
  });

  test.each([1, 2, 3])(
    'stopped after %i pages: the job and the next file are known to the next run',
    async (maxPages) => {
      const { rig, made } = await rigFor();
      expect((await rig.run({ maxPages })).result.status).toBe('partial');
      const run = await rig.run();
      expect([run.result.status, run.ids, made.started]).toEqual(['complete', range(30), 1]);
      const fetched = made.seen.filter((line) => line.startsWith('GET /files'));
      expect(fetched).toEqual(['GET /files/0', 'GET /files/1', 'GET /files/2']);
    },
  );

  test('a job is durable as soon as it is started: a poll that ends the process loses nothing', async () => {
    const made = api();
    const server = await faulty((request) =>
      made.started === 1 && made.seen.length === 1 && request.method === 'GET' ? { status: 401 } : made.answer(request),
    );
    const rig = await streamRig(server, exportJob(options));
    expect((await rig.run()).error?.code).toBe('LOGIN_REFUSED');
    const head = (await rig.open()).head;
    expect(head?.state.slices['{}']?.open?.next).toEqual({ job: 'job-1', started: 1 });
  });

  test('failed once: a second job is started; failed twice: told', async () => {
    const once = await rigFor({ fails: 1 });
    const run = await once.rig.run();
    expect([run.result.status, run.ids, once.made.started]).toEqual(['complete', range(30), 2]);
    const twice = await rigFor({ fails: 9 });
    const ended = await twice.rig.run();
    expect([ended.error?.code, ended.error?.exitCode, twice.made.started]).toEqual(['API_REFUSED', 5, 2]);
    expect(ended.error?.why).toContain('2 jobs were started');
  });

  test.each([404, 410])('the job is gone (%i): a second one is started', async (status) => {
    const made = api();
    let gone = true;
    const server = await faulty((request) => {
      if (request.method === 'GET' && gone) {
        gone = false;
        return { status };
      }
      return made.answer(request);
    });
    const run = await (await streamRig(server, exportJob(options))).run();
    expect([run.result.status, run.ids, made.started]).toEqual(['complete', range(30), 2]);
  });

  test('a link that has expired: the job is asked for a new one; when that is refused too, a second job', async () => {
    const once = await rigFor({ linksFrom: 1 });
    expect((await once.rig.run()).ids).toEqual(range(30));
    expect(once.made.started).toBe(1);
    const twice = await rigFor({ linksFrom: 2 });
    expect((await twice.rig.run()).ids).toEqual(range(30));
    expect(twice.made.started).toBe(2);
    const always = await rigFor({ linksFrom: 99 });
    const run = await always.rig.run();
    expect([run.error?.code, always.made.started]).toEqual(['PERMISSION_DENIED', 2]);
  });

  test('files on another host: refused unless it is declared; then fetched without any login', async () => {
    const filesAt = 'https://bucket.storage.example';
    const bare = await rigFor({ filesAt });
    expect((await bare.rig.run()).error?.code).toBe('EGRESS_DENIED');
    const made = api({ filesAt });
    const storage = await faulty(made.answer);
    const server = await faulty(made.answer);
    const rig = await streamRig(server, exportJob(options), {
      settings: { hosts: ['bucket.storage.example'], headers: { 'x-tenant': 'acme' }, query: { version: '1' } },
      hosts: { 'bucket.storage.example': storage },
    });
    const run = await rig.run();
    expect([run.result.status, run.ids]).toEqual(['complete', range(30)]);
    expect(storage.requests.map(({ url }) => url)).toEqual([0, 1, 2].map((at) => `/files/${at}?signature=1`));
    expect(JSON.stringify(storage.requests)).not.toContain(TOKEN);
    expect(JSON.stringify(storage.requests)).not.toContain('x-tenant');
    expect(server.requests.every(({ headers }) => headers['x-api-key'] === TOKEN)).toBe(true);
    // The signature of a link is a credential: it is in no page.
    const pages = await Array.fromAsync((await rig.open()).pages());
    expect(JSON.stringify(pages.map(({ request }) => request))).not.toContain('signature');
  });

  test.each(['http://169.254.169.254', 'http://127.0.0.1:1', 'file://', 'https://evil.example'])(
    'a link to %s is refused before anything is dialled',
    async (filesAt) => {
      const { rig } = await rigFor({ filesAt });
      expect((await rig.run()).error?.code).toBe('EGRESS_DENIED');
    },
  );

  test('a word that the stream does not know, no name of a job, no file: told or empty, never silent', async () => {
    const odd = await rigFor({ status: 'paused' });
    const run = await odd.rig.run();
    expect([run.error?.code, run.error?.why]).toEqual([
      'API_WRONG_ANSWER',
      "a job is 'paused', and the stream knows no such word",
    ]);
    const nameless = await rigFor({}, { job: '/name' });
    expect((await nameless.rig.run()).error?.code).toBe('API_WRONG_ANSWER');
    const none = await rigFor({ files: 0 });
    const empty = await none.rig.run();
    expect([empty.result.status, empty.ids]).toEqual(['complete', []]);
  });

  test('lines of JSON, whole numbers beyond 2^53 to the digit; a line that is cut is an error', async () => {
    let cut = false;
    const made = api({ polls: 0, files: 1 });
    const server = await faulty((request) =>
      request.url.startsWith('/files')
        ? { body: `{"id":1,"big":9007199254740993}\n\n{"id":2}${cut ? ',{"i' : '\n'}` }
        : made.answer(request),
    );
    const rig = await streamRig(server, exportJob({ ...options, format: ndjson() }));
    expect((await rig.run()).ids).toEqual([1, 2]);
    const [page] = await Array.fromAsync((await rig.open()).pages());
    expect(page?.body.kind).toBe('bytes');
    cut = true;
    const run = await rig.run();
    expect([run.error?.code, run.error?.message]).toEqual([
      'API_WRONG_ANSWER',
      'Acme answered with something that is not whole NDJSON',
    ]);
  });
});
