import { describe, expect, test } from 'vitest';
import { type Loopback, openLoopback } from '../../src/http/auth/loopback.ts';
import { oauth2AuthorizationCode } from '../../src/http/auth/oauth2-authorization-code.ts';
import { nodeHost } from '../../src/util/node-host.ts';
import { Secret } from '../../src/util/secret.ts';
import { after } from '../http/cleanup.ts';
import { refused } from '../http/client-under-test.ts';
import { virtualClock } from '../http/virtual-clock.ts';
import { authRig, tempFolder } from './auth-rig.ts';
import { CLIENT_ID, CLIENT_SECRET, oauthServer } from './oauth-server.ts';

interface Config {
  readonly baseUrl: string;
}

const options = {
  authorizeUrl: 'https://login.acme.com/authorize',
  tokenUrl: 'https://login.acme.com/token',
  clientId: CLIENT_ID,
  clientSecret: () => new Secret(CLIENT_SECRET),
  scopes: ['read', 'offline_access'],
};
const auth = oauth2AuthorizationCode<Config>(options);

async function opened(more: Partial<Parameters<typeof openLoopback>[0]> = {}): Promise<Loopback> {
  const common = { host: nodeHost(), title: 'Acme', redact: (text: string) => text, port: 0, path: '/callback' };
  const loopback = await openLoopback({ ...common, ...more });
  after(() => loopback.close());
  return loopback;
}

/** A login under way: what a browser has, and how it ends. */
async function underWay(value = auth, more: Parameters<typeof opened>[0] = {}) {
  const server = await oauthServer({ expiresIn: 3600 });
  const folder = tempFolder();
  const rig = await authRig(value, { baseUrl: server.origin }, { folder });
  const login = value.browserLogin?.({ baseUrl: server.origin }, rig.context);
  if (login === undefined) throw new Error('there is no login');
  const loopback = await opened({ port: login.port, path: login.path, ...more });
  const attempt = login.begin(loopback.redirectUri);
  const ending = loopback.answerTo(attempt);
  ending.catch(() => undefined);
  const callback = (query: Readonly<Record<string, string>>): string =>
    `${loopback.redirectUri}?${new URLSearchParams({ state: attempt.state, ...query }).toString()}`;
  return { server, folder, ...rig, loopback, attempt, ending, callback };
}

describe('a login in a browser', () => {
  test('ends with a stored login, which the client uses and refreshes', async () => {
    const { server, client, context, attempt, ending, learned } = await underWay();
    const url = new URL(attempt.url);
    expect(url.origin).toBe(server.origin);
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      response_type: 'code',
      client_id: CLIENT_ID,
      scope: 'read offline_access',
      code_challenge_method: 'S256',
      redirect_uri: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/callback$/),
    });
    expect(url.searchParams.get('state')?.length).toBe(43);
    expect(url.searchParams.get('code_challenge')?.length).toBe(43);

    const page = await fetch(attempt.url);
    expect(await page.text()).toContain('You are logged in to Acme');
    expect(page.headers.get('cache-control')).toBe('no-store');
    expect(await ending).toBeUndefined();
    expect(await context.store.read('oauth2')).toMatchObject({ access: 'access-0001-sesame', generation: 1 });
    expect(learned).toEqual(expect.arrayContaining(['access-0001-sesame', 'refresh-0001-sesame', 'code-0-0-sesame']));

    await client.getJson('/items');
    expect(server.grants).toEqual(['authorization_code']);
    server.expire();
    await client.getJson('/items');
    expect(server.grants).toEqual(['authorization_code', 'refresh_token']);
  });

  test('before it: LOGIN_REFUSED with the command', async () => {
    const server = await oauthServer();
    const { client } = await authRig(auth, { baseUrl: server.origin });
    const error = await refused(client.getJson('/items'));
    expect(error).toMatchObject({ code: 'LOGIN_REFUSED', exitCode: 4, fix: 'log in again: sassy run acme login' });
    expect(error.message).toBe('Nobody has logged in to Acme yet');
    expect(server.requests).toEqual([]);
  });

  test('the verifier is sent with the code, and a code is of no use without it', async () => {
    const { server, attempt, ending } = await underWay();
    await fetch(attempt.url);
    await ending;
    const form = new URLSearchParams(server.requests.find(({ url }) => url === '/token')?.body);
    expect(form.get('code_verifier')?.length).toBe(43);
    expect(form.get('redirect_uri')).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/callback$/);
  });

  test('a public client on a port and a path of its own', async () => {
    const { clientSecret: _none, ...open } = options;
    const { server, attempt, ending } = await underWay(
      oauth2AuthorizationCode<Config>({
        ...open,
        tokenUrl: 'https://login.acme.com/public/token',
        redirectPath: '/back',
      }),
    );
    await fetch(attempt.url);
    await ending;
    expect(server.grants).toEqual(['authorization_code']);
  });

  test('a service that gives no refresh token: the login is kept, and the person is told', async () => {
    const note = await (async () => {
      const server = await oauthServer({
        before: ({ url }) =>
          url === '/token' ? { body: JSON.stringify({ access_token: 'short-sesame', expires_in: 1800 }) } : undefined,
      });
      const rig = await authRig(auth, { baseUrl: server.origin });
      const attempt = auth
        .browserLogin?.({ baseUrl: server.origin }, rig.context)
        ?.begin('http://127.0.0.1:1/callback');
      return attempt?.finish('code');
    })();
    expect(note).toContain('ends in 30 minutes');
  });
});

describe('bad endings of a login', () => {
  const unstored = async (context: { store: { read(name: string): Promise<unknown> } }) =>
    expect(await context.store.read('oauth2')).toBeUndefined();

  test.each<[string, Readonly<Record<string, string>>, RegExp]>([
    [
      'the access is not allowed',
      { error: 'access_denied', error_description: 'The user\nsaid no' },
      /not allowed \(access_denied: The user said no\)/,
    ],
    ['another error', { error: 'server_error' }, /server_error/],
    ['the state of another login', { state: 'of-another-login', code: 'c' }, /state is not the one/],
    ['an empty state', { state: '', code: 'c' }, /state is not the one/],
    ['a wrong state and an error', { state: 'x', error: 'access_denied' }, /state is not the one/],
    ['neither a code nor an error', {}, /neither a code nor an error/],
    ['an empty code', { code: '' }, /neither a code nor an error/],
  ])('%s', async (_name, query, message) => {
    const { ending, callback, context, server } = await underWay();
    const page = await fetch(callback(query));
    expect(page.status).toBe(400);
    expect(await page.text()).not.toMatch(/said no|server_error/);
    const error = await refused(ending);
    expect(error).toMatchObject({ code: 'LOGIN_REFUSED', exitCode: 4 });
    expect(error.message).toMatch(message);
    expect(server.grants).toEqual([]);
    await unstored(context);
  });

  test('parameters that come twice', async () => {
    for (const name of ['code', 'state']) {
      const { ending, callback } = await underWay();
      await fetch(`${callback({ code: 'c' })}&${name}=second`);
      expect((await refused(ending)).message).toContain(`${name} more than once`);
    }
  });

  test('a code that the service does not take, and a second use of one', async () => {
    const { ending, callback, context } = await underWay();
    await fetch(callback({ code: 'never-given' }));
    expect((await refused(ending)).why).toContain('the code is not good');
    await unstored(context);
  });

  test('the same answer twice: the second one finds the login used', async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const loopback = await opened();
    const codes: string[] = [];
    const attempt = {
      url: '',
      state: 's',
      issuer: undefined,
      finish: async (code: string) => {
        codes.push(code);
        await held;
        return undefined;
      },
    };
    const ending = loopback.answerTo(attempt);
    const first = fetch(`${loopback.redirectUri}?state=s&code=one`);
    await expect.poll(() => codes.length).toBe(1);
    const second = await fetch(`${loopback.redirectUri}?state=s&code=two`);
    expect(second.status).toBe(410);
    release();
    expect((await first).status).toBe(200);
    await ending;
    expect((await fetch(`${loopback.redirectUri}?state=s&code=three`)).status).toBe(410);
    expect(codes).toEqual(['one']);
  });

  test('other paths, methods and host names get nothing and end nothing', async () => {
    const { loopback, callback, attempt, ending } = await underWay();
    const { origin, port } = new URL(loopback.redirectUri);
    const query = new URL(callback({ code: 'c' })).search;
    for (const path of ['/', '/favicon.ico', '/callback/', '/Callback', '/x/../callback/x', '//callback']) {
      expect((await fetch(`${origin}${path}${query}`)).status).toBe(404);
    }
    expect((await fetch(callback({ code: 'c' }), { method: 'POST' })).status).toBe(405);
    expect((await fetch(`http://localhost:${port}/callback${query}`).catch(() => ({ status: 404 }))).status).toBe(404);
    await fetch(attempt.url);
    expect(await ending).toBeUndefined();
  });

  test('nobody answers for five minutes', async () => {
    const { host, sleeps } = virtualClock();
    const { ending, context } = await underWay(auth, { host });
    const error = await refused(ending);
    expect(error).toMatchObject({
      code: 'LOGIN_REFUSED',
      message: expect.stringContaining('nobody has answered in time'),
    });
    expect(sleeps).toEqual([300_000]);
    await unstored(context);
  });

  test('Ctrl-C', async () => {
    const controller = new AbortController();
    const { ending } = await underWay(auth, { signal: controller.signal });
    controller.abort(new Error('stopped'));
    await expect(ending).rejects.toThrow('stopped');
  });

  test('an answer that comes from another service (RFC 9207)', async () => {
    const strict = oauth2AuthorizationCode<Config>({ ...options, issuer: 'https://login.acme.com' });
    for (const query of [{ code: 'c' }, { code: 'c', iss: 'https://evil.com' }]) {
      const { ending, callback, server } = await underWay(strict);
      await fetch(callback(query));
      expect((await refused(ending)).message).toContain('does not come from https://login.acme.com');
      expect(server.grants).toEqual([]);
    }
  });

  test('a port that is taken', async () => {
    const first = await opened();
    const port = Number(new URL(first.redirectUri).port);
    const error = await refused(opened({ port }));
    expect(error).toMatchObject({ code: 'LOGIN_REFUSED', message: expect.stringContaining(`127.0.0.1:${port}`) });
  });
});
