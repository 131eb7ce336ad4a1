import { describe, expect, test } from 'vitest';
import type { FaultAnswer } from '../../src/testing/fault-answer.ts';
import { faulty, range, streamRig, things } from './stream-rig.ts';
import { ALL, lasting, page, passing, SIZE, source } from './three-pages.ts';

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
