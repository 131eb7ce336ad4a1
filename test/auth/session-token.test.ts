import { describe, expect, test } from 'vitest';
import { sessionToken, type SessionToken } from '../../src/http/auth/session-token.ts';
import { Secret } from '../../src/util/secret.ts';
import { refused } from '../http/client-under-test.ts';
import { type Answer, serve } from '../http/local-server.ts';
import { virtualClock } from '../http/virtual-clock.ts';
import { authRig } from './auth-rig.ts';
import { json } from './oauth-server.ts';

interface Config {
  readonly user: string;
  readonly password: Secret;
  readonly baseUrl: string;
}

const PASSWORD = 'pass+/=%"$&-word';
const config = (baseUrl: string): Config => ({ user: 'me', password: new Secret(PASSWORD), baseUrl });
const login = { url: '/login', json: ({ user, password }: Config) => ({ user, password }) };

/** A service whose sessions are numbered; the newest alone is good. */
async function service(answer: (session: string) => Answer) {
  let sessions = 0;
  let isEnded = false;
  const server = await serve(({ url, headers }) => {
    if (url.startsWith('/v1/login')) {
      isEnded = false;
      sessions += 1;
      return answer(`session-${sessions}`);
    }
    const given = [headers.authorization, headers['x-session'], headers.cookie, url].join(' ');
    return !isEnded && given.includes(`session-${sessions}`) ? json(200, {}) : json(401, {});
  });
  return { ...server, logins: () => sessions, end: () => (isEnded = true) };
}

describe('a session', () => {
  test.each<[string, Partial<SessionToken<Config>>, (session: string) => Answer, RegExp]>([
    [
      'JSON, then a bearer token',
      {},
      (session) => json(201, { data: { token: session } }),
      /"authorization":"Bearer session-1"/,
    ],
    [
      'a header, then a header',
      { token: { header: 'X-Session' }, attach: { header: 'X-Session' } },
      (session) => json(200, {}, { 'x-session': session }),
      /"x-session":"session-1"/,
    ],
    [
      'a cookie, then a cookie',
      { token: { cookie: 'SID' }, attach: { cookie: 'SID' } },
      (session) => ({
        headers: { 'set-cookie': ['a=1; Expires=Wed, 01 Jan 2031 00:00:00 GMT; Path=/', `SID=${session}; HttpOnly`] },
      }),
      /"cookie":"SID=session-1"/,
    ],
    [
      'JSON, then the query',
      { attach: { query: 'sid' } },
      (session) => json(200, { data: { token: session } }),
      /\?sid=session-1/,
    ],
    [
      'JSON, then a scheme of its own',
      { attach: { scheme: 'Zoho' } },
      (session) => json(200, { data: { token: session } }),
      /"authorization":"Zoho session-1"/,
    ],
  ])('%s', async (_name, options, answer, sent) => {
    const server = await service(answer);
    const auth = sessionToken<Config>({ login, token: '/data/token', ...options });
    const { client, events, learned } = await authRig(auth, config(server.origin));
    await Promise.all(Array.from({ length: 20 }, () => client.getJson('/items')));
    expect(server.logins()).toBe(1);
    const [first, second] = server.requests;
    expect(first?.method).toBe('POST');
    expect(JSON.parse(first?.body ?? '')).toEqual({ user: 'me', password: PASSWORD });
    expect(JSON.stringify(second)).toMatch(sent);
    expect(JSON.stringify(events)).not.toContain('session-');
    expect(learned).toContain('session-1');

    server.end();
    await Promise.all(Array.from({ length: 20 }, () => client.getJson('/items')));
    expect(server.logins()).toBe(2);
  });

  test('form fields and Basic credentials', async () => {
    const server = await service((session) => json(200, { token: session }));
    for (const how of [
      { form: ({ user, password }: Config) => ({ user, password }) },
      { basic: { user: ({ user }: Config) => user, password: ({ password }: Config) => password } },
    ]) {
      const auth = sessionToken<Config>({ login: { url: '/login', ...how }, token: '/token' });
      await (await authRig(auth, config(server.origin))).client.getJson('/items');
    }
    const [form, , basic] = server.requests;
    expect(new URLSearchParams(form?.body).get('password')).toBe(PASSWORD);
    expect(basic?.headers.authorization).toBe(`Basic ${Buffer.from(`me:${PASSWORD}`).toString('base64')}`);
  });

  test.each([
    ['seconds of the author', 600],
    ['seconds in the answer', '/expires'],
  ])('is renewed before its end: %s', async (_name, expiresIn) => {
    const server = await service((session) => json(200, { token: session, expires: 600 }));
    const clock = virtualClock();
    const auth = sessionToken<Config>({ login, token: '/token', expiresIn });
    const { client } = await authRig(auth, config(server.origin), { clock });
    await client.getJson('/items');
    clock.advance(539_000);
    await client.getJson('/items');
    expect(server.logins()).toBe(1);
    clock.advance(2000);
    await client.getJson('/items');
    expect(server.logins()).toBe(2);
  });

  test('a service that says 403 for an ended session', async () => {
    let logins = 0;
    const server = await serve(({ url, headers }) => {
      if (url.startsWith('/v1/login')) return json(200, { token: `session-${++logins}` });
      return headers.authorization === 'Bearer session-2' ? json(200, {}) : json(403, {});
    });
    const auth = sessionToken<Config>({ login, token: '/token', expiredStatuses: [401, 403] });
    await (await authRig(auth, config(server.origin))).client.getJson('/items');
    expect(logins).toBe(2);
  });

  test('wrong credentials: LOGIN_REFUSED after one try for all streams, without the password that the answer repeats', async () => {
    const server = await serve(({ body }) => json(401, { message: `bad login ${JSON.parse(body).password}` }));
    const { client, context } = await authRig(sessionToken<Config>({ login, token: '/token' }), config(server.origin));
    await context.learnSecret(new Secret(PASSWORD));
    for (let stream = 0; stream < 5; stream += 1) {
      const error = await refused(client.getJson('/items'));
      expect(error).toMatchObject({ code: 'LOGIN_REFUSED', why: expect.stringContaining('bad login <secret>') });
    }
    expect(server.requests.length).toBe(1);
  });

  test('no token where it should be, and a masked password, are told without any value', async () => {
    const server = await serve(() => json(200, { accessToken: 'session-1' }));
    const missing = sessionToken<Config>({ login, token: '/token' });
    const error = await refused((await authRig(missing, config(server.origin))).client.getJson('/items'));
    expect(error.code).toBe('API_WRONG_ANSWER');
    expect(error.why).not.toContain('session-1');
    const masked = sessionToken<Config>({
      login: { url: '/login', json: ({ password }) => ({ password: String(password) }) },
      token: '/token',
    });
    const rig = await authRig(masked, config(server.origin));
    expect((await refused(rig.client.getJson('/items'))).code).toBe('DEFINITION');
    expect(server.requests.length).toBe(1);
  });
});
