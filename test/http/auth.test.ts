import { describe, expect, test } from 'vitest';
import { httpClient } from '../../src/http/client.ts';
import { basicAuth, bearerAuth, headerAuth, onlyFor, queryAuth } from '../../src/http/policies/auth.ts';
import type { HttpRequest } from '../../src/model/http.ts';
import { Secret } from '../../src/util/secret.ts';
import { get, rig, type Config } from './client-under-test.ts';
import { serve } from './local-server.ts';
import { virtualClock } from './virtual-clock.ts';

const TOKEN = 'sesame-open';
const tokenAuth = headerAuth<Config>('Authorization', (config) => config.token, { scheme: 'token' });

describe('credentials', () => {
  test('bearer, basic, own header and query', async () => {
    const server = await serve(() => ({ body: '{}' }));
    const auths = [
      bearerAuth<Config>((config) => config.token),
      basicAuth<Config>(
        () => 'me@x',
        (config) => config.token,
      ),
      headerAuth<Config>('X-API-Key', (config) => config.token),
      queryAuth<Config>('key', (config) => config.token),
      bearerAuth<Config>(() => undefined),
    ];
    const shown: string[] = [];
    for (const auth of auths) {
      const { client, events } = await rig(server.origin, { auth });
      const response = await client.send({ path: '/a' });
      shown.push(JSON.stringify([events, response.request]));
    }
    const [bearer, basic, own, query, none] = server.requests;
    expect(bearer?.headers.authorization).toBe(`Bearer ${TOKEN}`);
    expect(basic?.headers.authorization).toBe(`Basic ${Buffer.from(`me@x:${TOKEN}`).toString('base64')}`);
    expect(own?.headers['x-api-key']).toBe(TOKEN);
    expect(query?.url).toBe(`/a?key=${TOKEN}`);
    expect(none?.headers.authorization).toBeUndefined();
    expect(shown.join()).not.toContain(TOKEN);
  });

  test('go to no other origin', async () => {
    const sent: HttpRequest[] = [];
    const attach = tokenAuth.policy({ token: new Secret(TOKEN) });
    const send = onlyFor(
      'https://api.acme.com',
      attach,
    )(async (request) => {
      sent.push(request);
      return { status: 200, headers: {}, body: Buffer.alloc(0) };
    });
    await send(get('https://api.acme.com/a'));
    const others = [
      'https://api.acme.com.evil.com/',
      'http://api.acme.com/',
      'https://api.acme.com:8443/',
      'https://api.acme.com@evil.com/',
      'nonsense',
    ];
    for (const url of others) await send(get(url));
    expect(sent.map(({ headers }) => headers['authorization'])).toEqual([
      `token ${TOKEN}`,
      ...others.map(() => undefined),
    ]);
  });

  test.each([
    ['DEFINITION', (config: Config) => `token ${String(config.token)}`],
    ['CONFIG_INVALID', () => 'abc\ndef'],
    ['CONFIG_INVALID', () => new Secret('')],
    ['CONFIG_INVALID', () => new Secret('token\u200b')],
  ])('that cannot be meant are refused without being shown: %s', (code, credential) => {
    const settings = { baseUrl: 'http://h', auth: headerAuth<Config>('authorization', credential) };
    const config = { token: new Secret(TOKEN) };
    const { host } = virtualClock();
    const make = () =>
      httpClient({ settings, title: 'Acme', config, host, transport: () => Promise.reject(new Error('sent')) });
    expect(make).toThrow(expect.objectContaining({ code, message: expect.not.stringMatching(/abc|sesame/) }));
  });
});
