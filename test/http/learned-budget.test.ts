import { describe, expect, test } from 'vitest';
import { httpClient } from '../../src/http/client.ts';
import type { HttpResponse, HttpSettings, Send } from '../../src/model/http.ts';
import { refused } from './client-under-test.ts';
import { virtualClock, type VirtualClock } from './virtual-clock.ts';

/** A server on the virtual clock, so that minutes cost nothing and every number is the same in every run. */
interface LimitedServer {
  readonly send: Send;
  readonly counts: { ok: number; limited: number };
}

const LATENCY_MS = 20;

type Latency = (number: number) => number;

function answering(
  clock: VirtualClock,
  take: () => Readonly<Record<string, string>> | number,
  latency: Latency = () => LATENCY_MS,
): LimitedServer {
  const counts = { ok: 0, limited: 0 };
  let number = 0;
  const send: Send = async (): Promise<HttpResponse> => {
    await clock.host.clock.sleep(latency((number += 1)));
    const taken = take();
    const date = new Date(clock.host.clock.now()).toUTCString();
    if (typeof taken === 'number') {
      counts.limited += 1;
      return { status: 429, headers: { date, 'retry-after': String(Math.ceil(taken / 1000)) }, body: Buffer.alloc(0) };
    }
    counts.ok += 1;
    return { status: 200, headers: { date, ...taken }, body: Buffer.from('{}') };
  };
  return { send, counts };
}

/** How services tell the end of a window: rounded either way, or as a point in time. */
const TOLD = {
  floor: (resetMs: number) => String(Math.floor(resetMs / 1000)),
  ceil: (resetMs: number) => String(Math.ceil(resetMs / 1000)),
  epoch: (resetMs: number, now: number) => String(Math.ceil((now + resetMs) / 1000)),
} as const;

interface WindowOptions {
  readonly told?: keyof typeof TOLD;
  /** When the first window began, before the clock. */
  readonly phaseMs?: number;
  readonly latency?: Latency;
}

/** So many in each window of the clock, told in headers. */
function fixedWindow(
  clock: VirtualClock,
  limit: number,
  windowMs: number,
  { told = 'floor', phaseMs = 0, latency }: WindowOptions = {},
): LimitedServer {
  let window = 0;
  let used = 0;
  const take = () => {
    const now = clock.now() + phaseMs;
    const resetMs = windowMs - (now % windowMs);
    if (Math.floor(now / windowMs) !== window) [window, used] = [Math.floor(now / windowMs), 0];
    if (used >= limit) return resetMs;
    used += 1;
    return {
      'x-ratelimit-limit': String(limit),
      'x-ratelimit-remaining': String(limit - used),
      'x-ratelimit-reset': TOLD[told](resetMs, clock.host.clock.now()),
    };
  };
  return answering(clock, take, latency);
}

/** 50 a second, 50 at once. */
function tokenBucket(
  clock: VirtualClock,
  perSecond: number,
  burst: number,
  { tells = false, latency }: { readonly tells?: boolean; readonly latency?: Latency } = {},
): LimitedServer {
  let tokens = burst;
  let at = 0;
  const take = () => {
    tokens = Math.min(burst, tokens + ((clock.now() - at) / 1000) * perSecond);
    at = clock.now();
    if (tokens < 1) return 1000;
    tokens -= 1;
    if (!tells) return {};
    return {
      'x-ratelimit-limit': String(burst),
      'x-ratelimit-remaining': String(Math.floor(tokens)),
      'x-ratelimit-reset': String(Math.ceil((burst - tokens) / perSecond)),
    };
  };
  return answering(clock, take, latency);
}

async function ask(clock: VirtualClock, send: Send, requests: number, settings: Partial<HttpSettings<object>> = {}) {
  const client = httpClient({
    settings: { baseUrl: 'https://api.acme.com/v1', ...settings },
    title: 'Acme',
    config: {},
    host: clock.host,
    transport: send,
  });
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next++ < requests) await client.getJson('/a');
  };
  await Promise.all(Array.from({ length: 10 }, worker));
  return client;
}

describe('a limit that is known is used, and never hit', () => {
  test('300 a minute, seen in headers alone: 0 429s and at least 97 % of it', async () => {
    const clock = virtualClock();
    const { send, counts } = fixedWindow(clock, 300, 60_000);
    await ask(clock, send, 3600);
    expect(counts).toEqual({ ok: 3600, limited: 0 });
    expect(3600 / 300 / (clock.now() / 60_000)).toBeGreaterThan(0.97);
  });

  /** Between `least` and `most` milliseconds, as if by chance. */
  const varying =
    (least: number, most: number): Latency =>
    (number) =>
      least + ((number * 7919) % 1009) * ((most - least) / 1009);

  const windows = [10_000, 60_000].flatMap((windowMs) =>
    (['floor', 'ceil', 'epoch'] as const).flatMap((told) =>
      [0, 2345, 7890].flatMap((phaseMs) =>
        [
          [2, 5],
          [20, 60],
          [150, 400],
        ].map(([least = 0, most = 0]) => ({ windowMs, told, phaseMs, least, most })),
      ),
    ),
  );
  test.each(windows)(
    '300 in $windowMs ms, told in headers ($told, $phaseMs ms into it, $least to $most ms an answer)',
    async ({ windowMs, told, phaseMs, least, most }) => {
      const clock = virtualClock();
      const { send, counts } = fixedWindow(clock, 300, windowMs, { told, phaseMs, latency: varying(least, most) });
      await ask(clock, send, 6000);
      expect(counts).toEqual({ ok: 6000, limited: 0 });
      // The first window was partly over when the run began: what was left of it is what there was to use. Ten workers with
      // answers of 275 ms bring little more than 30 a second, and what is on its way at the end of a window is lost to it.
      const share = windowMs === 10_000 && most === 400 ? 0.92 : 0.97;
      expect(6000 / 300 / ((clock.now() + phaseMs) / windowMs)).toBeGreaterThan(share);
    },
  );

  test.each([
    [50, 50, 1, 3],
    [50, 50, 20, 60],
    [50, 50, 100, 160],
    [20, 100, 5, 20],
    [10, 10, 20, 60],
    [20, 20, 5, 20],
    [35, 35, 20, 60],
    [200, 400, 2, 10],
  ])('%i a second with %i at once, told in headers, %i to %i ms an answer', async (perSecond, burst, least, most) => {
    const clock = virtualClock();
    const { send, counts } = tokenBucket(clock, perSecond, burst, { tells: true, latency: varying(least, most) });
    await ask(clock, send, perSecond * 120);
    expect(counts).toEqual({ ok: perSecond * 120, limited: 0 });
    expect(120 / (clock.now() / 1000)).toBeGreaterThan(0.97);
  });

  test('50 a second with 50 at once, declared: 0 429s and at least 97 % of it', async () => {
    const clock = virtualClock();
    const { send, counts } = tokenBucket(clock, 50, 50);
    await ask(clock, send, 3000, { limits: [{ requests: 50, windowMs: 1000 }] });
    expect(counts).toEqual({ ok: 3000, limited: 0 });
    expect(3000 / 50 / (clock.now() / 1000)).toBeGreaterThan(0.97);
  });

  test('10 a second, told as a policy: no 429 after the first answer', async () => {
    const clock = virtualClock();
    const policy = { 'ratelimit-policy': '"default";q=10;w=1' };
    const bucket = tokenBucket(clock, 10, 20);
    const send: Send = async (request) => {
      const answer = await bucket.send(request);
      return { ...answer, headers: { ...answer.headers, ...policy, ratelimit: '"default";r=5;t=1' } };
    };
    await ask(clock, send, 200);
    expect(bucket.counts).toEqual({ ok: 200, limited: 0 });
  });

  test('a short run within a limit that is told does not wait', async () => {
    const clock = virtualClock();
    const { send } = fixedWindow(clock, 5000, 3_600_000);
    await ask(clock, send, 500);
    expect(clock.now()).toBeLessThan((500 / 10) * LATENCY_MS * 2);
  });

  test('somebody else uses the same account: what is told counts', async () => {
    const clock = virtualClock();
    const server = fixedWindow(clock, 100, 60_000);
    const send: Send = async (request) => {
      const answer = await server.send(request);
      if (server.counts.ok < 100 && server.counts.ok % 2 === 0) await server.send(request);
      return answer;
    };
    await ask(clock, send, 150);
    expect(server.counts.limited).toBeLessThanOrEqual(10);
  });

  test('none left, and the reset is further away than a run waits: the time to come back', async () => {
    const clock = virtualClock();
    const { send } = fixedWindow(clock, 20, 3_600_000);
    const client = await ask(clock, send, 20);
    const error = await refused(client.getJson('/a'));
    expect([error.code, error.exitCode]).toEqual(['RATE_LIMITED', 75]);
    expect(error.resumeAfter).toMatch(/^2026-01-01T01:00:0/);
  });
});

describe('limits of a path', () => {
  const limits = [
    { requests: 1000, windowMs: 1000 },
    { requests: 2, windowMs: 10_000, path: '/orgs/{org}/search' },
  ];

  function budgeted(clock: VirtualClock, answer: (url: string) => HttpResponse) {
    const sent: [number, string][] = [];
    const transport: Send = async ({ url }) => {
      sent.push([clock.now(), new URL(url).pathname]);
      return answer(url);
    };
    const settings = { baseUrl: 'https://api.acme.com/v1', limits };
    return { sent, client: httpClient({ settings, title: 'Acme', config: {}, host: clock.host, transport }) };
  }

  const ok = (): HttpResponse => ({ status: 200, headers: {}, body: Buffer.from('{}') });

  test('hold up the requests to that path, and below it, alone', async () => {
    const clock = virtualClock();
    const { client, sent } = budgeted(clock, ok);
    const searches = [1, 2, 3].map((n) => client.getJson(`/orgs/a${n}/search/code?q=1`));
    await Promise.all([...searches, ...Array.from({ length: 20 }, () => client.getJson('/orgs/a/repos'))]);
    const repos = sent.filter(([, path]) => path.endsWith('/repos')).map(([at]) => at);
    expect(repos).toHaveLength(20);
    expect(Math.max(...repos)).toBe(0);
    expect(Math.max(...sent.map(([at]) => at))).toBeGreaterThanOrEqual(10_000);
  });

  test('a 429 there holds nobody else; one elsewhere holds all', async () => {
    for (const [limited, other, held] of [
      ['/orgs/a/search', '/orgs', 0],
      ['/orgs', '/orgs/a/search', 7000],
    ] as const) {
      const clock = virtualClock();
      let isFirst = true;
      const { client, sent } = budgeted(clock, (url) => {
        if (!url.endsWith(limited) || !isFirst) return ok();
        isFirst = false;
        return { status: 429, headers: { 'retry-after': '7' }, body: Buffer.alloc(0) };
      });
      const first = client.getJson(limited);
      await new Promise((resolve) => setImmediate(resolve));
      await Promise.all([first, client.getJson(other)]);
      expect(sent.filter(([, path]) => path === `/v1${other}`).map(([at]) => at)).toEqual([held]);
    }
  });
});
