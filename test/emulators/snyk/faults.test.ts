import { afterEach, describe, expect, it } from 'vitest';
import { ownEmulators, raw, refusal, send, testVersion } from './test-client.ts';

const { start, close } = ownEmulators();
afterEach(close);

describe('faults', () => {
  it('answers what it was told, after what may pass, and logs it', async () => {
    const emulator = await start();
    emulator.failNext({ path: /\/orgs$/g, times: 2, skip: 1 }, { status: 503, headers: { 'retry-after': '2' } });
    emulator.failNext({ path: /self/ }, { status: 200, rawBody: '<html>' });
    emulator.failNext({ path: /groups/ }, { status: 200, body: { data: null } });
    const statuses: number[] = [];
    for (const path of ['/orgs', '/orgs', '/self', '/orgs', '/orgs'])
      statuses.push((await send(emulator, path)).status);
    expect(statuses).toEqual([200, 503, 200, 503, 200]);
    expect(emulator.requests.map(({ method, path, status, at }) => [at, method, path, status])).toEqual([
      [1, 'GET', '/rest/orgs', 200],
      [2, 'GET', '/rest/orgs', 503],
      [3, 'GET', '/rest/self', 200],
      [4, 'GET', '/rest/orgs', 503],
      [5, 'GET', '/rest/orgs', 200],
    ]);
    expect(emulator.requests[0]?.query).toEqual({ version: testVersion });
    expect(await (await send(emulator, '/groups')).json()).toEqual({ data: null });
    emulator.clearRequests();
    emulator.failNext({}, { status: 502 });
    expect((await refusal(await send(emulator, '/self'))).status).toBe(502);
    expect(emulator.requests.map(({ at }) => at)).toEqual([7]);
  });

  it('resets the connection', async () => {
    const emulator = await start();
    emulator.failNext({}, { reset: true });
    await expect(send(emulator, '/orgs')).rejects.toThrow();
    expect(emulator.requests.map(({ status }) => status)).toEqual([0]);
    expect((await send(emulator, '/orgs')).status).toBe(200);
  });

  it.each([0, 1, 300])('cuts the true answer after %d bytes', async (size) => {
    const emulator = await start();
    emulator.failNext({}, { truncate: size });
    const headers = { authorization: 'token emulator-token' };
    const url = `${emulator.url}/rest/orgs?version=${testVersion}`;
    const cut = await raw(url, headers);
    const whole = await raw(url, headers);
    expect(cut.isComplete).toBe(false);
    expect(whole.isComplete).toBe(true);
    expect(cut.headers['content-length']).toBe(whole.headers['content-length']);
    expect(cut.body).toEqual(whole.body.subarray(0, size));
  });

  it('refuses beyond the rate limit, with and without Retry-After', async () => {
    const limits = [{ retryAfter: 7, shown: '7' }, { retryAfter: false as const, shown: null }, { shown: '60' }];
    for (const { retryAfter, shown } of limits) {
      const rateLimit = { requests: 2, windowMs: 60_000, ...(retryAfter === undefined ? {} : { retryAfter }) };
      const emulator = await start({ rateLimit });
      const responses = [await send(emulator, '/self'), await send(emulator, '/self'), await send(emulator, '/self')];
      expect(responses.map(({ status }) => status)).toEqual([200, 200, 429]);
      const last = responses[2] ?? Response.error();
      expect(last.headers.get('retry-after')).toBe(shown);
      expect((await refusal(last)).status).toBe(429);
    }
  });

  it('opens a new window when the old one is over, and takes its time', async () => {
    const emulator = await start({ rateLimit: { requests: 1, windowMs: 80 }, latencyMs: 20 });
    const startedAt = performance.now();
    expect((await send(emulator, '/self')).status).toBe(200);
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(19);
    await new Promise((resolve) => setTimeout(resolve, 80));
    expect((await send(emulator, '/self')).status).toBe(200);
  });
});
