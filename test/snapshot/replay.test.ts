import { createServer } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { SassyError } from '../../src/errors/sassy-error.ts';
import { FAULTS, faultySnapshots, withFault } from '../../src/snapshot/faults.ts';
import { type Replay, startReplay } from '../../src/snapshot/replay.ts';
import { type Snapshot } from '../../src/snapshot/snapshot-file.ts';
import { get, recorded, snapshotOf, startServer, textOf, withTransport } from './server.ts';

let replay: Replay | undefined;
afterEach(async () => {
  await replay?.stop();
  replay = undefined;
});

const API = 'https://api.snyk.io';

async function thrownBy(work: Promise<unknown>): Promise<SassyError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof SassyError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('matching', () => {
  test('ignores the order of parameters and of keys in a JSON body; different requests may come in any order', async () => {
    const post = {
      request: {
        method: 'POST',
        url: `${API}/graphql`,
        headers: { 'content-type': 'application/json' },
        body: '{"a":1,"b":{"c":2,"d":3}}',
      },
      response: { status: 200, headers: {}, json: 'posted' },
    };
    await withTransport(async (transport) => {
      replay = await startReplay(snapshotOf([recorded('/a?x=1&y=%20z', 'first'), recorded('/b', 'second'), post]));
      const send = replay.guard(transport);
      const body = '{"b":{"d":3,"c":2},"a":1}';
      const headers = { 'content-type': 'application/json' };
      expect(textOf(await send({ method: 'POST', url: `${API}/graphql`, headers, body }))).toBe('"posted"');
      expect(textOf(await send(get(`${API}/b`)))).toBe('"second"');
      expect(textOf(await send(get(`${API}/a?y=+z&x=1`)))).toBe('"first"');
      expect(replay.problems()).toEqual([]);
    });
  });

  test('equal requests get their answers in the order recorded, then none', async () => {
    await withTransport(async (transport) => {
      replay = await startReplay(snapshotOf([recorded('/a', 1, 429), recorded('/a', 2), recorded('/a', 3)]));
      const send = replay.guard(transport);
      const statuses = [];
      for (let i = 0; i < 3; i++) statuses.push((await send(get(`${API}/a`))).status);
      expect(statuses).toEqual([429, 200, 200]);
      const error = await thrownBy(send(get(`${API}/a`)));
      expect(error.code).toBe('REPLAY_UNMATCHED');
      expect(error.why).toContain('recorded 3 answers for it, asked once more');
    });
  });

  test('a placeholder matches whatever credential is sent now, and tells two recorded ones apart', async () => {
    const login = {
      request: {
        method: 'POST',
        url: `${API}/login`,
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: 'id=7&client_secret=%3Csecret:1%3E',
      },
      response: { status: 200, headers: {}, json: 'in' },
    };
    const snapshot = snapshotOf([
      recorded('/a?api_key=%3Csecret:1%3E&page=1', 'first'),
      recorded('/hooks/%3Csecret:2%3E/x', 'hook'),
      recorded('/hooks/%3Csecret:3%3E/x', 'other hook'),
      login,
    ]);
    await withTransport(async (transport) => {
      replay = await startReplay(snapshot);
      const send = replay.guard(transport);
      expect(textOf(await send(get(`${API}/a?page=1&api_key=replay`)))).toBe('"first"');
      expect(textOf(await send(get(`${API}/hooks/<secret:3>/x`)))).toBe('"other hook"');
      expect(textOf(await send(get(`${API}/hooks/anything/x`)))).toBe('"hook"');
      const headers = { 'content-type': 'application/x-www-form-urlencoded' };
      expect(
        textOf(await send({ method: 'POST', url: `${API}/login`, headers, body: 'client_secret=replay&id=7' })),
      ).toBe('"in"');
      expect(replay.problems()).toEqual([]);
    });
  });
});

describe('what does not match', () => {
  const snapshot = snapshotOf([
    recorded('/orgs/1/issues?limit=100&updated_after=2024-01-01', []),
    recorded('/orgs/1/projects?limit=100', []),
  ]);

  test('is an error at once that names the nearest recorded request and what differs', async () => {
    await withTransport(async (transport) => {
      replay = await startReplay(snapshot);
      const send = replay.guard(transport);
      const error = await thrownBy(send(get(`${API}/orgs/1/issues?limit=100&updated_after=2024-06-01&token=abc`)));
      expect(error.code).toBe('REPLAY_UNMATCHED');
      expect(error.message).toContain(
        'GET https://api.snyk.io/orgs/1/issues?limit=100&updated_after=2024-06-01&token=<secret>',
      );
      expect(error.why).toContain('query updated_after: recorded "2024-01-01", asked "2024-06-01"');
      expect(error.why).toContain('query token: recorded without it, asked <secret>');
      expect(error.fix).toBe('sassy run snyk record first-sync');
      expect(replay.problems().map(({ kind }) => kind)).toEqual(['unmatched', 'unused', 'unused']);
    });
  });

  test('is reported without the guard too, and the network stays closed for every other host', async () => {
    let reached = 0;
    const server = await startServer((_request, response) => {
      reached++;
      response.end('network');
    });
    try {
      replay = await startReplay(snapshot);
      expect((await fetch(`${API}/nope`)).status).toBe(501);
      await expect(fetch(server.origin)).rejects.toThrow();
      await withTransport(async (transport) => {
        await expect(transport(get(server.origin))).rejects.toThrow();
        const error = await thrownBy(replay?.guard(transport)(get(`${server.origin}/x`)) ?? Promise.resolve());
        expect(error.why).toContain(`origin: recorded ${API}, asked ${server.origin}`);
      });
      expect(reached).toBe(0);
      expect(replay.problems().filter(({ kind }) => kind === 'unmatched')).toHaveLength(4);
    } finally {
      await server.close();
    }
  });

  test('sockets that speak no HTTP stay open: a database is no part of a replay', async () => {
    const database = createServer((socket) => socket.end('ready'));
    await new Promise<void>((resolve) => database.listen(0, '127.0.0.1', resolve));
    const address = database.address();
    const { connect } = await import('node:net');
    replay = await startReplay(snapshot);
    const heard = await new Promise<string>((resolve, reject) => {
      const socket = connect(typeof address === 'object' && address !== null ? address.port : 0, '127.0.0.1');
      socket.on('data', (chunk) => resolve(chunk.toString()));
      socket.on('error', reject);
    });
    expect(heard).toBe('ready');
    await new Promise((resolve) => database.close(resolve));
  });
});

describe('a replay', () => {
  test('serves fetch as well as got', async () => {
    replay = await startReplay(snapshotOf([recorded('/a', { b: 1 })]));
    expect(await (await fetch(`${API}/a`)).json()).toEqual({ b: 1 });
  });

  test('opens the network again when it stops, and another may follow; two at once are refused', async () => {
    const server = await startServer((_request, response) => response.end('network'));
    try {
      for (const answer of ['one', 'two']) {
        replay = await startReplay(snapshotOf([recorded('/a', answer)]));
        await expect(startReplay(snapshotOf([]))).rejects.toThrow('already running');
        const served = await withTransport((transport) => transport(get(`${API}/a`)));
        expect(textOf(served)).toBe(`"${answer}"`);
        await replay.stop();
        await replay.stop();
        expect(textOf(await withTransport((transport) => transport(get(server.origin))))).toBe('network');
        expect(await (await fetch(server.origin)).text()).toBe('network');
      }
    } finally {
      await server.close();
    }
  });

  // Not of an https origin: most of the time would go into the TLS settings of sockets that are never opened.
  test('of 2,000 interactions is served whole', { timeout: 60_000 }, async () => {
    const count = 2000;
    const url = (index: number): string => `http://api.snyk.test/page?starting_after=${index}&limit=100`;
    const interactions = Array.from({ length: count }, (_, index) => ({
      request: { method: 'GET', url: url(index) },
      response: { status: 200, headers: {}, json: { index } },
    }));
    await withTransport(async (transport) => {
      replay = await startReplay(snapshotOf(interactions, { baseUrl: 'http://api.snyk.test' }));
      const send = replay.guard(transport);
      for (let index = 0; index < count; index++) {
        expect(textOf(await send(get(url(index))))).toBe(`{"index":${index}}`);
      }
      expect(replay.problems()).toEqual([]);
    });
  });
});

describe('faults', () => {
  const pages = snapshotOf(Array.from({ length: 9 }, (_, index) => recorded(`/page?n=${index}`, { index })));
  const patient = async (snapshot: Snapshot): Promise<{ bodies: unknown[]; attempts: number }> =>
    withTransport(async (transport) => {
      replay = await startReplay(snapshot);
      const send = replay.guard(transport);
      const bodies: unknown[] = [];
      let attempts = 0;
      for (const { request } of pages.interactions) {
        for (;;) {
          attempts++;
          const response = await send(get(request.url));
          if (response.status !== 200) continue;
          try {
            bodies.push(JSON.parse(textOf(response)));
            break;
          } catch {
            // Half a body: ask again.
          }
        }
      }
      expect(replay.problems()).toEqual([]);
      await replay.stop();
      return { bodies, attempts };
    });

  test.each(FAULTS)('%s: a client that tries again gets what it gets without', async (fault) => {
    const healthy = await patient(pages);
    const faulty = await patient(withFault(pages, fault, 1));
    expect(faulty.bodies).toEqual(healthy.bodies);
    expect(faulty.attempts).toBeGreaterThan(healthy.attempts);
  });

  test('are the same for the same seed, all in their places, and can be asked of a replay', async () => {
    expect(faultySnapshots(pages, 7)).toEqual(faultySnapshots(pages, 7));
    expect(faultySnapshots(pages).map(({ name }) => name)).toEqual([...FAULTS]);
    const statuses = withFault(pages, 'rate-limited', 0).interactions.map(({ response }) => response.status);
    expect(statuses).toEqual([429, 200, 200, 200, 429, 200, 200, 200, 429, 200, 200, 200]);
    replay = await startReplay(pages, { faults: ['unavailable', 'broken-body'] });
    expect((await fetch(`${API}/page?n=0`)).status).toBe(503);
  });

  test('never double a recorded trouble', () => {
    const limited = snapshotOf([recorded('/a', 'slow', 429), recorded('/a', 'ok')]);
    const statuses = withFault(limited, 'unavailable', 1).interactions.map(({ response }) => response.status);
    expect(statuses).toEqual([429, 200]);
  });
});
