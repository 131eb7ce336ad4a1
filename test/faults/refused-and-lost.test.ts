import { describe, expect, test } from 'vitest';
import { sessionToken } from '../../src/http/auth/session-token.ts';
import { bodyCursor } from '../../src/pagination/body-cursor.ts';
import { bodyToken } from '../../src/pagination/body-token.ts';
import { jsonApiLinks } from '../../src/pagination/json-api-links.ts';
import type { FaultAnswer } from '../../src/testing/fault-answer.ts';
import type { FaultRequest } from '../../src/testing/fault-request.ts';
import { type Config, faulty, range, streamRig, things } from './stream-rig.ts';
import { ALL, lasting, page, PAGES, passing, SIZE, source } from './three-pages.ts';

describe('S6: pages shrink where the stream allows it', () => {
  /** A list of 120 by cursor whose server fails over pages of more than `most` records. */
  const shrinking = (most: number, trouble: FaultAnswer) => {
    const sizes: number[] = [];
    const answer = ({ url, body }: FaultRequest): FaultAnswer => {
      const at = Number(/after=(\d+)/.exec(url)?.[1] ?? (body === '' ? 0 : JSON.parse(body).after) ?? 0);
      const size = Number(/limit=(\d+)/.exec(url)?.[1] ?? (body === '' ? 0 : JSON.parse(body).first));
      sizes.push(size);
      if (size > most) return trouble;
      const end = Math.min(at + size, 120);
      return {
        json: {
          data: things(end - at, at),
          next: end < 120 ? end : null,
          links: end < 120 ? { next: `/things?limit=40&after=${end}` } : {},
        },
      };
    };
    return { sizes, answer };
  };
  const pageSize = { query: 'limit', least: 5 };
  const byCursor = {
    request: () => ({ path: '/things', query: { limit: 40 } }),
    records: '/data',
    paginator: bodyCursor({ from: '/next', to: 'after', pageSize }),
  };

  test.each([500, 502, 503, 504])('%i three times: half of it, and so for the rest; 413 at once', async (status) => {
    const list = shrinking(10, { status });
    const run = await (await streamRig(await faulty(list.answer), byCursor)).run();
    expect([run.result.status, run.ids]).toEqual(['complete', ALL]);
    expect(list.sizes).toEqual([40, 40, 40, 20, 20, 20, ...Array<number>(12).fill(10)]);
    const large = shrinking(10, { status: 413 });
    expect((await (await streamRig(await faulty(large.answer), byCursor)).run()).ids).toEqual(ALL);
    expect(large.sizes).toEqual([40, 20, ...Array<number>(12).fill(10)]);
  });

  test('links that name the old size, and the body of a POST, go on with the small one', async () => {
    const linked = shrinking(20, { status: 504 });
    const source = { ...byCursor, paginator: jsonApiLinks({ pageSize }) };
    expect((await (await streamRig(await faulty(linked.answer), source)).run()).ids).toEqual(ALL);
    expect(linked.sizes).toEqual([40, 40, 40, ...Array<number>(6).fill(20)]);
    const posted = shrinking(20, { status: 413 });
    const post = {
      request: () => ({ method: 'POST' as const, path: '/search', json: { first: 40 }, idempotent: true }),
      records: '/data',
      paginator: bodyToken({ from: '/next', to: '/after', pageSize: { json: '/first' } }),
    };
    expect((await (await streamRig(await faulty(posted.answer), post)).run()).ids).toEqual(ALL);
    expect(posted.sizes).toEqual([40, ...Array<number>(6).fill(20)]);
  });

  test('a run that was stopped goes on with the small size; too large at the least size is the error that it is', async () => {
    const list = shrinking(20, { status: 413 });
    const rig = await streamRig(await faulty(list.answer), byCursor);
    await rig.run({ maxPages: 2 });
    expect((await rig.run()).ids).toEqual(ALL);
    expect(list.sizes).toEqual([40, ...Array<number>(6).fill(20)]);
    const never = shrinking(1, { status: 413 });
    const run = await (await streamRig(await faulty(never.answer), byCursor)).run();
    expect([run.error?.code, run.error?.exitCode, never.sizes]).toEqual(['API_REFUSED', 5, [40, 20, 10, 5]]);
    const down = shrinking(1, { status: 503 });
    const ended = await (await streamRig(await faulty(down.answer), byCursor)).run();
    expect([ended.error?.code, ended.error?.exitCode, down.sizes.length]).toEqual(['API_UNAVAILABLE', 75, 3 * 3 + 5]);
  });

  test('a server that does not answer in time is asked for less', async () => {
    const list = shrinking(20, { delayMs: 60_000 });
    const rig = await streamRig(await faulty(list.answer), byCursor, { transport: { timeouts: { headersMs: 60 } } });
    expect((await rig.run()).ids).toEqual(ALL);
    expect(list.sizes).toEqual([40, 40, 40, ...Array<number>(6).fill(20)]);
  });
});

describe('S7, S8: refused', () => {
  test('S7: 401 for ever ends with the login, exit 4, after one request; pages before it are kept', async () => {
    const { run, server } = await lasting({ status: 401 });
    expect([run.error?.code, run.error?.exitCode, server.requests.length, run.ids]).toEqual([
      'LOGIN_REFUSED',
      4,
      2,
      range(SIZE),
    ]);
  });

  const renewed = sessionToken<Config>({
    login: { url: '/login', json: (config) => ({ key: config.token }) },
    token: '/session',
  });

  /** A service with sessions that ends the first one at page `at`, or refuses every one there. */
  async function sessions(at: number, forEver: boolean, parallel = false) {
    let session = 0;
    const refusals: string[] = [];
    const isOpen = { value: !forEver };
    const server = await faulty((request) => {
      if (request.url.startsWith('/login')) return { json: { session: `session-${++session}-sesame` } };
      const isLate = request.url.includes(`page=${at}`) && (session === 1 || !isOpen.value);
      if (!isLate) return page(request);
      refusals.push(request.url);
      return { status: 401, json: { message: 'the session has ended' }, ...(parallel ? { delayMs: 5 } : {}) };
    });
    const rig = await streamRig(server, source, { settings: { auth: renewed } });
    return { server, rig, refusals, isOpen, logins: () => session };
  }

  test('S7, 20 x: 401 on the way: one new login, the same page once more, no page lost', async () => {
    for (let turn = 0; turn < 20; turn += 1) {
      const { rig, server, refusals, logins } = await sessions(turn % PAGES, false);
      const run = await rig.run();
      expect([run.result.status, run.ids, refusals.length, logins(), server.requests.length]).toEqual([
        'complete',
        ALL,
        1,
        2,
        3 + 1 + 2,
      ]);
    }
  });

  test('S7, 20 x: 401 with the new login too: exit 4, pages before it kept, the next run goes on there', async () => {
    for (let turn = 0; turn < 20; turn += 1) {
      const at = turn % PAGES;
      const { rig, refusals, isOpen, logins } = await sessions(at, true);
      const run = await rig.run();
      expect([run.error?.code, run.error?.exitCode, run.ids]).toEqual(['LOGIN_REFUSED', 4, range(at * SIZE)]);
      expect([refusals.length, logins()]).toEqual([2, 2]);
      expect(JSON.stringify([run.error?.message, run.error?.why, run.error?.fix])).not.toContain('sesame');
      isOpen.value = true;
      expect((await rig.run()).ids).toEqual(ALL);
    }
  });

  test.each<FaultAnswer>([
    { json: { message: 'missing scope repo:read' } },
    { json: { error: { message: 'missing scope repo:read', status: 'PERMISSION_DENIED' } } },
    { json: { errors: [{ title: 'Forbidden', detail: 'missing scope repo:read' }] } },
    { json: { errorMessages: ['missing scope repo:read'], errors: {} } },
    { json: { title: 'Forbidden', detail: 'missing scope repo:read' } },
    { json: { error: 'insufficient_scope', error_description: 'missing scope repo:read' } },
    { body: '<Error><Code>AccessDenied</Code><Message>missing scope repo:read</Message></Error>' },
    { body: 'missing scope repo:read' },
    { json: { message: 'missing scope repo:read' }, encoding: 'gzip' },
    { body: '<html><title>missing scope repo:read</title></html>' },
  ])('S8: 403 leaves the stream out with its reason: %j', async (answer) => {
    const { run } = await lasting({ status: 403, ...answer });
    expect([run.result.status, run.error?.code]).toEqual(['skipped', 'PERMISSION_DENIED']);
    expect(run.error?.why).toContain('missing scope repo:read');
  });
});

describe('S9: the list is lost on the way', () => {
  const lost: readonly FaultAnswer[] = [
    { status: 404 },
    { status: 410, json: { message: 'Gone' } },
    { status: 400, json: { message: 'cursor expired' } },
    { status: 422, json: { errors: [{ detail: 'The page token is no longer valid' }] } },
  ];

  test.each(lost)('%j once or twice: the slice is read again, nothing is lost or doubled', async (trouble) => {
    for (const [times, at] of [
      [1, 1],
      [2, 1],
      [1, 2],
      [2, 2],
    ] as const) {
      const { run, server } = await passing(trouble, times, {}, {}, at);
      expect([run.result.status, run.ids, server.requests.length]).toEqual(['complete', ALL, 3 + (at + 1) * times]);
      expect(run.notes).toHaveLength(times);
    }
  });

  test.each(lost)('%j for ever: given up after two restarts', async (trouble) => {
    const { run, server } = await lasting(trouble);
    expect([run.error?.code, run.error?.exitCode, server.requests.length, run.ids]).toEqual([
      'PAGE_EXPIRED',
      5,
      6,
      range(SIZE),
    ]);
  });

  test('without a key nothing is read twice: it is told instead', async () => {
    const server = await faulty((request) => (/page=1/.test(request.url) ? { status: 410 } : page(request)));
    const rig = await streamRig(server, source, { stream: { primaryKey: [] } });
    const run = await rig.run();
    expect([run.error?.code, server.requests.length]).toEqual(['PAGE_EXPIRED', 2]);
  });

  test('a token that an earlier run left is no longer taken: from the first page on', async () => {
    let isExpired = false;
    const server = await faulty((request) =>
      isExpired && /page=1/.test(request.url) ? { status: 400 } : page(request),
    );
    const rig = await streamRig(server, source);
    await rig.run({ maxPages: 1 });
    isExpired = true;
    setTimeout(() => (isExpired = false), 0);
    expect((await rig.run()).ids).toEqual(ALL);
  });
});
