import { expect, test } from 'vitest';
import { rateBudget } from '../../src/http/policies/rate-budget.ts';
import { counters, type HttpEvent } from '../../src/http/events.ts';
import { NetworkError } from '../../src/http/network-error.ts';
import type { Policy } from '../../src/model/http.ts';
import { refused, rig } from './client-under-test.ts';
import { closedPort, serve, serveRaw, type Answer } from './local-server.ts';
import { virtualClock } from './virtual-clock.ts';

const GOOD: Answer = { body: '{"data":[1]}' };
const DATE = 'Sun, 22 Nov 2026 10:00:00 GMT';

test.each([
  ['7', 7000],
  ['Sun, 22 Nov 2026 10:00:07 GMT', 7000],
  ['840', 840_000],
])('429 with Retry-After %s waits exactly as long', async (value, ms) => {
  const server = await serve((_, n) =>
    n === 1 ? { status: 429, headers: { 'retry-after': value, date: DATE } } : GOOD,
  );
  const { client, clock } = await rig(server.origin);
  expect(await client.getJson('/a')).toEqual({ data: [1] });
  expect(clock.sleeps).toEqual([ms]);
  expect(server.requests).toHaveLength(2);
});

test.each([[undefined], [''], ['-1'], ['1e9'], ['abc'], ['0'], ['7, 9'], [['7', '9']]])(
  '429 with Retry-After %s backs off, never at once',
  async (value) => {
    const headers = value === undefined ? {} : { 'retry-after': value };
    const server = await serve((_, n) => (n <= 3 ? { status: 429, headers } : GOOD));
    const clock = virtualClock(() => 0.999999);
    const { client } = await rig(server.origin, {}, { host: clock.host });
    await client.getJson('/a');
    expect(clock.sleeps).toEqual([2000, 4000, 8000]);
  },
);

test.each(['2147483648', '901', '9'.repeat(400)])('Retry-After %s is more than a run waits', async (value) => {
  const server = await serve(() => ({ status: 429, headers: { 'retry-after': value } }));
  const { client, clock } = await rig(server.origin);
  const error = await refused(client.getJson('/a'));
  expect([error.code, error.exitCode, clock.sleeps.length, server.requests.length]).toEqual(['RATE_LIMITED', 75, 0, 1]);
  if (value === '901') expect(error.resumeAfter).toBe('2026-01-01T00:15:01.000Z');
});

test('lateness is only ever added to what the server asks for', async () => {
  const server = await serve((_, n) => (n === 1 ? { status: 503, headers: { 'retry-after': '20' } } : GOOD));
  const clock = virtualClock(() => 0.999999);
  const { client } = await rig(server.origin, {}, { host: clock.host });
  await client.getJson('/a');
  expect(clock.now()).toBeGreaterThanOrEqual(20_000);
  expect(clock.now()).toBeLessThanOrEqual(21_000);
});

test('rate limits do not use up the attempts, but the budget of waiting', async () => {
  const limit: Answer = { status: 429, headers: { 'retry-after': '60' } };
  const server = await serve((_, n) => (n <= 12 ? limit : GOOD));
  const { client, clock } = await rig(server.origin);
  await client.getJson('/a');
  expect(clock.now()).toBe(12 * 60_000);
  const forever = await serve(() => limit);
  const second = await rig(forever.origin);
  expect((await refused(second.client.getJson('/a'))).code).toBe('RATE_LIMITED');
  expect(second.clock.now()).toBe(15 * 60_000);
});

test('one 429 holds all workers that share the budget', async () => {
  const clock = virtualClock();
  const server = await serve((_, n) => (n === 1 ? { status: 429, headers: { 'retry-after': '7' } } : GOOD));
  const budget = rateBudget([], clock.host);
  // Taken when a request leaves: on its way to the server the virtual clock may jump.
  const left: number[] = [];
  const wrapTransport: Policy = (next) => (request) => {
    left.push(clock.now());
    return next(request);
  };
  const shared = { host: clock.host, budget, wrapTransport };
  const others = await Promise.all([1, 2, 3].map(() => rig(server.origin, {}, shared)));
  const waiting: Promise<unknown>[] = [];
  const events = (event: HttpEvent): void => {
    if (event.type === 'wait') waiting.push(...others.map(({ client }) => client.getJson('/other')));
  };
  const first = await rig(server.origin, {}, { ...shared, events });
  await first.client.getJson('/first');
  expect(await Promise.all(waiting)).toHaveLength(3);
  expect(left).toEqual([0, 7000, 7000, 7000, 7000]);
});

test('no requests left in the headers of a good answer: the next waits for the reset', async () => {
  const headers = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '30' };
  const server = await serve((_, n) => (n === 1 ? { ...GOOD, headers } : GOOD));
  const { client, clock } = await rig(server.origin);
  await client.getJson('/a');
  expect(clock.now()).toBe(0);
  await client.getJson('/b');
  expect(clock.now()).toBe(31_000);
});

test('a 403 with the signs of a rate limit is one; without them it is not', async () => {
  const limit: Answer = { status: 403, headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '60' } };
  const server = await serve((_, n) =>
    n === 1 ? limit : n === 2 ? { status: 403, headers: { 'retry-after': '5' } } : GOOD,
  );
  const { client, clock } = await rig(server.origin);
  await client.getJson('/a');
  expect(clock.now()).toBeGreaterThanOrEqual(66_000);
  const plain = await serve(() => ({ status: 403 }));
  expect((await refused((await rig(plain.origin)).client.getJson('/a'))).code).toBe('PERMISSION_DENIED');
});

test.each([408, 425, 500, 502, 503, 504])('%i is tried five times, then given up as temporary', async (status) => {
  const server = await serve((_, n) => (n <= 4 ? { status } : GOOD));
  const { client, clock } = await rig(server.origin);
  await client.getJson('/a');
  expect(clock.sleeps).toEqual([1000, 1000, 1000, 1000]);
  const down = await serve(() => ({ status, body: '{"message":"try later"}' }));
  const error = await refused((await rig(down.origin)).client.getJson('/a?key=v'));
  expect([error.code, error.exitCode, error.retryable, down.requests.length]).toEqual(['API_UNAVAILABLE', 75, true, 5]);
  expect(error.message).toContain('Acme');
  expect(error.why).toBe(`GET /a: ${status}: try later (5 attempts)`);
});

test('backoff grows to its ceiling and ends with the budget of waiting', async () => {
  const server = await serve(() => ({ status: 500 }));
  const clock = virtualClock(() => 0.999999);
  const { client } = await rig(server.origin, {}, { host: clock.host, retryLimits: { attempts: 100 } });
  expect((await refused(client.getJson('/a'))).code).toBe('API_UNAVAILABLE');
  expect(clock.sleeps.slice(0, 7)).toEqual([2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
  expect(clock.now()).toBeLessThanOrEqual(600_000);
});

test('trouble of the network, then success', async () => {
  const good = 'HTTP/1.1 200 OK\r\ncontent-length: 12\r\nconnection: close\r\n\r\n{"data":[1]}';
  const server = await serveRaw((socket, n) => {
    if (n === 1) socket.resetAndDestroy();
    else if (n === 2) socket.end(good.slice(0, -5));
    else if (n === 3) socket.end();
    else socket.end(good);
  });
  const { client, events } = await rig(server.origin);
  expect(await client.getJson('/a')).toEqual({ data: [1] });
  const attempts = events.filter((event) => event.type === 'attempt');
  expect(attempts.map(({ attempt, error, status }) => [attempt, error ?? status])).toEqual([
    [1, 'ECONNRESET'],
    [2, expect.stringMatching(/TRUNCATED_BODY|ECONNRESET/)],
    [3, 'ECONNRESET'],
    [4, 200],
  ]);
});

test('a server that is not there is temporary, and named', async () => {
  const { client } = await rig(await closedPort());
  const error = await refused(client.getJson('/a'));
  expect([error.code, error.exitCode]).toEqual(['API_UNAVAILABLE', 75]);
  expect(error.why).toContain('nothing listens there (ECONNREFUSED)');
});

test('a certificate that cannot be trusted is named at once: another try would show the same', async () => {
  let sent = 0;
  const transport = (): Promise<never> => {
    sent += 1;
    return Promise.reject(new NetworkError('CERT_HAS_EXPIRED', 'the certificate of the server has expired'));
  };
  const { client } = await rig('https://acme.invalid', {}, { transport });
  const error = await refused(client.getJson('/a'));
  expect([error.code, sent]).toEqual(['API_UNAVAILABLE', 1]);
  expect(error.why).toContain('the certificate of the server has expired');
});

test('a POST is sent once, unless it is said to be a query', async () => {
  const server = await serve(() => ({ status: 503 }));
  const { client } = await rig(server.origin);
  const error = await refused(client.send({ path: '/a', method: 'POST', json: { a: 1 } }));
  expect([error.code, server.requests.length]).toEqual(['API_UNAVAILABLE', 1]);
  expect(error.why).toContain('not sent again');
  await refused(client.send({ path: '/a', method: 'POST', json: { a: 1 }, idempotent: true }));
  expect(server.requests).toHaveLength(6);
  expect(server.requests[5]).toMatchObject({ method: 'POST', body: '{"a":1}' });
});

test('a signal ends a wait', async () => {
  const server = await serve(() => ({ status: 429, headers: { 'retry-after': '600' } }));
  const controller = new AbortController();
  const clock = virtualClock();
  const stop = new Error('stop');
  const { host } = clock;
  const stuck = {
    ...host,
    clock: {
      ...host.clock,
      sleep: (_: number, signal?: AbortSignal) =>
        new Promise<void>((_, no) => signal?.addEventListener('abort', () => no(signal.reason))),
    },
  };
  const { client } = await rig(server.origin, {}, { host: stuck, signal: controller.signal });
  const sent = client.getJson('/a');
  setTimeout(() => controller.abort(stop), 30);
  await expect(sent).rejects.toBe(stop);
});

test('counters add up attempts, retries, bytes and waits by reason', async () => {
  const server = await serve((_, n) =>
    n === 1 ? { status: 429, headers: { 'retry-after': '2' } } : n === 2 ? { status: 500 } : GOOD,
  );
  const counter = counters();
  const { client } = await rig(server.origin, {}, { events: counter.events });
  await client.getJson('/a');
  expect(counter.counts()).toEqual({
    requests: 3,
    retries: 2,
    bytes: 12,
    waitedMs: 3000,
    waitedMsBy: { pacing: 0, limit: 2000, backoff: 1000, job: 0 },
  });
});
