import { describe, expect, test } from 'vitest';
import { headerAuth } from '../../src/http/policies/auth.ts';
import { withoutValues } from '../../src/http/policies/log.ts';
import { redactor } from '../../src/http/redact.ts';
import { isSkip } from '../../src/http/refusal.ts';
import { effectiveBase, pageUrl } from '../../src/http/request-url.ts';
import { limitedVerdict } from '../../src/http/limited-verdict.ts';
import type { Policy } from '../../src/model/http.ts';
import { Secret } from '../../src/util/secret.ts';
import { refused, rig, type Config } from './client-under-test.ts';
import { serve, type Answer } from './local-server.ts';

const TOKEN = 'sesame-open';
const tokenAuth = headerAuth<Config>('Authorization', (config) => config.token, { scheme: 'token' });

describe('base URL', () => {
  test.each([
    ['https://api.snyk.io/rest', undefined, 'https://api.snyk.io/rest'],
    ['https://api.snyk.io/rest/', '', 'https://api.snyk.io/rest'],
    ['https://api.snyk.io/rest', 'https://api.eu.snyk.io', 'https://api.eu.snyk.io/rest'],
    ['https://api.snyk.io/rest', 'http://127.0.0.1:8080/', 'http://127.0.0.1:8080/rest'],
    ['https://api.snyk.io/rest', 'http://h/prefix', 'http://h/prefix/rest'],
    ['https://api.snyk.io/rest', 'http://h/prefix/rest/', 'http://h/prefix/rest'],
    ['https://api.snyk.io/rest', 'http://h/rest', 'http://h/rest'],
    ['https://api.snyk.io/rest', 'http://h/forest', 'http://h/forest/rest'],
    ['https://api.github.com', 'http://h/api/v3', 'http://h/api/v3'],
    ['https://api.github.com', 'http://H:80', 'http://h'],
  ])('%s with %s is %s', (canonical, given, base) => {
    expect(effectiveBase(canonical, given)).toBe(base);
  });

  test.each(['file:///etc', 'unix:/run/x', 'h:8080', 'nonsense', 'http://user:pw@h', 'http://h/?a=1', 'http://h/#a'])(
    '%s is refused',
    (given) => {
      expect(() => effectiveBase('https://api.snyk.io', given)).toThrow(
        expect.objectContaining({ code: 'CONFIG_INVALID' }),
      );
    },
  );
});

test('the query keeps its order and the letters of what is written in the path', () => {
  const url = pageUrl(
    'http://h/rest',
    {
      path: '/a?starting_after=v1.eyJ%3D%3D&limit=10&x=1&x=2',
      query: { limit: 100, none: undefined, on: true, q: 'a b&c' },
    },
    { version: '2024-10-15~beta', limit: '5' },
  );
  expect(url).toBe(
    'http://h/rest/a?starting_after=v1.eyJ%3D%3D&x=1&x=2&limit=100&on=true&q=a%20b%26c&version=2024-10-15~beta',
  );
  expect(() => pageUrl('http://h', { path: 'https://evil.com/a' })).toThrow(
    expect.objectContaining({ code: 'DEFINITION' }),
  );
  expect(new URL(pageUrl('http://h', { path: '//evil.com' })).host).toBe('h');
  expect(new URL(pageUrl('http://h', { path: '/\\evil.com' })).host).toBe('h');
});

test('sends defaults, credentials and JSON; the answer shows none of the credentials', async () => {
  const server = await serve(() => ({
    body: '\ufeff{"data":[9007199254740993]}',
    headers: { 'content-type': 'application/vnd.api+json' },
  }));
  const { client, events } = await rig(server.origin, {
    auth: tokenAuth,
    headers: { 'X-Version': '1', Accept: 'application/vnd.api+json' },
    query: { version: '2024-10-15' },
  });
  const response = await client.send({ path: '/orgs', query: { limit: 10 }, headers: { 'X-Extra': 'e' } });
  expect(server.requests[0]?.url).toBe('/orgs?limit=10&version=2024-10-15');
  expect(server.requests[0]?.headers).toMatchObject({
    authorization: `token ${TOKEN}`,
    accept: 'application/vnd.api+json',
    'x-version': '1',
    'x-extra': 'e',
  });
  expect(response.bytes.toString()).toBe('\ufeff{"data":[9007199254740993]}');
  expect(JSON.stringify(response.request)).not.toContain(TOKEN);
  expect(events).toEqual([
    {
      type: 'attempt',
      method: 'GET',
      url: `${server.origin}/orgs?limit&version`,
      status: 200,
      attempt: 1,
      durationMs: 0,
      waitedMs: 0,
      bytes: response.bytes.byteLength,
    },
  ]);
});

test('config.baseUrl replaces the origin', async () => {
  const server = await serve(() => ({ body: '{}' }));
  const config = { token: new Secret(TOKEN), baseUrl: `${server.origin}/proxy` };
  const { client } = await rig('https://api.acme.invalid/rest', { auth: tokenAuth }, { config });
  await client.getJson('/orgs');
  expect(server.requests[0]).toMatchObject({ url: '/proxy/rest/orgs', headers: { authorization: `token ${TOKEN}` } });
});

describe('what is refused', () => {
  test.each([
    [401, 'LOGIN_REFUSED', 4],
    [403, 'PERMISSION_DENIED', 4],
    [404, 'API_REFUSED', 5],
    [410, 'API_REFUSED', 5],
    [422, 'API_REFUSED', 5],
    [501, 'API_REFUSED', 5],
  ])('%i is %s', async (status, code, exitCode) => {
    const body = '{"errors":[{"status":"4xx","code":"SNYK-1","title":"No way","detail":"ask your admin"}]}';
    const server = await serve(() => ({ status, body }));
    const error = await refused((await rig(server.origin)).client.getJson('/orgs?limit=10'));
    expect([error.code, error.exitCode]).toEqual([code, exitCode]);
    expect(error.message).toContain('Acme');
    expect(error.why).toBe(`GET /orgs: ${status}: 4xx SNYK-1 No way ask your admin`);
    expect(server.requests).toHaveLength(1);
  });

  test.each([
    [300, '300, which leads nowhere'],
    [301, '301, which leads nowhere'],
    [304, '304 not modified, though it was not asked whether anything changed'],
    [307, '307, which leads nowhere'],
  ])('a redirect that leads nowhere is no page: %i', async (status, why) => {
    const server = await serve(() => ({ status, body: status === 304 ? '' : '{}' }));
    const error = await refused((await rig(server.origin)).client.getJson('/a'));
    expect([error.code, server.requests.length]).toEqual(['API_REFUSED', 1]);
    expect(error.why).toContain(why);
  });

  test("an integration's rules come first: skip, and limits in a form of its own", async () => {
    const server = await serve(({ url }, n) =>
      url === '/gone'
        ? { status: 404 }
        : n === 2
          ? { body: '{"errors":[{"extensions":{"code":"RATE_LIMITED"}}]}', headers: { 'retry-after': '9' } }
          : { body: '{"ok":true}' },
    );
    const { client, clock } = await rig(server.origin, {
      verdicts: [
        ({ status }) => (status === 404 ? { kind: 'skip', reason: 'the project is gone' } : undefined),
        (response) => (response.body.includes('RATE_LIMITED') ? limitedVerdict(response) : undefined),
      ],
    });
    const error = await refused(client.getJson('/gone'));
    expect(isSkip(error)).toBe(true);
    expect([error.code, error.message]).toEqual(['SLICE_SKIPPED', 'Acme: the project is gone']);
    expect(await client.getJson('/limited')).toEqual({ ok: true });
    expect(clock.now()).toBe(9000);
  });
});

describe('a body that is not whole JSON', () => {
  const broken = [
    '',
    '{',
    '{"data":[1,2',
    'null,',
    '{"a":NaN}',
    '[1,]',
    'cb({})',
    '{}{}',
    '{"a":1}\n{"a":2}',
    '{}<html>',
    '<html><title>Sign in</title></html>',
  ];

  test('is asked for again, and the good one counts', async () => {
    const server = await serve((_, n) => ({ body: n <= 2 ? '{"data":[' : '{"data":[1]}' }));
    const { client, events } = await rig(server.origin);
    expect(await client.getJson('/a')).toEqual({ data: [1] });
    expect(events.map((event) => (event.type === 'wait' ? event.detail : event.attempt))).toEqual([
      1,
      'not JSON',
      2,
      'not JSON',
      3,
    ]);
  });

  test.each(broken)('is never an empty page: %s', async (body) => {
    const server = await serve(() => ({ body, headers: { 'content-type': 'text/plain' } }));
    const error = await refused((await rig(server.origin)).client.getJson('/a'));
    expect([error.code, error.exitCode, server.requests.length]).toEqual(['API_WRONG_ANSWER', 5, 4]);
    expect(error.why).toContain(`GET /a: 200, text/plain, ${Buffer.byteLength(body)} bytes`);
    if (body.startsWith('<html')) expect(error.why).toContain('a login page or a proxy?');
  });

  test('shows at most 200 characters, without secrets and control characters', async () => {
    const body = `{"token":"${TOKEN}","\u001b[31m":"\u202e${'x'.repeat(500)}`;
    const server = await serve(() => ({ body }));
    const error = await refused(
      (await rig(server.origin, {}, { redact: redactor([new Secret(TOKEN)]) })).client.getJson('/a'),
    );
    expect(error.why).toContain('{"token":"<secret>"');
    expect(`${error.why}${String(error.cause)}`).not.toMatch(/sesame|\p{Cc}|\p{Cf}/u);
    expect(error.why?.length).toBeLessThan(300);
  });

  test('204 is no page either', async () => {
    const server = await serve((): Answer => ({ status: 204 }));
    expect((await refused((await rig(server.origin)).client.getJson('/a'))).code).toBe('API_WRONG_ANSWER');
  });
});

test('the recorder sees every attempt as it goes out', async () => {
  const server = await serve((_, n) => (n === 1 ? { status: 500 } : { body: '{}' }));
  const seen: unknown[] = [];
  const wrapTransport: Policy = (next) => async (request) => {
    const response = await next(request);
    seen.push([request.headers['authorization'], response.status]);
    return response;
  };
  const { client } = await rig(server.origin, { auth: tokenAuth }, { wrapTransport });
  await client.getJson('/a');
  expect(seen).toEqual([
    [`token ${TOKEN}`, 500],
    [`token ${TOKEN}`, 200],
  ]);
});

test('a replay in place of the network sends nothing', async () => {
  const server = await serve(() => ({ body: '{}' }));
  const wrapTransport: Policy = () => async () => ({
    status: 200,
    headers: {},
    body: Buffer.from('{"replayed":true}'),
  });
  const { client } = await rig(server.origin, {}, { wrapTransport });
  expect(await client.getJson('/a')).toEqual({ replayed: true });
  expect(server.requests).toEqual([]);
});

test('pacing comes before the network and is in the events', async () => {
  const server = await serve(() => ({ body: '{}' }));
  const { client, clock, events } = await rig(server.origin, { limits: [{ requests: 2, windowMs: 1000 }] });
  for (let i = 0; i < 4; i++) await client.getJson('/a');
  expect(clock.now()).toBeGreaterThanOrEqual(1000);
  const last = events.at(-1);
  expect(last?.type === 'attempt' && last.waitedMs > 0 && last.attempt === 1).toBe(true);
  expect(events.filter((event) => event.type === 'wait').every(({ reason }) => reason === 'pacing')).toBe(true);
});

test('URLs in events have names and no values', () => {
  expect(withoutValues('https://h/a?limit=10&token=abc=d&x')).toBe('https://h/a?limit&token&x');
  expect(withoutValues('https://h/a')).toBe('https://h/a');
});
