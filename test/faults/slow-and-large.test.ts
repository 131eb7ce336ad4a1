import { once } from 'node:events';
import { promisify } from 'node:util';
import { createGzip, gzipSync } from 'node:zlib';
import { createServer } from 'node:https';
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { nodeTransport } from '../../src/http/node-transport.ts';
import { jsonApiLinks } from '../../src/pagination/json-api-links.ts';
import type { FaultAnswer } from '../../src/testing/fault-answer.ts';
import { get, refused, rig } from '../http/client-under-test.ts';
import { faulty, range, streamRig, things } from './stream-rig.ts';

const source = { request: () => ({ path: '/things' }), records: '/data' };
const GOOD: FaultAnswer = { json: { data: things(40) } };
const execChild = async (args: readonly string[]): Promise<{ readonly outcome: string; readonly peakMb: number }> => {
  const { stdout } = await promisify(execFile)(process.execPath, [...args]);
  return z.object({ outcome: z.string(), peakMb: z.number() }).parse(JSON.parse(stdout));
};

/** So many MiB of blanks, compressed as they are made. */
async function gzipOf(mebibytes: number): Promise<Buffer> {
  const gzip = createGzip();
  const chunks: Buffer[] = [];
  gzip.on('data', (chunk: Buffer) => chunks.push(chunk));
  const blank = Buffer.alloc(1024 * 1024, ' ');
  for (let written = 0; written < mebibytes; written += 1) if (!gzip.write(blank)) await once(gzip, 'drain');
  gzip.end();
  await once(gzip, 'end');
  return Buffer.concat(chunks);
}

const QUICK = { timeouts: { headersMs: 300, idleMs: 300, totalMs: 1200, slowMs: 60_000 } };

describe('S14: bombs', () => {
  test.each(['gzip', 'br', 'zstd', 'deflate'] as const)('%s: stopped, with little memory', async (encoding) => {
    const bomb = Buffer.alloc(96 * 1024 * 1024, ' ');
    const server = await faulty([{ body: bomb, encoding }]);
    const run = await (await streamRig(server, source)).run();
    expect([run.error?.code, run.error?.exitCode, server.requests.length]).toEqual(['API_WRONG_ANSWER', 5, 1]);
  });

  test.each(['gzip, gzip', 'gzip, br, gzip, br, gzip, br', 'compress', 'aws-chunked'])(
    '%s is refused by name',
    async (encoding) => {
      const server = await faulty([{ body: gzipSync('{}'), headers: { 'content-encoding': encoding } }]);
      const run = await (await streamRig(server, source)).run();
      expect([run.error?.code, run.error?.why?.includes(encoding)]).toEqual(['API_WRONG_ANSWER', true]);
    },
  );

  test('512 MiB in half a MiB: stopped, and the process has grown by less than 100 MiB', async () => {
    const bomb = await gzipOf(512);
    expect(bomb.length).toBeLessThan(1024 * 1024);
    const server = await faulty([{ body: bomb, headers: { 'content-encoding': 'gzip' } }]);
    const calm = await faulty([{ body: 'x' }]);
    const child = (origin: string) => execChild([join(import.meta.dirname, 'send-child.ts'), origin]);
    const [before, after] = [await child(calm.origin), await child(server.origin)];
    expect([before.outcome, after.outcome]).toEqual(['200', 'API_WRONG_ANSWER']);
    expect(after.peakMb - before.peakMb).toBeLessThan(100);
  });

  test('an encoding that is not the one told is damage, tried again, then given up', async () => {
    const server = await faulty([{ body: '{"data":[]}', headers: { 'content-encoding': 'gzip' } }]);
    const run = await (await streamRig(server, source)).run();
    expect([run.error?.code, server.requests.length]).toEqual(['API_UNAVAILABLE', 5]);
  });
});

describe('S15: slow, stalled and reset', () => {
  const slow: readonly (readonly [string, FaultAnswer])[] = [
    ['no headers', { delayMs: 2000 }],
    [
      'headers byte by byte',
      { raw: `HTTP/1.1 200 OK\r\n${'x-a: b\r\n'.repeat(500)}`, bytesPerSecond: 100, pieceBytes: 1 },
    ],
    ['a stall at 99 %', { ...GOOD, cutAt: 0.99, end: 'stall' }],
    ['a body without end', { body: 'x'.repeat(5000), bytesPerSecond: 1000, pieceBytes: 10 }],
    ['half open', { raw: '', end: 'stall' }],
  ];
  test.each(slow)('%s: ended in time, and the next attempt counts', async (_, trouble) => {
    const server = await faulty([trouble, GOOD]);
    const run = await (await streamRig(server, source, { transport: QUICK })).run();
    expect([run.result.status, run.ids, server.requests.length >= 2]).toEqual(['complete', range(40), true]);
  });

  test('a reset at each 10 % of the answer, five times each', async () => {
    for (let tenth = 0; tenth < 10; tenth += 1) {
      const server = await faulty((_, n) =>
        n % 2 === 1 ? { ...GOOD, cutAt: tenth / 10, end: 'reset', endDelayMs: 2 } : GOOD,
      );
      for (let i = 0; i < 5; i += 1) expect((await (await streamRig(server, source)).run()).ids).toEqual(range(40));
    }
  });

  test('a server that is slow to close, and one that slices, are none the worse', async () => {
    for (const answer of [
      { ...GOOD, framing: 'close', endDelayMs: 100 },
      { ...GOOD, pieceBytes: 7 },
    ] as const) {
      const server = await faulty([answer]);
      const run = await (await streamRig(server, source)).run();
      expect([run.ids, server.requests.length]).toEqual([range(40), 1]);
    }
  });

  test('a page after others that comes by the byte is ended, and the pages before it are kept', async () => {
    const linked = { ...source, paginator: jsonApiLinks() };
    const first: FaultAnswer = { json: { data: things(40), links: { next: '/things?page=1' } } };
    const server = await faulty(({ url }) =>
      url.includes('page') ? { body: 'x'.repeat(5000), bytesPerSecond: 1000, pieceBytes: 10 } : first,
    );
    const run = await (
      await streamRig(server, linked, { transport: { timeouts: { ...QUICK.timeouts, totalMs: 300 } } })
    ).run();
    expect([run.error?.code, run.error?.exitCode, run.ids]).toEqual(['API_UNAVAILABLE', 75, range(40)]);
  });

  test('connections that are refused at first', async () => {
    const server = await faulty([GOOD], { accept: (connection) => connection > 3 });
    expect((await (await streamRig(server, source)).run()).ids).toEqual(range(40));
  });
});

/** The least that `openssl ca` asks for. */
const authority = (name: string): string => `[ca]
default_ca = own
[own]
database = ${name}.index
new_certs_dir = .
default_md = sha256
rand_serial = yes
policy = any
x509_extensions = hosts
[any]
commonName = supplied
[hosts]
subjectAltName = IP:127.0.0.1
`;

describe('S16: certificates and names', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sassy-tls-'));
  const pem = (name: string): string => readFileSync(join(folder, name), 'utf8');
  beforeAll(() => {
    const openssl = (...args: string[]): unknown => execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' });
    for (const [name, host] of [
      ['good', 'IP:127.0.0.1'],
      ['other', 'DNS:other.example'],
    ] as const) {
      const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
      const subject = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=${host}`];
      openssl('req', '-x509', ...curve, '-keyout', `${name}.key`, '-out', `${name}.pem`, ...subject);
    }
    // By hand, because a certificate that was always expired is made by `openssl x509` alone in all of its versions.
    for (const [name, from, to] of [
      ['expired', '20200101000000Z', '20200201000000Z'],
      ['early', '20800101000000Z', '20800201000000Z'],
    ] as const) {
      const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
      openssl('req', '-new', ...key, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`);
      writeFileSync(join(folder, `${name}.cnf`), authority(name));
      writeFileSync(join(folder, `${name}.index`), '');
      const dates = ['-startdate', from, '-enddate', to];
      const own = ['-selfsign', '-keyfile', `${name}.key`, '-in', `${name}.csr`, '-out', `${name}.pem`];
      openssl('ca', '-batch', '-config', `${name}.cnf`, '-notext', ...own, ...dates);
    }
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  async function secure(name: string): Promise<string> {
    const server = createServer({ key: pem(`${name}.key`), cert: pem(`${name}.pem`) }, (_, answer) =>
      answer.end('{"ok":true}'),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const address = server.address();
    return `https://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
  }

  test.each([
    ['good', undefined, 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    ['other', 'other', 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ['good', 'other', 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    ['expired', 'expired', 'CERT_HAS_EXPIRED'],
    ['early', 'early', 'CERT_NOT_YET_VALID'],
  ])('%s, trusting %s: refused by name and not tried again', async (name, trusted, code) => {
    const transport = nodeTransport({
      maxSockets: 1,
      ...(trusted === undefined ? {} : { extraCa: pem(`${trusted}.pem`) }),
    });
    onTestFinished(() => transport.close());
    const { client } = await rig(await secure(name), {}, { transport: transport.send });
    const error = await refused(client.getJson('/a'));
    expect([error.code, error.why]).toEqual(['API_UNAVAILABLE', expect.stringContaining(code)]);
    expect(error.why).toContain('sent once');
  });

  test('a certificate of an authority that the user names is trusted, whatever NODE_TLS_REJECT_UNAUTHORIZED says', async () => {
    const origin = await secure('good');
    const own = nodeTransport({ maxSockets: 1, extraCa: pem('good.pem') });
    onTestFinished(() => own.close());
    expect((await own.send(get(origin))).body.toString()).toBe('{"ok":true}');
    const before = process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
    onTestFinished(() => {
      if (before === undefined) delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
    });
    const plain = nodeTransport({ maxSockets: 1 });
    onTestFinished(() => plain.close());
    await expect(plain.send(get(origin))).rejects.toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
  });

  test('a name with an address where nothing answers, and another one', async () => {
    const server = await faulty([GOOD]);
    const dead = [
      { address: '100::1', family: 6 },
      { address: '127.0.0.1', family: 4 },
    ];
    for (const addresses of [dead, dead.toReversed()]) {
      const base = `http://acme.corp:${new URL(server.origin).port}`;
      const resolve = async () => addresses;
      const run = await (await streamRig({ ...server, origin: base }, source, { transport: { resolve } })).run();
      expect(run.ids).toEqual(range(40));
    }
  });

  test('a name server that fails at first', async () => {
    const server = await faulty([GOOD]);
    let asked = 0;
    const resolve = async () => {
      if (++asked <= 2) throw Object.assign(new Error('queryA EAI_AGAIN'), { code: 'EAI_AGAIN' });
      return [{ address: '127.0.0.1', family: 4 }];
    };
    const base = `http://acme.corp:${new URL(server.origin).port}`;
    const run = await (await streamRig({ ...server, origin: base }, source, { transport: { resolve } })).run();
    expect([run.ids, asked]).toEqual([range(40), 3]);
  });
});

describe('S17: too much of everything', () => {
  test.each([
    ['10 MiB of one header', { headers: { 'x-long': 'x'.repeat(10 * 1024 * 1024) }, json: {} }],
    [
      '5000 headers',
      { headers: Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`x-${i}`, 'v'.repeat(20)])), json: {} },
    ],
    [
      'a Link header of 40 KiB',
      { headers: { link: `<${'x'.repeat(40 * 1024)}>; rel="next"` }, json: { data: [], links: { next: 7 } } },
    ],
    ['200 headers of 1 KiB', { headers: { 'x-many': Array<string>(200).fill('v'.repeat(1024)) }, json: {} }],
    ['an answer of 600 levels', { body: `${'['.repeat(600)}${']'.repeat(600)}` }],
    ['a redirect to 1 MiB', { status: 302, headers: { location: `/things?x=${'x'.repeat(48 * 1024)}` } }],
    ['a next link of 1 MiB', { json: { data: [], links: { next: `/things?x=${'x'.repeat(1024 * 1024)}` } } }],
  ] as const)('%s', async (_, answer) => {
    const server = await faulty([answer]);
    const run = await (await streamRig(server, { ...source, paginator: jsonApiLinks() })).run();
    expect([run.error?.code, run.error?.exitCode, server.requests.length]).toEqual(['API_WRONG_ANSWER', 5, 1]);
  });

  test('line breaks in a header value do not become headers of ours', async () => {
    const server = await faulty([
      { raw: 'HTTP/1.1 200 OK\r\nx-a: b\rx-injected: c\r\ncontent-length: 2\r\n\r\n[]', end: 'close' },
    ]);
    const run = await (await streamRig(server, { request: () => ({ path: '/a' }) })).run();
    expect([run.error?.code, run.error?.exitCode]).toEqual(['API_UNAVAILABLE', 75]);
  });
});

describe('S19: what may be sent twice', () => {
  const post = { path: '/search', method: 'POST', json: { q: 1 } } as const;
  const unknown: readonly FaultAnswer[] = [
    { raw: '', end: 'reset' },
    { status: 503 },
    { ...GOOD, cutAt: 0.5 },
    { raw: 'garbage', end: 'close' },
    { body: '{' },
  ];

  test('a key that the author sends with a POST is the same in each attempt, and in the run that goes on', async () => {
    const keyed = { ...post, idempotent: true, headers: { 'Idempotency-Key': 'things-2026-01' } };
    const server = await faulty([{ status: 503 }, { raw: '', end: 'reset' }, GOOD]);
    const run = await (await streamRig(server, { ...source, request: () => keyed })).run();
    expect(run.ids).toEqual(range(40));
    expect(server.requests.map(({ headers }) => headers['idempotency-key'])).toEqual(Array(3).fill('things-2026-01'));
  });

  test.each(unknown)('%j: a POST is sent once, a query as often as a GET', async (trouble) => {
    const once = await faulty([trouble, GOOD]);
    const first = await (await streamRig(once, { ...source, request: () => post })).run();
    expect([first.error?.exitCode === 75 || first.error?.exitCode === 5, once.requests.length]).toEqual([true, 1]);
    const again = await faulty([trouble, GOOD]);
    const second = await (await streamRig(again, { ...source, request: () => ({ ...post, idempotent: true }) })).run();
    expect([second.ids, again.requests.length]).toEqual([range(40), 2]);
    expect(again.requests.map(({ body }) => body)).toEqual(['{"q":1}', '{"q":1}']);
  });
});
