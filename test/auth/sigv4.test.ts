import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { awsSigV4 } from '../../src/http/auth/aws-sig-v4.ts';
import { signatureV4, type SignableRequest } from '../../src/http/auth/sigv4.ts';
import { Secret } from '../../src/util/secret.ts';
import { authRig } from './auth-rig.ts';
import { refused } from '../http/client-under-test.ts';
import { type SeenRequest, serve } from '../http/local-server.ts';

interface SuiteCase {
  readonly req: string;
  readonly creq: string;
  readonly sts: string;
  readonly authz: string;
}

/** AWS's own cases. They are no part of the repository; where they lie beside it, or SIGV4_SUITE names them, they run. */
const beside = join(import.meta.dirname, '../../../shared/data/aws/sigv4-test-suite.json');
const file = process.env['SIGV4_SUITE'] ?? beside;
const suite: { readonly cases: Readonly<Record<string, SuiteCase>> } = existsSync(file)
  ? JSON.parse(readFileSync(file, 'utf8'))
  : { cases: {} };

const scope = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  region: 'us-east-1',
  service: 'service',
};

/** The request of a case. The suite adds a session token in one case, and signs without it in another. */
function requestOf({ req, creq }: SuiteCase): SignableRequest {
  const [head = '', ...bodyParts] = req.split('\n\n');
  const [first = '', ...lines] = head.trimEnd().split('\n');
  const [, method = '', target = ''] = /^(\S+) (.*) HTTP\/1\.1$/.exec(first) ?? [];
  const headers: Record<string, string> = {};
  let last = '';
  for (const line of lines) {
    const at = line.indexOf(':');
    if (/^\s/.test(line)) headers[last] = `${headers[last]} ${line}`;
    else {
      last = line.slice(0, at).toLowerCase();
      const value = line.slice(at + 1);
      headers[last] = headers[last] === undefined ? value : `${headers[last]},${value}`;
    }
  }
  const signedToken = /^x-amz-security-token:(.*)$/m.exec(creq)?.[1];
  if (signedToken !== undefined) headers['x-amz-security-token'] = signedToken;
  const at = target.indexOf('?');
  const [path, query] = at < 0 ? [target, ''] : [target.slice(0, at), target.slice(at + 1)];
  return { method, path, query, headers, body: bodyParts.join('\n\n') };
}

describe.skipIf(!existsSync(file))('the test suite of AWS (skipped where it has not been fetched)', () => {
  test('has cases', () => expect(Object.keys(suite.cases).length).toBeGreaterThan(30));

  test.each(Object.entries(suite.cases))('%s', (_name, expected) => {
    const { canonicalRequest, stringToSign, authorization } = signatureV4(requestOf(expected), scope);
    expect(canonicalRequest).toBe(expected.creq);
    expect(stringToSign).toBe(expected.sts);
    expect(authorization).toBe(expected.authz);
  });
});

const started = Date.UTC(2026, 0, 1);
const credentials = () => ({
  accessKeyId: scope.accessKeyId,
  secretAccessKey: new Secret(scope.secretAccessKey),
  sessionToken: 'FwoGZXIvYXdzEXAMPLE',
});
const auth = awsSigV4<{ readonly baseUrl: string }>({ service: 'execute-api', region: 'eu-west-1', credentials });

/** What the service itself would compute from what came over the wire. */
function expectedAuthorization({ method, url, headers, body }: SeenRequest, service: string): string {
  const names = /SignedHeaders=([^,]*)/.exec(headers.authorization ?? '')?.[1]?.split(';') ?? [];
  const sent = Object.fromEntries(names.map((name) => [name, String(headers[name])]));
  const [path = '', query = ''] = url.split('?');
  return signatureV4({ method, path, query, headers: sent, body }, { ...scope, region: 'eu-west-1', service })
    .authorization;
}

test('the published example of the suite: get-vanilla', () => {
  const headers = { host: 'example.amazonaws.com', 'x-amz-date': '20150830T123600Z' };
  const { authorization } = signatureV4({ method: 'GET', path: '/', query: '', headers, body: '' }, scope);
  expect(authorization).toBe(
    'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
  );
});

test('requests are signed as they arrive: path, query, headers and body', async () => {
  const server = await serve(() => ({ body: '{}' }));
  const { client } = await authRig(auth, { baseUrl: server.origin });
  await client.send({
    path: '/a b/ü',
    query: { 'x y': "it's (all)*!", b: '1+1=2&', a: '' },
    headers: { 'X-One': ' a  b ' },
  });
  await client.send({ path: '/items', method: 'POST', json: { text: 'größe' } });
  for (const request of server.requests) {
    expect(request.headers['x-amz-date']).toBe('20260101T000000Z');
    expect(request.headers['x-amz-security-token']).toBe('FwoGZXIvYXdzEXAMPLE');
    expect(request.headers.authorization).toContain('host;x-amz-date;x-amz-security-token');
    expect(request.headers.authorization).toBe(expectedAuthorization(request, 'execute-api'));
  }
});

test('S3 gets the hash of the body, and its keys are not normalised', async () => {
  const server = await serve(() => ({ body: '{}' }));
  const s3 = awsSigV4<{ readonly baseUrl: string }>({ service: 's3', region: 'eu-west-1', credentials });
  const { client } = await authRig(s3, { baseUrl: server.origin });
  await client.send({ path: '/bucket//a%20b' });
  const [request] = server.requests;
  expect(request?.headers['x-amz-content-sha256']).toMatch(/^e3b0c44298fc1c14/);
  expect(request?.headers.authorization).toBe(request && expectedAuthorization(request, 's3'));
});

test('a wrong clock is put right by the time of the refusal, once', async () => {
  const serverTime = new Date(started + 3_600_000).toUTCString();
  const server = await serve(({ headers }) =>
    headers['x-amz-date'] === '20260101T010000Z'
      ? { body: '{}' }
      : { status: 403, headers: { date: serverTime }, body: '{"message":"Signature expired"}' },
  );
  const { client } = await authRig(auth, { baseUrl: server.origin });
  await client.send({ path: '/' });
  await client.send({ path: '/' });
  expect(server.requests.length).toBe(3);

  const always = await serve(() => ({ status: 403, headers: { date: serverTime }, body: '{}' }));
  const second = await authRig(auth, { baseUrl: always.origin });
  expect((await refused(second.client.getJson('/'))).code).toBe('PERMISSION_DENIED');
  expect(always.requests.length).toBe(2);
});
