import { describe, expect, test } from 'vitest';
import { bodyCursor } from '../../src/pagination/body-cursor.ts';
import { bodyToken } from '../../src/pagination/body-token.ts';
import { sessionToken } from '../../src/http/auth/session-token.ts';
import { jsonApiLinks } from '../../src/pagination/json-api-links.ts';
import type { FaultAnswer } from '../../src/testing/fault-answer.ts';
import type { FaultRequest } from '../../src/testing/fault-request.ts';
import { type Config, faulty, range, streamRig, things } from './stream-rig.ts';

const PAGES = 3;
const SIZE = 40;
const source = {
  request: () => ({ path: '/things', query: { page: 0 } }),
  records: '/data',
  paginator: jsonApiLinks(),
};

/** Page k of three as the healthy API has it. */
function page({ url }: FaultRequest): FaultAnswer {
  const k = Number(/page=(\d+)/.exec(url)?.[1] ?? 0);
  const links = k + 1 < PAGES ? { next: `/things?page=${k + 1}` } : {};
  return { json: { data: things(SIZE, k * SIZE), links } };
}

const ALL = range(PAGES * SIZE);

/** Trouble on a page, page 1 by default, for the first `times` requests of it; the run must end as without. */
async function passing(trouble: FaultAnswer, times = 1, settings = {}, options = {}, at = 1) {
  let seen = 0;
  const server = await faulty((request) => {
    const isHit = request.url.includes(`page=${at}`) && seen++ < times;
    return isHit
      ? { ...(trouble.raw === undefined && trouble.body === undefined ? page(request) : {}), ...trouble }
      : page(request);
  });
  const rig = await streamRig(server, source, { settings, ...options });
  const run = await rig.run();
  return { run, server, clock: rig.clock };
}

/** Trouble on page 1 for ever. */
async function lasting(trouble: FaultAnswer) {
  return passing(trouble, Number.POSITIVE_INFINITY);
}

describe('S1-S5: limits', () => {
  test('S1, 20 x: 429 with Retry-After: nobody asks before it is over, and nothing is lost', async () => {
    for (let seconds = 1; seconds <= 20; seconds += 1) {
      const { run, clock, server } = await passing({ status: 429, headers: { 'retry-after': String(seconds) } });
      expect([run.result.status, run.ids.length, clock.now() >= seconds * 1000, server.requests.length]).toEqual([
        'complete',
        120,
        true,
        4,
      ]);
    }
  });

  test('S2, 20 x: a date counts from the clock of the server, however wrong ours is', async () => {
    for (let seconds = 1; seconds <= 20; seconds += 1) {
      const there = Date.UTC(2001 + seconds, 5, 1);
      const headers = {
        date: new Date(there).toUTCString(),
        'retry-after': new Date(there + seconds * 1000).toUTCString(),
      };
      const { run, clock } = await passing({ status: 429, headers });
      expect(run.ids).toEqual(ALL);
      expect([clock.now() >= seconds * 1000, clock.now() < seconds * 1000 + 2000]).toEqual([true, true]);
    }
  });

  test.each([undefined, '', '-1', 'abc', '0', '7, 9', ['7', '9'], '1e9'])(
    'S3, 5 x: Retry-After %j backs off, never at once',
    async (value) => {
      for (let i = 0; i < 5; i += 1) {
        const { run, clock } = await passing({
          status: 429,
          headers: value === undefined ? {} : { 'retry-after': value },
        });
        expect([run.ids.length, clock.now() >= 1000]).toEqual([120, true]);
      }
    },
  );

  test.each(['2147483648', '1000000000', '901'])(
    'S3: Retry-After %s ends at a commit with the time to come back',
    async (value) => {
      const { run, clock } = await lasting({ status: 429, headers: { 'retry-after': value } });
      expect([run.error?.code, run.error?.exitCode, run.result.status, clock.now()]).toEqual([
        'RATE_LIMITED',
        75,
        'partial',
        0,
      ]);
      expect(run.ids).toEqual(range(SIZE));
      expect(run.error?.resumeAfter).toBeDefined();
    },
  );

  test('S5, 10 x: none left in the headers: the next request waits for the reset', async () => {
    for (let seconds = 1; seconds <= 10; seconds += 1) {
      const { run, clock } = await passing({
        headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(seconds) },
      });
      expect([run.ids.length, clock.now() >= seconds * 1000 + 1000]).toEqual([120, true]);
    }
  });
});

describe('S6: 5xx', () => {
  test.each([500, 502, 503, 504].flatMap((status) => [1, 2, 3, 4].map((times) => [status, times] as const)))(
    '%i, %i times, on each of three pages: is waited out',
    async (status, times) => {
      for (const at of [0, 1, 2]) {
        const { run, server } = await passing({ status, body: 'upstream error' }, times, {}, {}, at);
        expect([run.result.status, run.ids.length, server.requests.length]).toEqual(['complete', 120, 3 + times]);
      }
    },
  );

  test.each(
    [500, 502, 503, 504].flatMap((status) =>
      [5, 20, Number.POSITIVE_INFINITY].map((times) => [status, times] as const),
    ),
  )('%i, %f times: ends at a commit as temporary, and the next run goes on there (D16)', async (status, times) => {
    let isDown = true;
    const asked: string[] = [];
    const server = await faulty((request) => {
      asked.push(request.url);
      return isDown && /page=1/.test(request.url) ? { status } : page(request);
    });
    const rig = await streamRig(server, source);
    const first = await rig.run();
    expect([first.error?.code, first.error?.exitCode, first.ids]).toEqual(['API_UNAVAILABLE', 75, range(SIZE)]);
    expect(asked).toHaveLength(6);
    isDown = times === Number.POSITIVE_INFINITY;
    const second = await rig.run();
    expect(asked[6]).toBe('/things?page=1');
    if (!isDown) expect([second.result.status, second.ids]).toEqual(['complete', ALL]);
  });
});

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

describe('S10: a body that is cut is never a page', () => {
  const kinds: readonly FaultAnswer[] = [
    { framing: 'length' },
    { framing: 'chunked' },
    { framing: 'close' },
    { framing: 'close', encoding: 'gzip' },
    { framing: 'length', encoding: 'gzip' },
    { framing: 'chunked', encoding: 'gzip' },
    { framing: 'close', encoding: 'br' },
    { framing: 'length', encoding: 'br' },
    { framing: 'close', encoding: 'zstd' },
    { framing: 'close', encoding: 'deflate' },
  ];
  test.each(kinds)('%j at each 10 %%', async (kind) => {
    for (let tenth = 0; tenth < 10; tenth += 1) {
      const { run, server } = await passing({ ...kind, cutAt: tenth / 10 });
      expect([tenth, run.result.status, run.ids.length]).toEqual([tenth, 'complete', 120]);
      expect(server.requests.length).toBeGreaterThan(3);
    }
  });

  test('for ever: an error, and only whole pages are kept', async () => {
    for (const kind of kinds.slice(0, 4)) {
      const { run } = await lasting({ ...kind, cutAt: 0.6 });
      expect(['API_UNAVAILABLE', 'API_WRONG_ANSWER']).toContain(run.error?.code);
      expect(run.ids).toEqual(range(SIZE));
    }
  });
});

describe('S11, S12: a body that is not the JSON it should be', () => {
  const bad = [
    ['{', 'API_WRONG_ANSWER'],
    ['', 'API_WRONG_ANSWER'],
    ['null', 'API_WRONG_ANSWER'],
    ['{"data":NaN}', 'API_WRONG_ANSWER'],
    ['{"data":[1,]}', 'API_WRONG_ANSWER'],
    ['<html><title>Sign in</title></html>', 'API_WRONG_ANSWER'],
    ['{"data":[]}<html>', 'API_WRONG_ANSWER'],
    ['cb({"data":[]})', 'API_WRONG_ANSWER'],
    ['{"data":[]}{"data":[]}', 'API_WRONG_ANSWER'],
    ['{"data":[]}\n{"data":[]}', 'API_WRONG_ANSWER'],
    ['{"items":[]}', 'API_WRONG_ANSWER'],
    ['{"data":null}', 'API_WRONG_ANSWER'],
  ] as const;

  const framed: readonly FaultAnswer[] = [
    {},
    { headers: { 'content-type': 'application/json' } },
    { headers: { 'content-type': 'text/html' } },
    { framing: 'chunked', encoding: 'gzip' },
    { framing: 'close' },
  ];
  test.each(bad)('%j for ever, 5 x, is an error, never an empty page', async (body, code) => {
    for (const frame of framed) {
      const { run } = await lasting({ ...frame, body });
      expect([run.error?.code, run.error?.exitCode, run.result.status, run.ids]).toEqual([
        code,
        5,
        'failed',
        range(SIZE),
      ]);
    }
  });

  test.each(bad.slice(0, 2).concat(bad.slice(3, 10)))('%j, 3 times, is waited out', async (body) => {
    const { run, server } = await passing({ body }, 3);
    expect([run.result.status, run.ids, server.requests.length]).toEqual(['complete', ALL, 6]);
  });

  test.each([
    '',
    'text/plain',
    'text/html',
    'application/json; charset=latin1',
    'application/octet-stream',
    'application/xml',
    'image/png',
    'application/json; charset=utf-16',
    'application/problem+json',
    'nonsense',
  ])('S12: whole JSON under the content type %j is a page', async (type) => {
    const { run } = await passing({ headers: { 'content-type': type } });
    expect(run.ids).toEqual(ALL);
  });

  test('S12: one byte order mark is read; UTF-16 is told', async () => {
    const whole = JSON.stringify({ data: things(SIZE, SIZE), links: { next: '/things?page=2' } });
    expect((await passing({ body: `\ufeff${whole}` })).run.ids.length).toBeGreaterThan(0);
    expect((await lasting({ body: Buffer.from(`\ufeff${whole}`, 'utf16le') })).run.error?.code).toBe(
      'API_WRONG_ANSWER',
    );
  });
});

describe('S13: statuses of no use', () => {
  test.each([204, 205, 300, 301, 302, 303, 304, 307, 308, 418])('%i is an error with its name', async (status) => {
    const { run } = await lasting({ status, body: '' });
    expect(run.error?.exitCode).toBe(5);
    expect(run.error?.why).toContain(String(status));
    expect(run.ids).toEqual(range(SIZE));
  });

  test('206 with whole JSON is a page, with half of one an error', async () => {
    expect((await passing({ status: 206 })).run.ids).toEqual(ALL);
    expect((await lasting({ status: 206, body: '{"data":[' })).run.error?.code).toBe('API_WRONG_ANSWER');
  });

  test('a flood of 1xx before the answer is passed over', async () => {
    const whole = JSON.stringify({ data: things(SIZE, SIZE), links: { next: '/things?page=2' } });
    const flood = 'HTTP/1.1 102 Processing\r\n\r\n'.repeat(200);
    const answer = `HTTP/1.1 200 OK\r\ncontent-length: ${Buffer.byteLength(whole)}\r\n\r\n${whole}`;
    expect((await passing({ raw: flood + answer, end: 'close' })).run.ids).toEqual(ALL);
  });
});
