import { createHmac, generateKeyPairSync, verify } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { jwtAssertion, type JwtAssertion } from '../../src/http/auth/jwt-assertion.ts';
import { pemText } from '../../src/http/auth/pem.ts';
import { githubApp, googleServiceAccount } from '../../src/http/auth/service-accounts.ts';
import { Secret } from '../../src/util/secret.ts';
import { refused } from '../http/client-under-test.ts';
import { serve } from '../http/local-server.ts';
import { virtualClock } from '../http/virtual-clock.ts';
import { authRig } from './auth-rig.ts';
import { json } from './oauth-server.ts';

interface Config {
  readonly key: Secret;
  readonly baseUrl: string;
}

const START = Date.UTC(2026, 0, 1);
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const rsaPem = rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const ecPem = ec.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const oneLine = (pem: string): string => pem.replaceAll('\n', '\\n');

function parts(jwt: string) {
  const [header = '', claims = '', signature = ''] = jwt.split('.');
  const read = (text: string) => JSON.parse(Buffer.from(text, 'base64url').toString());
  return {
    header: read(header),
    claims: read(claims),
    content: Buffer.from(`${header}.${claims}`),
    signature: Buffer.from(signature, 'base64url'),
  };
}

describe('PEM keys on one line', () => {
  const body = rsaPem.replaceAll(/-----.*-----|\s/g, '');
  test.each([
    ['as it is', rsaPem],
    ['\\n for line breaks', oneLine(rsaPem)],
    ['\\r\\n for line breaks', rsaPem.replaceAll('\n', '\\r\\n')],
    ['blanks for line breaks', rsaPem.replaceAll('\n', ' ')],
    ['no line breaks', `-----BEGIN PRIVATE KEY-----${body}-----END PRIVATE KEY-----`],
    ['all of it in base64', Buffer.from(rsaPem).toString('base64')],
  ])('%s', (_name, text) => expect(pemText(text)).toBe(rsaPem));
});

describe('a JWT of our own as the token', () => {
  test.each<[JwtAssertion<Config>['algorithm'], string]>([
    ['RS256', oneLine(rsaPem)],
    ['ES256', oneLine(ecPem)],
    ['HS256', 'a shared secret'],
  ])('%s is signed so that the service can check it', async (algorithm, key) => {
    const server = await serve(() => json(200, {}));
    const auth = jwtAssertion<Config>({
      key: (config) => config.key,
      ...(algorithm === undefined ? {} : { algorithm }),
      keyId: 'key-1',
      claims: (config) => ({ iss: 'me', given: config.key.reveal().length, hidden: new Secret('a claim') }),
    });
    const { client, learned } = await authRig(auth, { key: new Secret(key), baseUrl: server.origin });
    await client.getJson('/items');
    const jwt = server.requests[0]?.headers.authorization?.replace('Bearer ', '') ?? '';
    const { header, claims, content, signature } = parts(jwt);
    expect(header).toEqual({ alg: algorithm, typ: 'JWT', kid: 'key-1' });
    const iat = START / 1000 - 60;
    expect(claims).toEqual({ iss: 'me', given: key.length, hidden: 'a claim', iat, exp: iat + 600 });
    const isGood =
      algorithm === 'HS256'
        ? createHmac('sha256', key).update(content).digest().equals(signature)
        : algorithm === 'ES256'
          ? verify('sha256', content, { key: ec.publicKey, dsaEncoding: 'ieee-p1363' }, signature)
          : verify('sha256', content, rsa.publicKey, signature);
    expect(isGood).toBe(true);
    expect(learned).toContain(jwt);
    // Each line of the key too: a message may quote one.
    if (algorithm === 'RS256') expect(learned).toContain(rsaPem.split('\n')[3]);
  });

  test('is made anew before it ends, and with the time of the service when ours is wrong', async () => {
    const ahead = 2 * 3_600_000;
    const clock = virtualClock();
    const server = await serve(({ headers }) => {
      const { iat } = parts(headers.authorization?.replace('Bearer ', '') ?? '').claims;
      const nowMs = START + clock.now() + ahead;
      const date = { date: new Date(nowMs).toUTCString() };
      return Math.abs(iat * 1000 - nowMs) < 300_000 ? json(200, {}) : json(401, {}, date);
    });
    const auth = jwtAssertion<Config>({ key: (config) => config.key, algorithm: 'HS256', claims: () => ({}) });
    const { client } = await authRig(auth, { key: new Secret('shared'), baseUrl: server.origin }, { clock });
    await client.getJson('/items');
    expect(server.requests.length).toBe(2);
    clock.advance(500_000);
    await client.getJson('/items');
    expect(server.requests.length).toBe(3);
  });

  test.each([
    ['RS256' as const, 'no key at all'],
    ['RS256' as const, ecPem],
    ['ES256' as const, rsaPem],
    ['RS256' as const, rsaPem.slice(0, 200)],
  ])('%s with a key that does not fit is CONFIG_INVALID and does not show it', async (algorithm, key) => {
    const auth = jwtAssertion<Config>({ key: (config) => config.key, algorithm, claims: () => ({}) });
    const { client } = await authRig(auth, { key: new Secret(key), baseUrl: 'http://127.0.0.1:1' });
    const error = await refused(client.getJson('/items'));
    expect(error.code).toBe('CONFIG_INVALID');
    expect(JSON.stringify([error.message, error.why, error.fix, String(error.cause)])).not.toContain(
      key.slice(0, 20).trim() || '?',
    );
  });
});

describe('a JWT that is exchanged', () => {
  test('a service account of Google: the audience is its own, wherever the request goes', async () => {
    const file = JSON.stringify({
      type: 'service_account',
      private_key_id: 'k1',
      private_key: rsaPem,
      client_email: 'robot@acme.iam.gserviceaccount.com',
      token_uri: 'https://oauth2.googleapis.com/token',
    });
    const server = await serve(({ url }) =>
      url === '/token' ? json(200, { access_token: 'ya29.sesame', expires_in: 3600 }) : json(200, {}),
    );
    const scopes = ['https://www.googleapis.com/auth/a', 'https://www.googleapis.com/auth/b'];
    const auth = googleServiceAccount<Config>({ key: ({ key }) => key, scopes, subject: () => 'admin@acme.com' });
    const { client } = await authRig(auth, { key: new Secret(file), baseUrl: server.origin });
    await client.getJson('/items');
    const form = new URLSearchParams(server.requests[0]?.body);
    expect(form.get('grant_type')).toBe('urn:ietf:params:oauth:grant-type:jwt-bearer');
    const { header, claims, content, signature } = parts(form.get('assertion') ?? '');
    expect(header.kid).toBe('k1');
    expect(claims).toEqual({
      aud: 'https://oauth2.googleapis.com/token',
      iss: 'robot@acme.iam.gserviceaccount.com',
      sub: 'admin@acme.com',
      scope: scopes.join(' '),
      iat: START / 1000 - 60,
      exp: START / 1000 - 60 + 3600,
    });
    expect(verify('sha256', content, rsa.publicKey, signature)).toBe(true);
    expect(server.requests[1]?.headers.authorization).toBe('Bearer ya29.sesame');
  });

  test.each(['no JSON', '{}', '{"private_key":1}'])('a key file that is none: %s', async (text) => {
    const auth = googleServiceAccount<Config>({ key: ({ key }) => key, scopes: [] });
    const { client } = await authRig(auth, { key: new Secret(text), baseUrl: 'http://127.0.0.1:1' });
    expect((await refused(client.getJson('/'))).code).toBe('CONFIG_INVALID');
  });

  test('a GitHub App: the token of an installation is renewed before it ends, by the clock of the service', async () => {
    const clock = virtualClock();
    // The service lives a day ahead of us: its times mean something by its own clock alone.
    const serverNow = (): number => START + clock.now() + 86_400_000;
    let tokens = 0;
    const server = await serve(({ url, headers }) => {
      if (!url.endsWith('/access_tokens')) return json(200, {});
      const { claims } = parts(headers.authorization?.replace('Bearer ', '') ?? '');
      const date = { date: new Date(serverNow()).toUTCString() };
      if (Math.abs(claims.iat * 1000 - serverNow()) > 120_000)
        return json(401, { message: "'Expiration time' claim" }, date);
      tokens += 1;
      return json(201, { token: `ghs_${tokens}`, expires_at: new Date(serverNow() + 3_600_000).toISOString() }, date);
    });
    const auth = githubApp<Config>({ appId: '12', privateKey: ({ key }) => key, installationId: '34' });
    const config = { key: new Secret(oneLine(rsaPem)), baseUrl: server.origin };
    const { client } = await authRig(auth, config, { clock });
    await client.getJson('/items');
    expect(server.requests.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'POST /app/installations/34/access_tokens',
      'POST /app/installations/34/access_tokens',
      'GET /v1/items',
    ]);
    expect(server.requests[2]?.headers.authorization).toBe('Bearer ghs_1');
    clock.advance(3_200_000);
    await client.getJson('/items');
    expect(tokens).toBe(1);
    clock.advance(60_000);
    await client.getJson('/items');
    expect(tokens).toBe(2);
  });

  test('a refused assertion is LOGIN_REFUSED after one try when the clocks agree', async () => {
    const server = await serve(() =>
      json(400, { error: 'invalid_grant', error_description: 'Invalid JWT Signature.' }),
    );
    const auth = jwtAssertion<Config>({
      key: ({ key }) => key,
      claims: () => ({ iss: 'me' }),
      exchange: { as: 'assertion', url: '/token' },
    });
    const clock = { ...virtualClock() };
    const host = { ...clock.host, clock: { ...clock.host.clock, now: () => Date.now() } };
    const { client } = await authRig(
      auth,
      { key: new Secret(rsaPem), baseUrl: server.origin },
      { clock: { ...clock, host } },
    );
    const error = await refused(client.getJson('/items'));
    expect(error).toMatchObject({ code: 'LOGIN_REFUSED', why: expect.stringContaining('Invalid JWT Signature') });
    expect(server.requests.length).toBe(1);
  });
});
