import { describe, expect, test } from 'vitest';
import { adaptiveGate } from '../../src/http/adaptive-gate.ts';
import { NetworkError } from '../../src/http/network-error.ts';
import type { HttpResponse } from '../../src/model/http.ts';
import { virtualClock } from './virtual-clock.ts';

const response = (status: number): HttpResponse => ({ status, headers: {}, body: Buffer.alloc(0) });

/** `requests` from `workers` at once against a server whose latency is a function of how many it serves. */
async function load(requests: number, workers: number, latency: (running: number) => number, status = () => 200) {
  const { host, now } = virtualClock();
  const gate = adaptiveGate({ clock: host.clock });
  let running = 0;
  let most = 0;
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next++ < requests) {
      await gate.run(async () => {
        running += 1;
        most = Math.max(most, running);
        await host.clock.sleep(latency(running));
        running -= 1;
        return response(status());
      });
    }
  };
  await Promise.all(Array.from({ length: workers }, worker));
  return { gate, most, now };
}

describe('how many requests are on their way at once', () => {
  test('grows from 10 to 32 while answers come as fast, and is never exceeded', async () => {
    const { gate, most } = await load(1500, 50, () => 50);
    expect([gate.limit(), most]).toEqual([32, 32]);
  });

  test('does not grow when nobody waits', async () => {
    const { gate, most } = await load(500, 5, () => 50);
    expect([gate.limit(), most]).toEqual([10, 5]);
  });

  test('grows although a busy machine is late for many of the answers', async () => {
    let count = 0;
    const { gate } = await load(2000, 50, () => 50 + (count++ % 3 === 0 ? 0 : (count % 7) * 90));
    expect(gate.limit()).toBeGreaterThanOrEqual(20);
  });

  test('gives back what it has won where answers become slow, and no more', async () => {
    let isSlow = false;
    let count = 0;
    const { gate } = await load(4000, 50, () => ((isSlow = count++ > 1000), isSlow ? 400 : 50));
    expect(gate.limit()).toBe(10);
  });

  test('stays where the server becomes slower', async () => {
    const { gate } = await load(3000, 50, (running) => 50 + Math.max(0, running - 12) * 20);
    expect(gate.limit()).toBeGreaterThanOrEqual(8);
    expect(gate.limit()).toBeLessThanOrEqual(20);
  });

  test.each([429, 503, 500])('%i halves it, once for all that were on their way', async (status) => {
    const { host } = virtualClock();
    const gate = adaptiveGate({ clock: host.clock });
    const answers = Promise.withResolvers<HttpResponse>();
    const running = Array.from({ length: 10 }, () => gate.run(() => answers.promise));
    answers.resolve(response(status));
    await Promise.all(running);
    expect(gate.limit()).toBe(5);
    await gate.run(async () => response(status));
    expect(gate.limit()).toBe(2);
    for (let i = 0; i < 5; i++) await gate.run(async () => response(status));
    expect(gate.limit()).toBe(1);
  });

  test('trouble of the network counts, a refusal and a mistake of ours do not', async () => {
    const { host } = virtualClock();
    const gate = adaptiveGate({ clock: host.clock });
    await gate.run(async () => response(404));
    await expect(gate.run(() => Promise.reject(new Error('bug')))).rejects.toThrow('bug');
    expect(gate.limit()).toBe(10);
    await expect(gate.run(() => Promise.reject(new NetworkError('ECONNRESET', 'reset')))).rejects.toThrow('reset');
    expect(gate.limit()).toBe(5);
    expect(await gate.run(async () => response(200))).toMatchObject({ status: 200 });
  });

  test('recovers by one a round after trouble', async () => {
    let count = 0;
    const { gate } = await load(
      2000,
      50,
      () => 50,
      () => (count++ === 100 ? 503 : 200),
    );
    expect(gate.limit()).toBeGreaterThan(16);
  });
});
