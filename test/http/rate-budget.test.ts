import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { rateBudget } from '../../src/http/policies/rate-budget.ts';
import { refused } from './client-under-test.ts';
import { virtualClock } from './virtual-clock.ts';

/** The most requests in any half-open window of this length, wherever it begins. */
function densest(times: readonly number[], windowMs: number): number {
  return Math.max(...times.map((from) => times.filter((time) => time >= from && time < from + windowMs).length));
}

test('no window of any limit ever holds more than its requests', async () => {
  const limit = fc.record({ requests: fc.integer({ min: 1, max: 30 }), windowMs: fc.integer({ min: 50, max: 5000 }) });
  // Pauses between requests, holds and the number of workers are what a real run varies.
  const run = fc.record({
    limits: fc.array(limit, { minLength: 1, maxLength: 3 }),
    workers: fc.integer({ min: 1, max: 6 }),
    pauses: fc.array(fc.integer({ min: 0, max: 1500 }), { minLength: 20, maxLength: 60 }),
    holdAt: fc.option(fc.integer({ min: 0, max: 19 })),
  });
  await fc.assert(
    fc.asyncProperty(run, async ({ limits, workers, pauses, holdAt }) => {
      const clock = virtualClock();
      const budget = rateBudget(limits, clock.host, { longestWaitMs: Infinity });
      const sent: number[] = [];
      let next = 0;
      const work = async (): Promise<void> => {
        for (let i = next++; i < pauses.length; i = next++) {
          await budget.take();
          sent.push(clock.now());
          if (i === holdAt) budget.hold(clock.now() + 3000);
          // Every other pause is none at all: bursts are what breaks limiters.
          if (i % 2 === 0) await clock.host.clock.sleep(pauses[i] ?? 0);
        }
      };
      await Promise.all(Array.from({ length: workers }, work));
      expect(sent).toHaveLength(pauses.length);
      for (const { requests, windowMs } of limits) expect(densest(sent, windowMs)).toBeLessThanOrEqual(requests);
    }),
    { numRuns: 60 },
  );
});

test('uses at least 95 % of the limit, spread evenly after a short burst', async () => {
  const clock = virtualClock();
  const budget = rateBudget([{ requests: 50, windowMs: 1000 }], clock.host);
  const sent: number[] = [];
  for (let i = 0; i < 600; i++) {
    await budget.take();
    sent.push(clock.now());
  }
  expect(600 / 50 / (clock.now() / 1000)).toBeGreaterThan(0.95);
  expect(sent[4]).toBe(0);
  const gaps = sent.slice(20).map((time, i) => time - (sent[i + 19] ?? 0));
  // Once, when the first burst is still in the window, the wait is longer than one interval of 20 ms.
  expect(Math.max(...gaps)).toBeLessThan(150);
  expect(gaps.filter((gap) => gap > 25).length).toBeLessThan(15);
});

test('time in which nothing could be sent is made up for', async () => {
  const clock = virtualClock();
  const budget = rateBudget([{ requests: 50, windowMs: 1000 }], clock.host);
  await budget.take();
  for (let i = 0; i < 600; i++) {
    await budget.take();
    // Another stream's end, a slow disk: a pause of less than half a window, once in a while.
    if (i % 100 === 0) await clock.host.clock.sleep(400);
  }
  expect(600 / 50 / (clock.now() / 1000)).toBeGreaterThan(0.95);
});

test('a short run within a large limit hardly waits', async () => {
  const clock = virtualClock();
  const budget = rateBudget([{ requests: 1620, windowMs: 60_000 }], clock.host);
  for (let i = 0; i < 100; i++) await budget.take();
  expect(clock.now()).toBe(0);
});

test('a hold stops everybody, those too who already wait, and is never shortened', async () => {
  const clock = virtualClock();
  const budget = rateBudget([{ requests: 1, windowMs: 1000 }], clock.host);
  const sent: number[] = [];
  const waits: string[] = [];
  const take = async (): Promise<void> => {
    await budget.take((reason) => waits.push(reason));
    sent.push(clock.now());
  };
  await take();
  const waiting = [take(), take(), take()];
  budget.hold(7000);
  budget.hold(100);
  await Promise.all(waiting);
  expect(Math.min(...sent.slice(1))).toBeGreaterThanOrEqual(7000);
  expect(waits).toContain('limit');
});

test('a wait beyond the budget is refused with the time to come back, however long', async () => {
  const clock = virtualClock();
  const budget = rateBudget([], clock.host, { title: 'Acme' });
  budget.hold(3_600_000);
  const error = await refused(budget.take());
  expect([error.code, error.exitCode, error.resumeAfter]).toEqual(['RATE_LIMITED', 75, '2026-01-01T01:00:00.000Z']);
  budget.hold(Infinity);
  expect((await refused(budget.take())).resumeAfter).toBeUndefined();
});

test('an aborted wait rejects and leaves the line to the others', async () => {
  const clock = virtualClock();
  const budget = rateBudget([{ requests: 1, windowMs: 1000 }], clock.host);
  await budget.take();
  const controller = new AbortController();
  const stopped = budget.take(undefined, controller.signal);
  const other = budget.take();
  controller.abort(new Error('stop'));
  await expect(stopped).rejects.toThrow('stop');
  await other;
  expect(clock.now()).toBeGreaterThanOrEqual(1000);
});
