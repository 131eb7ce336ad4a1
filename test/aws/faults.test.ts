import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { AwsEmulatorOptions } from '../emulators/aws/contract.ts';
import { type AwsConnection, connection, parsersOf, streamsOf } from './connection.ts';

async function scene(options: AwsEmulatorOptions = {}): Promise<AwsConnection> {
  const made = await connection({ bucketsPerAccount: 4, usersPerAccount: 3, rolesPerAccount: 2, ...options });
  onTestFinished(() => made.close());
  return made;
}

describe('AWS that denies, limits and fails', () => {
  it('leaves out what one bucket denies, counts it, and reads the others', async () => {
    const { emulator, aws, offline } = await scene();
    const [first, second, third] = emulator.truth.buckets;
    emulator.denyBucket(first?.name ?? '', 'tagging');
    emulator.denyBucket(second?.name ?? '');
    const answer = await aws('stream');
    const streams = streamsOf(answer);
    expect(streams['bucket_tag_sets']).toMatchObject({ status: 'complete', records: 6, skippedSlices: 2 });
    expect(streams['bucket_acls']).toMatchObject({ status: 'complete', records: 7, skippedSlices: 1 });
    expect(streams['iam_users']).toMatchObject({ status: 'complete', records: 6 });
    const parsed = await offline('parse');
    expect(parsed.code, parsed.stderr).toBe(0);
    const shown = (await offline('show CloudResource')).lines();
    const of = (name: string | undefined) => shown.find((resource) => resource.name === name);
    // What may not be read is not known: that is something else than what is not set.
    expect(of(second?.name)).toMatchObject({ isPublic: null, isEncrypted: null, tags: {}, region: second?.region });
    expect(of(third?.name).isEncrypted).not.toBeNull();

    // A bucket that is gone is archived, though some settings of others may not be read.
    emulator.removeBucket(third?.name ?? '');
    await aws('stream');
    expect(parsersOf(await offline('parse'))['cloudResources'].entities).toMatchObject({ archived: 1 });
  }, 90_000);

  it('leaves out an account whose role cannot be assumed, and archives nothing of it', async () => {
    const { emulator, aws, offline } = await scene();
    await aws('stream');
    await offline('parse');
    const other = emulator.truth.accounts[1]?.id ?? '';
    emulator.deny(other, 'sts:AssumeRole');
    emulator.removeBucket(emulator.truth.buckets[0]?.name ?? '');
    const answer = await aws('stream');
    expect(streamsOf(answer)['buckets']).toMatchObject({ records: 3, skippedSlices: 1 });
    const { entities } = parsersOf(await offline('parse'))['cloudResources'];
    expect(entities).toMatchObject({ archived: 0 });

    const check = await aws('check');
    expect(check.code).toBe(4);
    const [role, buckets] = check.json().checks;
    expect(role.error.message).toContain(`arn:aws:iam::${other}:role/sassy-reader`);
    expect(role.error.fix ?? role.error.hint).toContain('sts:AssumeRole');
    expect(buckets.ok).toBe(false);
  }, 90_000);

  it('tells which permission is missing: in the own account it ends the stream, in another it is counted', async () => {
    const { emulator, aws } = await scene();
    const [own, other] = emulator.truth.accounts;
    emulator.deny(other?.id ?? '', 'iam:ListRoles');
    emulator.deny(own?.id ?? '', 'iam:ListUsers');
    emulator.denyBucket(
      emulator.truth.buckets
        .toSorted((a, b) => (a.name < b.name ? -1 : 1))
        .find(({ accountId }) => accountId === own?.id)?.name ?? '',
      'lifecycle',
    );
    const answer = await aws('stream');
    const { iam_users: users, iam_roles: roles } = streamsOf(answer);
    expect(users.error.code).toBe('PERMISSION_DENIED');
    expect(roles).toMatchObject({ status: 'complete', skippedSlices: 1, records: 2 });
    expect(answer.code).toBe(6);
    const check = await aws('check');
    const wrong = check.json().checks.filter(({ ok }: { ok: boolean }) => !ok);
    const messages: readonly string[] = wrong.map(({ error }: { error: { message: string } }) => error.message);
    expect(messages).toEqual([
      'iam:ListUsers is missing for own',
      `iam:ListRoles is missing for ${other?.role}`,
      expect.stringMatching(/^Missing on the bucket \S+: s3:GetLifecycleConfiguration$/),
    ]);
  }, 90_000);

  it('finds the regions of buckets that the list does not name', async () => {
    const { emulator, aws } = await scene({ namesRegions: false, bucketsPerAccount: 8 });
    const answer = await aws('stream --streams buckets,bucket_locations,bucket_acls', {
      SASSY_AWS__REGION: 'eu-west-1',
    });
    expect(answer.code, answer.stderr).toBe(0);
    expect(streamsOf(answer)['bucket_acls']).toMatchObject({ records: 16, status: 'complete' });
    const elsewhere = emulator.truth.buckets.filter(({ region }) => region !== 'eu-west-1');
    expect(elsewhere.length).toBeGreaterThan(3);
    // Two streams may ask at once for what neither knows yet.
    const redirects = emulator.requests.filter(({ status }) => status === 301).length;
    expect(redirects).toBeGreaterThanOrEqual(elsewhere.length);
    expect(redirects).toBeLessThanOrEqual(2 * elsewhere.length);
  }, 90_000);

  it('reads the buckets of some regions alone, and only the accounts of the roles', async () => {
    const { emulator, aws } = await scene({ bucketsPerAccount: 8 });
    const env = { SASSY_AWS__REGIONS: 'eu-west-1,us-east-1', SASSY_AWS__OWN_ACCOUNT: 'false' };
    const answer = await aws('stream --streams buckets', env);
    const other = emulator.truth.accounts[1]?.id;
    const expected = emulator.truth.buckets.filter(
      ({ region, accountId }) => accountId === other && ['eu-west-1', 'us-east-1'].includes(region),
    );
    expect(streamsOf(answer)['buckets']).toMatchObject({ slices: 2, records: expected.length });
  }, 90_000);

  it.each([
    ['SlowDown', 503],
    ['InternalError', 500],
    ['RequestTimeout', 400],
    ['ThrottlingException', 429],
  ])(
    'waits and asks again at %s (%i)',
    async (code, status) => {
      const { emulator, aws } = await scene();
      emulator.failNext({ match: /^s3 GET \/\?/ }, { status, code });
      const answer = await aws('stream --streams buckets');
      expect(answer.code, answer.stderr).toBe(0);
      expect(streamsOf(answer)['buckets']).toMatchObject({ records: 8, retries: 1 });
    },
    90_000,
  );

  it('keeps to a limit that comes as 503 and as 400', async () => {
    const { emulator, aws } = await scene({ rateLimit: { requests: 5, windowMs: 300 } });
    const answer = await aws('stream --streams buckets,bucket_acls,iam_users,iam_roles');
    expect(answer.code, answer.stderr).toBe(0);
    expect(streamsOf(answer)['bucket_acls']).toMatchObject({ records: 8 });
    expect(emulator.requests.map(({ status }) => status)).toContain(503);
  }, 90_000);

  it.each([
    [{ SASSY_AWS__SECRET_ACCESS_KEY: 'wrong' }, 'SignatureDoesNotMatch'],
    [{ SASSY_AWS__ACCESS_KEY_ID: 'AKIAWRONG' }, 'InvalidAccessKeyId'],
    [{ SASSY_AWS__SESSION_TOKEN: 'none' }, 'InvalidToken'],
  ])(
    'takes %o for a refused login',
    async (env, told) => {
      const { aws } = await scene({ accounts: 1 });
      const answer = await aws('stream --streams buckets', env);
      expect(answer.code).toBe(4);
      const { error } = streamsOf(answer)['buckets'];
      expect(error.code).toBe('LOGIN_REFUSED');
      expect(JSON.stringify(error)).toContain(told);
    },
    90_000,
  );

  it('writes no credential anywhere, its own or that of a role', async () => {
    const { emulator, aws, place } = await scene();
    const answer = await aws('stream --streams buckets,iam_users --verbose');
    expect(answer.code, answer.stderr).toBe(0);
    const written = [
      answer.stdout,
      answer.stderr,
      ...filesBelow(place.folder).map((file) => readFileSync(file, 'latin1')),
    ];
    for (const text of written) {
      expect(text).not.toContain(emulator.secretAccessKey);
      expect(text).not.toContain('FwoGZXIvYXdzE');
      expect(text).not.toContain('AWS4-HMAC-SHA256');
    }
  }, 90_000);
});

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesBelow(path) : [path];
  });
}
