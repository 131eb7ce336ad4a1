import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { decodeBody } from '../../src/http/decode-body.ts';
import { nodeTransport } from '../../src/http/node-transport.ts';
import { isDeeperThan } from '../../src/http/json-depth.ts';
import { NetworkError } from '../../src/http/network-error.ts';
import { proxyEnvironment } from '../../src/http/proxy.ts';
import { networkSettings } from '../../src/cli/network-settings.ts';
import { startFaultServer } from '../../src/testing/fault-server.ts';
import { nodeHost } from '../../src/util/node-host.ts';
import { after } from './cleanup.ts';
import { get, refused, rig } from './client-under-test.ts';
import { serve } from './local-server.ts';

const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;

describe('depth', () => {
  test('512 levels are read, one more is refused, 200 000 without an overflow', async () => {
    const server = await serve(({ url }) => ({ body: nested(Number(url.slice(1))) }));
    const { client } = await rig(server.origin);
    await client.getJson('/512');
    for (const depth of [513, 200_000]) {
      const error = await refused(client.getJson(`/${depth}`));
      expect([error.code, error.exitCode]).toEqual(['API_WRONG_ANSWER', 5]);
      expect(error.message).toContain('deeper than 512');
    }
    // Not asked for again: it would be as deep.
    expect(server.requests).toHaveLength(3);
  });

  test('is that of the deepest part, in objects and arrays alike', () => {
    expect(isDeeperThan({ a: [1, { b: [] }] }, 4)).toBe(false);
    expect(isDeeperThan({ a: [1, { b: [] }] }, 3)).toBe(true);
    expect([null, 1, 'x', undefined].map((value) => isDeeperThan(value, 0))).toEqual([false, false, false, false]);
  });
});

describe('decompression', () => {
  test('ratios above 200 are refused beyond 8 MiB, however high the limit', async () => {
    const blanks = gzipSync(Buffer.alloc(40 * 1024 * 1024, ' '));
    const error = await refused(decodeBody(blanks, 'gzip', 512 * 1024 * 1024));
    expect([error.code, error.why?.includes('more than 8 MiB')]).toEqual(['API_WRONG_ANSWER', true]);
    const small = gzipSync(Buffer.alloc(7 * 1024 * 1024, ' '));
    expect((await decodeBody(small, 'gzip', 64 * 1024 * 1024)).byteLength).toBe(7 * 1024 * 1024);
  });
});

describe('headers and speed', () => {
  test('10 MiB of one header, and 5000 headers, are an error with a name, at once', async () => {
    const many = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`x-header-${i}`, 'value'.repeat(4)]));
    for (const headers of [{ 'x-long': 'x'.repeat(10 * 1024 * 1024) }, many]) {
      const server = await startFaultServer([{ headers, json: {} }]);
      after(() => server.close());
      const { client } = await rig(server.origin);
      const error = await refused(client.getJson('/a'));
      expect([error.code, server.requests.length]).toEqual(['API_WRONG_ANSWER', 1]);
    }
  });

  test('a body that trickles is given up, one that is only small is not', async () => {
    const server = await startFaultServer((request) => ({
      body: 'x'.repeat(request.url === '/slow' ? 400 : 4000),
      bytesPerSecond: request.url === '/slow' ? 200 : 100_000,
    }));
    after(() => server.close());
    const transport = nodeTransport({ maxSockets: 2, timeouts: { slowMs: 300 } });
    after(() => transport.close());
    await expect(transport.send(get(`${server.origin}/slow`))).rejects.toMatchObject({
      name: 'NetworkError',
      code: 'TOO_SLOW',
    });
    expect((await transport.send(get(`${server.origin}/fast`))).body).toHaveLength(4000);
    expect(new NetworkError('TOO_SLOW', '').code).toBe('TOO_SLOW');
  });
});

describe('proxies and certificates', () => {
  test('a request goes through the proxy of the environment, except where NO_PROXY says', async () => {
    const target = await serve(() => ({ body: '{"from":"target"}' }));
    const proxy = await serve(() => ({ body: '{"from":"proxy"}' }));
    const send = async (more: Readonly<Record<string, string>>) => {
      const transport = nodeTransport({ maxSockets: 1, proxyVariables: { HTTP_PROXY: proxy.origin, ...more } });
      after(() => transport.close());
      return (await transport.send(get(`${target.origin}/a?b=1`))).body.toString();
    };
    expect(await send({})).toBe('{"from":"proxy"}');
    expect(proxy.requests[0]?.url).toBe(`${target.origin}/a?b=1`);
    expect(await send({ NO_PROXY: '127.0.0.1' })).toBe('{"from":"target"}');
  });

  test('https goes through a tunnel, and the proxy sees the name of the host alone', async () => {
    const asked: string[] = [];
    const proxy = await startFaultServer((request) => {
      asked.push(`${request.method} ${request.url}`);
      return { status: 502 };
    });
    after(() => proxy.close());
    const transport = nodeTransport({ maxSockets: 1, proxyVariables: { HTTPS_PROXY: proxy.origin } });
    after(() => transport.close());
    const headers = { authorization: 'token sesame' };
    await expect(transport.send(get('https://api.acme.example/secret?k=v', { headers }))).rejects.toThrow();
    expect(asked).toEqual(['CONNECT api.acme.example:443']);
    expect(JSON.stringify(proxy.requests)).not.toMatch(/sesame|secret/);
  });

  test('what cannot be used is said, not passed over', () => {
    const wrong = expect.objectContaining({ code: 'CONFIG_INVALID' });
    expect(() => proxyEnvironment({ HTTPS_PROXY: 'socks5://h' })).toThrow(wrong);
    expect(() => proxyEnvironment({ HTTPS_PROXY: 'proxy:3128' })).toThrow(wrong);
    expect(() => proxyEnvironment({ HTTPS_PROXY: 'http://p' }, '22.20.0')).toThrow(wrong);
    for (const version of ['22.21.0', '24.5.0', '25.0.0']) proxyEnvironment({ HTTPS_PROXY: 'http://p' }, version);
    expect(proxyEnvironment({ NO_PROXY: '*', HTTP_PROXY: '' })).toBeUndefined();
  });

  test('certificates are never left unchecked, and a file of authorities must be one', async () => {
    const { fs } = nodeHost();
    for (const variables of [
      { NODE_TLS_REJECT_UNAUTHORIZED: '0' },
      { SASSY_CA_FILE: '/nowhere/ca.pem' },
      { SASSY_CA_FILE: import.meta.filename.replace(/[^/]*$/, 'cleanup.ts') },
    ]) {
      expect((await refused(networkSettings(variables, fs))).code).toBe('CONFIG_INVALID');
    }
    expect(await networkSettings({ SASSY_CA_FILE: '' }, fs)).toEqual({ proxyVariables: { SASSY_CA_FILE: '' } });
  });
});
