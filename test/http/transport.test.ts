import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { gotTransport } from '../../src/http/got-transport.ts';
import { nodeTransport } from '../../src/http/node-transport.ts';
import type { Transport, TransportOptions } from '../../src/http/transport.ts';
import { NetworkError } from '../../src/http/network-error.ts';
import type { HttpResponse, Send } from '../../src/model/http.ts';
import { after } from './cleanup.ts';
import { get, refused } from './client-under-test.ts';
import { closedPort, serve, serveRaw } from './local-server.ts';

const PAGE = Buffer.from(JSON.stringify({ data: Array.from({ length: 300 }, (_, i) => ({ id: i, v: Math.sin(i) })) }));
const TENTHS = Array.from({ length: 10 }, (_, i) => i / 10);

async function failure(promise: Promise<HttpResponse>): Promise<NetworkError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof NetworkError) return error;
    throw error;
  }
  throw new Error('it resolved');
}

function cut(body: Buffer, part: number): Buffer {
  return body.subarray(0, Math.floor(body.length * part));
}

const WIRES: readonly (readonly [name: string, open: (options: TransportOptions) => Transport | Promise<Transport>])[] =
  [
    ['got', gotTransport],
    ['node:http', nodeTransport],
  ];

describe.each(WIRES)('over %s', (_name, open) => {
  async function transport(options: Partial<TransportOptions> = {}): Promise<Send> {
    const made = await open({ maxSockets: 4, ...options });
    after(() => made.close());
    return made.send;
  }

  test('resolves with any status, the whole body, and headers of which none is lost', async () => {
    const server = await serve(() => ({ status: 418, headers: { 'Retry-After': ['7', '9'], 'X-A': 'b' }, body: PAGE }));
    const send = await transport();
    const response = await send(get(`${server.origin}/a?b=c%2Fd`, { headers: { authorization: 'token x' } }));
    expect(response.status).toBe(418);
    expect(response.body.equals(PAGE)).toBe(true);
    expect(response.headers).toMatchObject({ 'retry-after': '7, 9', 'x-a': 'b' });
    expect(server.requests[0]).toMatchObject({ method: 'GET', url: '/a?b=c%2Fd' });
    expect(server.requests[0]?.headers).toMatchObject({
      authorization: 'token x',
      'accept-encoding': 'gzip',
      'user-agent': 'sassy',
    });
  });

  test('posts a body, and a POST without one ends too', async () => {
    const server = await serve(() => ({ body: '{}' }));
    const send = await transport();
    await send(
      get(server.origin, { method: 'POST', body: '{"a":1}', headers: { 'content-type': 'application/json' } }),
    );
    await send(get(server.origin, { method: 'POST' }));
    expect(server.requests.map(({ method, body }) => [method, body])).toEqual([
      ['POST', '{"a":1}'],
      ['POST', ''],
    ]);
  });

  test('does not follow a redirect', async () => {
    const trap = await serve(() => ({ body: 'trapped' }));
    const server = await serve(() => ({ status: 302, headers: { location: trap.origin } }));
    const send = await transport();
    expect((await send(get(server.origin))).status).toBe(302);
    expect(trap.requests).toEqual([]);
  });

  test('reads gzip, deflate, br and zstd of several frames, and 204 that names an encoding', async () => {
    const bodies = new Map([
      ['gzip', gzipSync(PAGE)],
      ['x-gzip', gzipSync(PAGE)],
      ['deflate', deflateSync(PAGE)],
      ['br', brotliCompressSync(PAGE)],
      ['zstd', zstdCompressSync(PAGE)],
      ['ZSTD', Buffer.concat([PAGE.subarray(0, 99), PAGE.subarray(99)].map((part) => zstdCompressSync(part)))],
      ['identity', PAGE],
    ]);
    const server = await serve(({ url }) => {
      const encoding = url.slice(1);
      const body = bodies.get(encoding);
      return body === undefined
        ? { status: 204, headers: { 'content-encoding': 'gzip' } }
        : { body, headers: { 'content-encoding': encoding } };
    });
    const send = await transport();
    for (const encoding of bodies.keys()) {
      expect((await send(get(`${server.origin}/${encoding}`))).body.equals(PAGE), encoding).toBe(true);
    }
    expect((await send(get(`${server.origin}/none`))).body.byteLength).toBe(0);
  });

  describe('a body that is cut anywhere', () => {
    const gzipped = gzipSync(PAGE);
    const head = (more: string) => `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n${more}\r\n`;
    const cuts: readonly [name: string, answer: (part: number) => Buffer][] = [
      [
        'content-length',
        (part) => Buffer.concat([Buffer.from(head(`content-length: ${PAGE.length}\r\n`)), cut(PAGE, part)]),
      ],
      [
        'chunked',
        (part) => {
          const chunk = Buffer.concat([
            Buffer.from(`${PAGE.length.toString(16)}\r\n`),
            PAGE,
            Buffer.from('\r\n0\r\n\r\n'),
          ]);
          return Buffer.concat([Buffer.from(head('transfer-encoding: chunked\r\n')), cut(chunk, part)]);
        },
      ],
      [
        'gzip, closed at its end',
        (part) =>
          Buffer.concat([Buffer.from(head('content-encoding: gzip\r\nconnection: close\r\n')), cut(gzipped, part)]),
      ],
      [
        'gzip of the length told',
        (part) => {
          const body = cut(gzipped, part);
          return Buffer.concat([
            Buffer.from(head(`content-encoding: gzip\r\ncontent-length: ${body.length}\r\n`)),
            body,
          ]);
        },
      ],
      [
        'br, closed at its end',
        (part) =>
          Buffer.concat([
            Buffer.from(head('content-encoding: br\r\nconnection: close\r\n')),
            cut(brotliCompressSync(PAGE), part),
          ]),
      ],
      [
        'zstd, closed at its end',
        (part) =>
          Buffer.concat([
            Buffer.from(head('content-encoding: zstd\r\nconnection: close\r\n')),
            cut(zstdCompressSync(PAGE), part),
          ]),
      ],
    ];
    for (const [name, answer] of cuts) {
      test(`is refused: ${name}`, async () => {
        const send = await transport();
        for (const part of TENTHS) {
          // A compressed body of no byte at all is an empty body: refused where JSON is expected.
          if (part === 0 && !['content-length', 'chunked'].includes(name)) continue;
          const server = await serveRaw((socket) => socket.end(answer(part)));
          const error = await failure(send(get(server.origin)));
          expect(['TRUNCATED_BODY', 'ECONNRESET'], `${name} ${part}: ${error.code}`).toContain(error.code);
        }
      });
    }

    test.each(['gzip', 'br', 'zstd'])('or has bytes after its end is refused: %s', async (encoding) => {
      const compress = { gzip: gzipSync, br: brotliCompressSync, zstd: zstdCompressSync }[encoding] ?? gzipSync;
      const body = Buffer.concat([compress(PAGE), Buffer.from('<html>')]);
      const server = await serve(() => ({ body, headers: { 'content-encoding': encoding } }));
      expect((await failure((await transport())(get(server.origin)))).code).toBe('TRUNCATED_BODY');
    });

    test('is refused when only the last 8 bytes of gzip are missing', async () => {
      const body = gzipped.subarray(0, -8);
      const server = await serve(() => ({ body, headers: { 'content-encoding': 'gzip' } }));
      expect((await failure((await transport())(get(server.origin)))).code).toBe('TRUNCATED_BODY');
    });
  });

  test('stops a gzip bomb, and a plain body, at the limit', async () => {
    const bomb = gzipSync(Buffer.alloc(80 * 1024 * 1024));
    const server = await serve(({ url }) =>
      url === '/bomb'
        ? { body: bomb, headers: { 'content-encoding': 'gzip' } }
        : { body: Buffer.alloc(2 * 1024 * 1024, 'x') },
    );
    expect((await refused((await transport())(get(`${server.origin}/bomb`)))).code).toBe('API_WRONG_ANSWER');
    const small = await transport({ maxBytes: 1024 * 1024 });
    expect((await refused(small(get(`${server.origin}/plain`)))).code).toBe('API_WRONG_ANSWER');
  });

  test('refuses an encoding that was not asked for and is not known, also a stack of them', async () => {
    const server = await serve(({ url }) => ({
      body: 'xxxx',
      headers: { 'content-encoding': url.slice(1).replace('-', ', ') },
    }));
    const send = await transport();
    for (const encoding of ['compress', 'gzip-gzip']) {
      const error = await refused(send(get(`${server.origin}/${encoding}`)));
      expect(error.code).toBe('API_WRONG_ANSWER');
      expect(error.why).toContain(encoding.replace('-', ', '));
    }
  });

  test('errors of the network keep the code and none of the request', async () => {
    const send = await transport();
    const secret = { headers: { authorization: 'token hush-hush' } };
    const reset = await serveRaw((socket) => socket.resetAndDestroy());
    const garbage = await serveRaw((socket) => socket.end('this is not HTTP\r\n\r\n'));
    const errors = [
      await failure(send(get(await closedPort(), secret))),
      await failure(send(get(reset.origin, secret))),
      await failure(send(get('http://nothing.invalid/', secret))),
      await failure(send(get(garbage.origin, secret))),
    ];
    expect(errors.map(({ code }) => code).slice(0, 2)).toEqual(['ECONNREFUSED', 'ECONNRESET']);
    expect(['ENOTFOUND', 'EAI_AGAIN']).toContain(errors[2]?.code);
    expect(errors[3]?.code).toMatch(/^HPE_/);
    for (const error of errors) {
      expect(Object.keys(error).sort()).toEqual(['code', 'name']);
      expect(error.cause).toBeUndefined();
      expect(`${error.message} ${error.stack}`).not.toContain('hush-hush');
    }
  });

  test('ends when headers, bytes or the end do not come in time', async () => {
    const silent = await serveRaw(() => undefined);
    const stalled = await serveRaw((socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc'));
    const dripping = await serveRaw((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 99999\r\n\r\n');
      const drip = setInterval(() => socket.write('x'), 5);
      socket.once('close', () => clearInterval(drip));
    });
    const headers = await transport({ timeouts: { headersMs: 60 } });
    const idle = await transport({ timeouts: { idleMs: 60 } });
    const total = await transport({ timeouts: { totalMs: 120 } });
    expect((await failure(headers(get(silent.origin)))).code).toBe('ETIMEDOUT');
    expect((await failure(idle(get(stalled.origin)))).code).toBe('ETIMEDOUT');
    expect((await failure(total(get(dripping.origin)))).code).toBe('ETIMEDOUT');
  });

  test("an aborted request rejects with the signal's reason, before and during", async () => {
    const silent = await serveRaw(() => undefined);
    const send = await transport();
    const reason = new Error('stop');
    await expect(send(get(silent.origin, { signal: AbortSignal.abort(reason) }))).rejects.toBe(reason);
    expect(silent.connections()).toBe(0);
    const controller = new AbortController();
    const sent = Promise.allSettled([1, 2, 3].map(() => send(get(silent.origin, { signal: controller.signal }))));
    setTimeout(() => controller.abort(reason), 20);
    for (const result of await sent) expect(result).toEqual({ status: 'rejected', reason });
  });

  test('keeps connections for the next request, and no more than it may', async () => {
    const server = await serve(() => ({ body: '{}' }));
    const send = await transport({ maxSockets: 2 });
    await Promise.all(Array.from({ length: 20 }, () => send(get(server.origin))));
    expect(server.requests).toHaveLength(20);
    expect(new Set(server.requests.map(({ port }) => port)).size).toBe(2);
  });

  test('a mistake in the request is no trouble of the network', async () => {
    const send = await transport();
    const error = await send(get('http://127.0.0.1:1/', { headers: { 'x-a': 'b\nc' } })).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(Error);
    expect(error).not.toBeInstanceOf(NetworkError);
  });

  test('many requests of one run wait for its signal without a warning', async () => {
    const server = await serve(() => ({ body: '{}' }));
    const send = await transport({ maxSockets: 40 });
    const warnings: string[] = [];
    const listen = (warning: Error): void => void warnings.push(warning.message);
    process.on('warning', listen);
    const { signal } = new AbortController();
    await Promise.all(Array.from({ length: 40 }, () => send(get(server.origin, { signal }))));
    await new Promise((resolve) => setImmediate(resolve));
    process.off('warning', listen);
    expect(warnings).toEqual([]);
  });
});
