import type { LookupAddress } from 'node:dns';
import { describe, expect, test } from 'vitest';
import { egressRule } from '../../src/http/egress.ts';
import { nodeTransport } from '../../src/http/node-transport.ts';
import { headerAuth, queryAuth } from '../../src/http/policies/auth.ts';
import { isPrivateAddress } from '../../src/http/private-address.ts';
import { redactor } from '../../src/http/redact.ts';
import { jsonApiLinks } from '../../src/pagination/json-api-links.ts';
import { linkHeader } from '../../src/pagination/link-header.ts';
import type { HttpClient, PageRequest } from '../../src/model/http.ts';
import { Secret } from '../../src/util/secret.ts';
import { after } from './cleanup.ts';
import { get, refused, rig, type Config } from './client-under-test.ts';
import { hostileUrls } from './hostile-urls.ts';
import { serve, type SeenRequest } from './local-server.ts';

const TOKEN = 'sesame-open';
const keyAuth = headerAuth<Config>('x-api-key', (config) => config.token);

test('addresses that are not on the public internet, in every spelling', () => {
  const inside = [
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '100.100.100.200',
    '100.127.255.255',
    '127.0.0.1',
    '127.255.255.255',
    '168.63.129.16',
    '169.254.0.1',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.0.0.1',
    '192.0.2.1',
    '192.168.0.1',
    '198.18.0.1',
    '198.51.100.1',
    '203.0.113.1',
    '224.0.0.1',
    '240.0.0.1',
    '255.255.255.255',

    '::',
    '::1',
    '::7f00:1',
    '::127.0.0.1',
    'fe80::1',
    'fe80::1%eth0',
    'febf::1',
    'fec0::1',
    'fc00::1',
    'fd00:ec2::254',
    'ff02::1',
    '2001:db8::1',
    '2001::1',
    '2001:0:4136:e378:8000:63bf:3fff:fdd2',
    '3fff::1',
    '100::1',
    '5f00::1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '::ffff:a9fe:a9fe',
    '0:0:0:0:0:ffff:10.0.0.1',
    '::FFFF:192.168.1.1',

    '64:ff9b::7f00:1',
    '64:ff9b::10.0.0.1',
    '64:ff9b:1::1',
    '2002:7f00:1::',
    '2002:a00:1::1',
    '2002:c0a8:101::',
    '',
    'localhost',
    '127.1',
    '0x7f000001',
    '1.2.3',
    '1.2.3.4.5',
    'nonsense',
  ];
  const outside = [
    '1.1.1.1',
    '8.8.8.8',
    '100.63.255.255',
    '100.128.0.1',
    '172.15.255.255',
    '172.32.0.1',
    '192.169.0.1',
    '223.255.255.255',
    '2606:4700::1111',
    '2a00:1450:4001::1',
    '::ffff:8.8.8.8',
    '64:ff9b::808:808',
    '2002:808:808::1',
  ];
  expect(inside.filter((address) => !isPrivateAddress(address))).toEqual([]);
  expect(outside.filter((address) => isPrivateAddress(address))).toEqual([]);
});

describe('where requests go', () => {
  const rule = egressRule({
    base: 'https://api.acme.com/v1',
    isTyped: false,
    hosts: ['files.acme.com', { host: 'eu.acme.com:8443', login: true }],
  });

  test('the base URL and the declared hosts, the login where it belongs', () => {
    expect(rule('https://api.acme.com/other').hasLogin).toBe(true);
    expect(rule('https://eu.acme.com:8443/a').hasLogin).toBe(true);
    expect(rule('https://files.acme.com/a')).toEqual({ hasLogin: false, mayBePrivate: false });
  });

  test.each([
    'http://files.acme.com/',
    'https://eu.acme.com/',
    'https://api.acme.com.evil.com/',
    'https://u@api.acme.com/',
    'x',
  ])('%s is refused', (url) => expect(() => rule(url)).toThrow(expect.objectContaining({ code: 'EGRESS_DENIED' })));

  test('a private address only where the user or the author wrote it', () => {
    expect(() =>
      egressRule({ base: 'https://a.com', isTyped: false, hosts: ['10.0.0.1'] })('https://10.0.0.1/'),
    ).toThrow(expect.objectContaining({ code: 'EGRESS_DENIED', message: expect.stringContaining('10.0.0.1') }));
    expect(egressRule({ base: 'http://10.0.0.1:80', isTyped: true })('http://10.0.0.1/').mayBePrivate).toBe(true);
    expect(egressRule({ base: 'http://gitlab.corp', isTyped: true })('http://gitlab.corp/').mayBePrivate).toBe(true);
    expect(egressRule({ base: 'https://api.acme.com', isTyped: false })('https://api.acme.com/').mayBePrivate).toBe(
      false,
    );
    for (const host of ['a.com/x', 'u@a.com', 'a b']) {
      expect(() => egressRule({ base: 'https://a.com', isTyped: false, hosts: [host] }), host).toThrow(
        expect.objectContaining({ code: 'DEFINITION' }),
      );
    }
  });
});

describe('D7: what an answer names', () => {
  test('no next link and no redirect reaches another place, in any of its forms', async () => {
    const trap = await serve(() => ({ body: '{"data":[]}' }));
    let hostile = '';
    const server = await serve(({ url }) =>
      url === '/redirect'
        ? { status: 302, headers: { location: hostile } }
        : {
            body: JSON.stringify({ data: [1], links: { next: hostile } }),
            headers: url === '/header' && isLatin(hostile) ? { link: `<${hostile}>; rel="next"` } : {},
          },
    );
    const { client } = await rig(server.origin, { auth: keyAuth });
    const urls = hostileUrls(server.origin, new URL(trap.origin).port);
    expect(urls.length).toBeGreaterThanOrEqual(40);
    for (hostile of urls) {
      const ends = [
        await end(follow(client, '/body')),
        ...(isLatin(hostile) ? [await end(client.getJson('/redirect'))] : []),
      ];
      if (isLatin(hostile)) ends.push(await end(follow(client, '/header')));
      for (const ended of ends) expect(['EGRESS_DENIED', 'API_WRONG_ANSWER'], hostile).toContain(ended);
    }
    expect(trap.requests).toEqual([]);
    expect(server.requests.filter(({ url }) => !['/body', '/redirect', '/header'].includes(url))).toEqual([]);
  });
});

async function follow(client: HttpClient, path: string): Promise<unknown> {
  const request: PageRequest = { path };
  const { json, headers, request: sent } = await client.send(request);
  const paginator = path === '/header' ? linkHeader() : jsonApiLinks();
  const next = paginator.next({ request, url: sent.url, json, headers, recordCount: 1 });
  return next === undefined ? undefined : client.send(next);
}

/** What a header can hold. */
function isLatin(text: string): boolean {
  return /^[\t\x20-\x7e]*$/.test(text);
}

async function end(work: Promise<unknown>): Promise<string> {
  return (await refused(work)).code;
}

describe('D8: redirects', () => {
  const codes = [301, 302, 303, 307, 308];

  test.each(codes)('%i within the origin is followed with the login, five times at most', async (status) => {
    const server = await serve(({ url }) => {
      const left = Number(url.slice(2));
      return left === 0 ? { body: '{"ok":true}' } : { status, headers: { location: `/r${left - 1}` } };
    });
    const { client } = await rig(server.origin, { auth: keyAuth });
    for (const hops of [1, 2, 3, 4, 5]) expect(await client.getJson(`/r${hops}`)).toEqual({ ok: true });
    expect(server.requests.every(({ headers }) => headers['x-api-key'] === TOKEN)).toBe(true);
    for (const hops of [6, 20]) {
      const before = server.requests.length;
      const error = await refused(client.getJson(`/r${hops}`));
      expect([error.code, server.requests.length - before]).toEqual(['API_REFUSED', 6]);
    }
  });

  test.each(codes)('%i to a declared host goes without any login, and stays so on the way back', async (status) => {
    const trap: SeenRequest[] = [];
    const { client, home, away } = await twoHosts(status, trap);
    await client.send({ path: '/start', headers: { authorization: 'Basic abc', cookie: 's=1', 'private-token': 'p' } });
    expect(trap).toHaveLength(1);
    expect(JSON.stringify(trap)).not.toMatch(/sesame|Basic abc|s=1|private-token/);
    expect(trap[0]?.url).toBe('/file?id=7');
    expect(home().map(({ headers }) => headers['x-api-key'])).toEqual([TOKEN, undefined]);
    expect(away).not.toBe('');
  });

  test.each([
    [301, 'POST', 'GET', ''],
    [302, 'POST', 'GET', ''],
    [303, 'POST', 'GET', ''],
    [307, 'POST', 'POST', '{"a":1}'],
    [308, 'POST', 'POST', '{"a":1}'],
    [303, 'GET', 'GET', ''],
  ] as const)('%i turns a %s into a %s', async (status, method, expected, body) => {
    const server = await serve(({ url }) => (url === '/b' ? { body: '{}' } : { status, headers: { location: '/b' } }));
    const { client } = await rig(server.origin);
    await client.send({ path: '/a', method, ...(method === 'POST' ? { json: { a: 1 } } : {}) });
    expect(server.requests[1]).toMatchObject({ method: expected, body });
    expect(server.requests[1]?.headers['content-type']).toBe(body === '' ? undefined : 'application/json');
  });

  test('a key that the server echoes into the target is taken out of it', async () => {
    const server = await serve(({ url }) =>
      url.startsWith('/b') ? { body: '{}' } : { status: 302, headers: { location: `/b?x=1&key=${TOKEN}&y=2#f` } },
    );
    const { client } = await rig(
      server.origin,
      { auth: queryAuth<Config>('key', (config) => config.token) },
      { redact: redactor([new Secret(TOKEN)]) },
    );
    await client.getJson('/a');
    expect(server.requests[1]?.url).toBe(`/b?x=1&y=2&key=${TOKEN}`);
  });

  test('each hop is in the events and is paced', async () => {
    const server = await serve(({ url }) =>
      url === '/b' ? { body: '{}' } : { status: 302, headers: { location: '/b' } },
    );
    const { client, events } = await rig(server.origin, { limits: [{ requests: 1, windowMs: 1000 }] });
    await client.getJson('/a');
    expect(events.map((event) => (event.type === 'wait' ? event.reason : event.status))).toEqual([302, 'pacing', 200]);
  });

  /** Two names for servers on this machine: the second is declared, https in truth, http here below the policies. */
  async function twoHosts(status: number, trap: SeenRequest[]) {
    const far = await serve((request) => {
      trap.push(request);
      return { status: 302, headers: { location: `${near.origin}/back` } };
    });
    const near = await serve(({ url }) =>
      url === '/back' ? { body: '{}' } : { status, headers: { location: `https://far.example/file?id=7` } },
    );
    const made = nodeTransport({ maxSockets: 4 });
    after(() => made.close());
    const { client } = await rig(
      near.origin,
      { auth: keyAuth, hosts: ['far.example'] },
      {
        transport: (request) => made.send({ ...request, url: request.url.replace('https://far.example', far.origin) }),
      },
    );
    return { client, home: () => near.requests, away: far.origin };
  }
});

describe('D9: names are checked where they are dialled', () => {
  async function dial(url: string, addresses: readonly (readonly LookupAddress[])[], mayBePrivate = false) {
    let asked = 0;
    const resolve = async () => addresses[Math.min(asked++, addresses.length - 1)] ?? [];
    const transport = nodeTransport({ maxSockets: 1, resolve });
    after(() => transport.close());
    return transport.send(get(url, mayBePrivate ? { mayBePrivate } : {}));
  }
  const at = (address: string): LookupAddress => ({ address, family: address.includes(':') ? 6 : 4 });

  test.each([
    '127.0.0.1',
    '10.0.0.1',
    '169.254.169.254',
    '100.100.100.200',
    '::1',
    'fd00:ec2::254',
    '::ffff:127.0.0.1',
    '64:ff9b::7f00:1',
  ])('a name that leads to %s is refused before anything is sent', async (address) => {
    const server = await serve(() => ({ body: '{}' }));
    const url = `http://rebound.example:${new URL(server.origin).port}/`;
    for (const found of [[at(address)], [at('8.8.8.8'), at(address)]]) {
      const error = await refused(dial(url, [found]));
      expect([error.code, error.message.includes('rebound.example')]).toEqual(['EGRESS_DENIED', true]);
    }
    expect(server.requests).toEqual([]);
  });

  test('the address that was checked is the one that is dialled: there is one lookup', async () => {
    const server = await serve(() => ({ body: '{}' }));
    const url = `http://gitlab.corp:${new URL(server.origin).port}/`;
    expect((await dial(url, [[at('127.0.0.1')], [at('192.0.2.1')]], true)).status).toBe(200);
  });

  test('the base URL that the user typed may be private; the same name from the integration may not', async () => {
    const server = await serve(() => ({ body: '{"ok":true}' }));
    const base = `http://gitlab.corp:${new URL(server.origin).port}`;
    const transport = nodeTransport({ maxSockets: 1, resolve: async () => [at('127.0.0.1')] });
    after(() => transport.close());
    const config = { token: new Secret(TOKEN), baseUrl: base };
    const typed = await rig('https://api.acme.invalid', {}, { config, transport: transport.send });
    expect(await typed.client.getJson('/a')).toEqual({ ok: true });
    const other = nodeTransport({ maxSockets: 1, resolve: async () => [at('127.0.0.1')] });
    after(() => other.close());
    const written = await rig(base, {}, { transport: other.send });
    expect((await refused(written.client.getJson('/a'))).code).toBe('EGRESS_DENIED');
  });
});

test('a declared host: its own origin without a base URL of the user, the base URL with one', async () => {
  const sent: string[] = [];
  const transport = async (request: { url: string; headers: object }) => {
    sent.push(`${request.url} ${JSON.stringify(request.headers).includes(TOKEN)}`);
    return { status: 200, headers: {}, body: Buffer.from('{}') };
  };
  const settings = { auth: keyAuth, hosts: ['files.acme.com', { host: 'storage.acme.com', login: true }] };
  const pages: PageRequest[] = [
    { path: '/a' },
    { path: '/v2/b', host: 'storage.acme.com' },
    { path: '/c', host: 'files.acme.com' },
  ];
  const canonical = await rig('https://api.acme.com/v1', settings, { transport });
  for (const page of pages) await canonical.client.send(page);
  const config = { token: new Secret(TOKEN), baseUrl: 'http://127.0.0.1:8080/prefix' };
  const moved = await rig('https://api.acme.com/v1', settings, { transport, config });
  for (const page of pages) await moved.client.send(page);
  expect(sent).toEqual([
    'https://api.acme.com/v1/a true',
    'https://storage.acme.com/v2/b true',
    'https://files.acme.com/c false',
    'http://127.0.0.1:8080/prefix/v1/a true',
    'http://127.0.0.1:8080/prefix/v2/b true',
    'http://127.0.0.1:8080/prefix/c true',
  ]);
  expect((await refused(canonical.client.send({ path: '/x', host: 'evil.com' }))).code).toBe('EGRESS_DENIED');
});
