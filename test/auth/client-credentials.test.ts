import { describe, expect, test } from 'vitest';
import { chooseAuth } from '../../src/http/auth/choose-auth.ts';
import { oauth2ClientCredentials } from '../../src/http/auth/oauth2-client-credentials.ts';
import { bearerAuth } from '../../src/http/policies/auth.ts';
import { Secret } from '../../src/util/secret.ts';
import { refused } from '../http/client-under-test.ts';
import { serve } from '../http/local-server.ts';
import { virtualClock } from '../http/virtual-clock.ts';
import { authRig } from './auth-rig.ts';
import { CLIENT_ID, CLIENT_SECRET, json, oauthServer } from './oauth-server.ts';

interface Config {
  readonly secret: Secret;
  readonly baseUrl: string;
}

const config = (baseUrl: string): Config => ({ secret: new Secret(CLIENT_SECRET), baseUrl });
const options = {
  tokenUrl: 'https://login.acme.com/oauth/token',
  clientId: CLIENT_ID,
  clientSecret: ({ secret }: Config) => secret,
  scope: 'read:all',
};
const auth = oauth2ClientCredentials<Config>(options);

describe('client credentials', () => {
  test.each(['basic', 'body'] as const)('%s: a token is got once and sent with each request', async (style) => {
    const server = await oauthServer({ expiresIn: 3600 });
    const { client, learned } = await authRig(oauth2ClientCredentials({ ...options, style }), config(server.origin));
    await Promise.all(Array.from({ length: 20 }, () => client.getJson('/items')));
    expect(server.grants).toEqual(['client_credentials']);
    const [login, ...items] = server.requests;
    expect(login?.url).toBe('/oauth/token');
    expect(new URLSearchParams(login?.body).get('scope')).toBe('read:all');
    expect(items.map(({ url, headers }) => [url, headers.authorization])).toEqual(
      items.map(() => ['/v1/items', 'Bearer access-0001-sesame']),
    );
    expect(learned).toContain('access-0001-sesame');
  });

  test('a token is replaced at 90 % of its lifetime by the monotonic clock', async () => {
    const server = await oauthServer({ expiresIn: 1000 });
    const clock = virtualClock();
    const { client } = await authRig(auth, config(server.origin), { clock });
    await client.getJson('/items');
    clock.advance(899_000);
    await client.getJson('/items');
    expect(server.grants.length).toBe(1);
    clock.advance(2000);
    await client.getJson('/items');
    expect(server.grants.length).toBe(2);
  });

  test('20 parallel 401s lead to one new token, and each request is sent again once', async () => {
    const server = await oauthServer();
    const { client } = await authRig(auth, config(server.origin));
    await client.getJson('/items');
    server.expire();
    await Promise.all(Array.from({ length: 20 }, (_, item) => client.getJson(`/items/${item}`)));
    expect(server.grants.length).toBe(2);
    const items = server.requests.filter(({ url }) => url.startsWith('/v1/items/')).map(({ url }) => url);
    expect(items.length).toBe(40);
    expect(new Set(items).size).toBe(20);
  });

  test('a POST is sent again too: it was not carried out', async () => {
    const server = await oauthServer();
    const { client } = await authRig(auth, config(server.origin));
    await client.getJson('/items');
    server.expire();
    await client.send({ path: '/items', method: 'POST', json: { a: 1 } });
    const posts = server.requests.filter(({ url, method }) => url === '/v1/items' && method === 'POST');
    expect(posts.map(({ body }) => body)).toEqual(['{"a":1}', '{"a":1}']);
  });

  test('a second 401 is LOGIN_REFUSED, without the token that the answer repeats', async () => {
    const server = await oauthServer({
      before: ({ url, headers }) =>
        url.includes('/token') ? undefined : json(401, { error: `no ${headers.authorization}` }),
    });
    const { client } = await authRig(auth, config(server.origin));
    const error = await refused(client.getJson('/items'));
    expect(error).toMatchObject({ code: 'LOGIN_REFUSED', exitCode: 4 });
    expect(error.why).toContain('no Bearer <secret>');
    expect(`${error.message} ${error.why} ${error.fix}`).not.toContain('sesame');
    expect(server.requests.filter(({ url }) => url === '/v1/items').length).toBe(2);
    expect(server.grants.length).toBe(2);
  });

  test('a refused client is LOGIN_REFUSED and not asked for again at once', async () => {
    const server = await oauthServer();
    const wrong = { secret: new Secret('wrong-secret'), baseUrl: server.origin };
    const clock = virtualClock();
    const { client } = await authRig(auth, wrong, { clock });
    const errors = [await refused(client.getJson('/a')), await refused(client.getJson('/b'))];
    expect(errors.map(({ code }) => code)).toEqual(['LOGIN_REFUSED', 'LOGIN_REFUSED']);
    expect(errors[0]?.why).toContain('invalid_client');
    expect(server.requests.length).toBe(1);
    clock.advance(61_000);
    await refused(client.getJson('/c'));
    expect(server.requests.length).toBe(2);
  });

  test('passing trouble of the token endpoint is waited for', async () => {
    let calls = 0;
    const server = await oauthServer({
      before: ({ url }) => (url.includes('/token') && ++calls < 3 ? json(503, {}) : undefined),
    });
    const { client } = await authRig(auth, config(server.origin));
    await client.getJson('/items');
    expect(calls).toBe(3);
  });

  test.each([
    ['no token', json(200, { accessToken: 'sesame-elsewhere' }), 'API_WRONG_ANSWER'],
    ['a token that no header can carry', json(200, { access_token: 'sesame\nopen' }), 'API_WRONG_ANSWER'],
    ['no JSON', { body: '<html>sesame' }, 'API_WRONG_ANSWER'],
    ['an error with status 200', json(200, { ok: false, error: 'invalid_auth' }), 'LOGIN_REFUSED'],
    ['nothing there', json(404, {}), 'API_REFUSED'],
  ])('an answer that brings %s is told without its content', async (_name, answer, code) => {
    const server = await serve(() => answer);
    const { client } = await authRig(auth, config(server.origin));
    const error = await refused(client.getJson('/items'));
    expect(error.code).toBe(code);
    expect(JSON.stringify([error.message, error.why])).not.toContain('sesame');
  });

  test('the token endpoint on its own origin gets its own credentials alone, and the API never sees them', async () => {
    const login = await oauthServer();
    const api = await serve(() => ({ body: '{}' }));
    const apart = oauth2ClientCredentials<Config>({ ...options, tokenUrl: `${login.origin}/token` });
    // The user's base URL serves all hosts; here there is none, and the API's own base is local.
    const { httpClient } = await import('../../src/http/client.ts');
    const { gotTransport } = await import('../../src/http/got-transport.ts');
    const transport = gotTransport({ maxSockets: 2 });
    const client = httpClient<Config>({
      settings: { baseUrl: api.origin, auth: apart, headers: { 'x-own': 'of the API' }, query: { key: 'q' } },
      title: 'Acme',
      config: { secret: new Secret(CLIENT_SECRET), baseUrl: '' },
      host: virtualClock().host,
      transport: transport.send,
    });
    await client.getJson('/items');
    transport.close();
    expect(login.requests.map(({ url, headers }) => [url, headers['x-own']])).toEqual([['/token', undefined]]);
    expect(JSON.stringify(api.requests)).not.toContain(Buffer.from(CLIENT_ID).toString('base64').slice(0, 12));
    expect(api.requests[0]?.headers.authorization).toBe('Bearer access-0001-sesame');
  });

  test('credentials do not go over a network unencrypted', async () => {
    const { context } = await authRig(auth, { secret: new Secret(CLIENT_SECRET), baseUrl: '' });
    expect(() => context.locate('http://login.acme.com/token')).toThrow(
      expect.objectContaining({ code: 'DEFINITION' }),
    );
    expect(() => context.locate('https://me:pw@login.acme.com/token')).toThrow(
      expect.objectContaining({ code: 'DEFINITION' }),
    );
    expect(context.locate('http://127.0.0.1:1/token')).toBe('http://127.0.0.1:1/token');
    expect(context.locate('/token')).toBe('https://api.acme.com/v1/token');
  });

  test('one base URL serves all hosts, with and without a path of its own', async () => {
    for (const base of ['http://127.0.0.1:9', 'http://127.0.0.1:9/v1/']) {
      const { context } = await authRig(auth, config(base));
      expect(context.locate('https://login.acme.com/oauth/token?a=1')).toBe('http://127.0.0.1:9/oauth/token?a=1');
    }
    const { context } = await authRig(auth, config('http://127.0.0.1:9/acme'));
    expect(context.locate('https://login.acme.com/oauth/token')).toBe('http://127.0.0.1:9/acme/oauth/token');
  });

  test('a replay gets no token and sends nothing to the token endpoint', async () => {
    const server = await serve(() => ({ body: '{}' }));
    const { client } = await authRig(auth, config(server.origin), { isReplay: true });
    await client.getJson('/items');
    expect(server.requests.map(({ url }) => url)).toEqual(['/v1/items']);
  });
});

test('chooseAuth: the config decides', async () => {
  const server = await serve(() => ({ body: '{}' }));
  const chosen = chooseAuth<Config>(({ secret }) =>
    secret.reveal() === 'plain-token' ? bearerAuth<Config>((given) => given.secret) : auth,
  );
  const { client } = await authRig(chosen, { secret: new Secret('plain-token'), baseUrl: server.origin });
  await client.getJson('/items');
  expect(server.requests.map(({ headers }) => headers.authorization)).toEqual(['Bearer plain-token']);
  const other = await oauthServer();
  const second = await authRig(chosen, config(other.origin));
  await second.client.getJson('/items');
  expect(other.grants).toEqual(['client_credentials']);
});
