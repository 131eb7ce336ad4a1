import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { placeOfHost } from '../../src/http/auth/aws-host.ts';
import { awsSigV4, type AwsRoleOptions } from '../../src/http/auth/aws-sig-v4.ts';
import { httpClient } from '../../src/http/client.ts';
import { xml } from '../../src/http/xml-body.ts';
import { isSassyError } from '../../src/errors/sassy-error.ts';
import type { HttpRequest, HttpResponse, PageRequest } from '../../src/model/http.ts';
import { Secret } from '../../src/util/secret.ts';
import { type AwsEmulator, startAwsEmulator } from '../emulators/aws/aws-emulator.ts';
import type { AwsEmulatorOptions } from '../emulators/aws/contract.ts';
import { after } from '../http/cleanup.ts';
import { virtualClock } from '../http/virtual-clock.ts';
import { type AuthRig, authRig, tempFolder } from './auth-rig.ts';

interface Config {
  readonly baseUrl: string;
}

/** The emulator verifies each signature by itself, on the same clock. */
async function rig(
  options: AwsEmulatorOptions = {},
  roles: AwsRoleOptions<Config> = {},
): Promise<AuthRig & { readonly emulator: AwsEmulator; readonly role: string; readonly folder: string }> {
  const clock = virtualClock();
  const emulator = await startAwsEmulator({ accounts: 3, now: () => clock.host.clock.now(), ...options });
  after(() => emulator.close());
  const auth = awsSigV4<Config>({
    credentials: () => ({
      accessKeyId: emulator.accessKeyId,
      secretAccessKey: new Secret(emulator.secretAccessKey),
    }),
    roles,
  });
  const folder = tempFolder();
  const made = await authRig(auth, { baseUrl: emulator.url }, { clock, folder });
  return { ...made, emulator, role: emulator.roles[0] ?? '', folder };
}

const whoAmI = (as?: string): PageRequest => ({
  host: 'sts.us-east-1.amazonaws.com',
  path: '/',
  method: 'POST',
  form: { Action: 'GetCallerIdentity', Version: '2011-06-15' },
  idempotent: true,
  ...(as === undefined ? {} : { as }),
});

function assumed(emulator: AwsEmulator): number {
  return emulator.requests.filter(({ action, status }) => action === 'AssumeRole' && status === 200).length;
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'none';
  } catch (error) {
    return isSassyError(error) ? error.code : String(error);
  }
}

test('each role is assumed once for all requests that wait for it, and nothing of it reaches the disk', async () => {
  const { client, emulator, learned, folder } = await rig();
  const identities = [undefined, ...emulator.roles];
  const asked = identities.flatMap((as) => Array.from({ length: 5 }, () => client.send(whoAmI(as), xml())));
  const accounts = (await Promise.all(asked)).map(({ bytes }) => /<Account>(\d+)</.exec(bytes.toString('utf8'))?.[1]);
  expect(accounts).toEqual(emulator.truth.accounts.flatMap(({ id }) => Array.from({ length: 5 }, () => id)));
  expect(assumed(emulator)).toBe(2);
  // Both halves of both roles' credentials are known to the redaction before they are used.
  expect(learned).toHaveLength(4);
  expect(existsSync(folder)).toBe(false);
});

test('the credentials are renewed before they run out, and when the service says that they have', async () => {
  const { client, emulator, clock, role } = await rig({ sessionSeconds: 3600 });
  await client.send(whoAmI(role), xml());
  await clock.host.clock.sleep(3000_000);
  await client.send(whoAmI(role), xml());
  expect(assumed(emulator)).toBe(1);
  await clock.host.clock.sleep(300_000);
  await client.send(whoAmI(role), xml());
  expect(assumed(emulator)).toBe(2);

  emulator.expireSessions();
  const again = await Promise.all([1, 2, 3].map(() => client.send(whoAmI(role), xml())));
  expect(again.map(({ status }) => status)).toEqual([200, 200, 200]);
  expect(assumed(emulator)).toBe(3);
});

test('a role that may not be assumed is a missing permission, or a part that is left out', async () => {
  for (const [ifDenied, code] of [
    ['fail', 'PERMISSION_DENIED'],
    ['skip', 'SLICE_SKIPPED'],
  ] as const) {
    const { client, emulator } = await rig({ externalId: 'e-1' }, { ifDenied, externalId: () => 'another' });
    expect(await codeOf(client.send(whoAmI(emulator.roles[0]), xml()))).toBe(code);
  }
  const right = await rig({ externalId: 'e-1' }, { externalId: () => 'e-1', sessionName: 'nightly' });
  const { bytes } = await right.client.send(whoAmI(right.role), xml());
  expect(bytes.toString('utf8')).toContain(':assumed-role/sassy-reader/nightly<');
});

test('STS that limits or fails for a moment is asked again', async () => {
  const { client, emulator, role } = await rig();
  emulator.failNext({ match: /^sts AssumeRole/ }, { status: 400, code: 'Throttling' });
  emulator.failNext({ match: /^sts AssumeRole/ }, { status: 503, code: 'ServiceUnavailable' });
  await client.send(whoAmI(role), xml());
  expect(assumed(emulator)).toBe(1);
});

test('a login that assumes no roles says so', async () => {
  const { clock } = await rig();
  const auth = awsSigV4<Config>({ credentials: () => ({ accessKeyId: 'AKIA1', secretAccessKey: 'x' }) });
  const { client } = await authRig(auth, { baseUrl: 'http://127.0.0.1:9' }, { clock });
  expect(await codeOf(client.send(whoAmI('arn:aws:iam::1:role/x'), xml()))).toBe('DEFINITION');
  expect(await codeOf(client.send({ path: '/' }))).toBe('DEFINITION');
});

describe('a bucket of another region', () => {
  // us-east-1 says it with 400 AuthorizationHeaderMalformed, all others with 301.
  test.each([
    ['us-east-1', 400],
    ['eu-central-1', 301],
  ])('that is sought in %s is followed, and found at once the next time', async (home, refusal) => {
    const { client, emulator } = await rig({ bucketsPerAccount: 20 });
    const [own] = emulator.truth.accounts;
    const bucket = emulator.truth.buckets.find(({ region, accountId }) => region !== home && accountId === own?.id);
    const page = { host: `s3.${home}.amazonaws.com`, path: `/${bucket?.name}?acl` };
    await client.send(page, xml());
    await client.send(page, xml());
    expect(emulator.requests.map(({ region, status }) => [region, status])).toEqual([
      [home, refusal],
      [bucket?.region, 200],
      [bucket?.region, 200],
    ]);
  });

  const redirect = (region: string): HttpResponse => ({
    status: 301,
    headers: { 'x-amz-bucket-region': region },
    body: Buffer.from('<Error><Code>PermanentRedirect</Code></Error>'),
  });

  async function sent(region: string): Promise<readonly [requests: readonly HttpRequest[], code: string]> {
    const requests: HttpRequest[] = [];
    const client = httpClient<object>({
      settings: {
        baseUrl: 'https://sts.amazonaws.com',
        hosts: [{ host: 's3.{region}.amazonaws.com', login: true }],
        auth: awsSigV4({ credentials: () => ({ accessKeyId: 'AKIA1', secretAccessKey: 'x' }) }),
      },
      title: 'AWS',
      config: {},
      host: virtualClock().host,
      transport: async (request) => {
        requests.push(request);
        return requests.length === 1 ? redirect(region) : { status: 200, headers: {}, body: Buffer.from('<A/>') };
      },
    });
    return [requests, await codeOf(client.send({ host: 's3.us-east-1.amazonaws.com', path: '/b?acl' }, xml()))];
  }

  test('is asked at its own host, where the egress rule has that', async () => {
    const [requests, code] = await sent('eu-west-1');
    expect(code).toBe('none');
    expect(requests.map(({ url }) => url)).toEqual([
      'https://s3.us-east-1.amazonaws.com/b?acl',
      'https://s3.eu-west-1.amazonaws.com/b?acl',
    ]);
    expect(requests[1]?.headers['authorization']).toContain('/eu-west-1/s3/aws4_request');
  });

  test.each(['evil.example.com/x', 'eu-west-1.evil', '', 'us-east-1', 'EU'])('is not sought at %j', async (region) => {
    const [requests, code] = await sent(region);
    expect([requests.length, code]).toEqual([1, 'API_REFUSED']);
  });
});

test.each([
  ['s3.eu-west-1.amazonaws.com', 's3', 'eu-west-1'],
  ['s3.amazonaws.com', 's3', 'us-east-1'],
  ['s3-eu-west-1.amazonaws.com', 's3', 'eu-west-1'],
  ['b.s3-us-west-2.amazonaws.com', 's3', 'us-west-2'],
  ['a.b.s3.dualstack.us-gov-west-1.amazonaws.com', 's3', 'us-gov-west-1'],
  ['s3.cn-north-1.amazonaws.com.cn', 's3', 'cn-north-1'],
  ['iam.amazonaws.com', 'iam', 'us-east-1'],
  ['iam.us-gov.amazonaws.com', 'iam', 'us-gov-west-1'],
  ['iam.cn-north-1.amazonaws.com.cn', 'iam', 'cn-north-1'],
  ['sts.eu-central-1.amazonaws.com', 'sts', 'eu-central-1'],
  ['abc.execute-api.eu-west-1.amazonaws.com', 'execute-api', 'eu-west-1'],
])('%s is %s in %s', (host, service, region) => {
  expect(placeOfHost(host)).toEqual({ service, region });
});

test.each(['example.com', 'amazonaws.com', 'eu-west-1.amazonaws.com.evil.com'])('%s is no host of Amazon', (host) => {
  expect(placeOfHost(host)).toBeUndefined();
});
