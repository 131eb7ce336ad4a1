import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AwsConnection, byId, connection, live, parsersOf, streamsOf } from './connection.ts';
import { expectedPeople, expectedResources, expectedS3Buckets } from './expected-entities.ts';

/** By hand: `AWS_TEST_BUCKETS=350 AWS_TEST_FAULTS=1 vitest run test/aws/end-to-end.test.ts` makes some 10,000 records. */
const BUCKETS = Number(process.env['AWS_TEST_BUCKETS'] ?? 12);
const FAULTS = process.env['AWS_TEST_FAULTS'] !== undefined;
const USERS = Math.max(25, BUCKETS);
const ROLES = 15;
const ACCOUNTS = 3;
const SETTINGS = 9;

/** Every step goes on from the one before, as a user's day does. */
describe('AWS from check to restream, against the emulator', () => {
  let rig: AwsConnection;
  beforeAll(async () => {
    rig = await connection({
      accounts: ACCOUNTS,
      bucketsPerAccount: BUCKETS,
      usersPerAccount: USERS,
      rolesPerAccount: ROLES,
      mostPerPage: 10,
      ...(FAULTS ? { rateLimit: { requests: 300, windowMs: 1000 } } : {}),
    });
    if (FAULTS) {
      const { emulator } = rig;
      for (let skip = 5; skip < 1000; skip += 200) {
        emulator.failNext({ match: /^s3/, skip }, { reset: true });
        emulator.failNext({ match: /^s3/, skip: skip + 40 }, { truncate: 30 });
        emulator.failNext({ match: /^s3/, skip: skip + 80 }, { status: 500, code: 'InternalError' });
        emulator.failNext({ match: /^s3/, skip: skip + 120 }, { status: 503, code: 'SlowDown' });
        emulator.failNext(
          { match: /^s3 GET \/[^?]/, skip: skip + 160 },
          { status: 200, rawBody: '<html><body>Sorry</body></html>' },
        );
      }
      emulator.failNext({ match: /^iam/, skip: 3 }, { status: 400, code: 'Throttling' });
      emulator.failNext({ match: /^sts/, skip: 1 }, { status: 400, code: 'Throttling' });
    }
  }, 60_000);
  afterAll(() => rig.close());

  it('check: the key works, every role can be assumed, and every permission is there', async () => {
    const answer = await rig.aws('check');
    expect(answer.code, answer.stderr).toBe(0);
    expect(answer.json().checks).toHaveLength(5);
    expect(answer.json().streams.every(({ readable }: { readable: boolean }) => readable)).toBe(true);
  }, 600_000);

  it('stream: every account, bucket, setting, user and role arrives', async () => {
    rig.emulator.clearRequests();
    const started = performance.now();
    const answer = await rig.aws('stream');
    expect(answer.code, answer.stderr).toBe(0);
    const { accounts, buckets, iam_users: users, iam_roles: roles, ...settings } = streamsOf(answer);
    expect(accounts).toMatchObject({ status: 'complete', records: ACCOUNTS });
    expect(buckets).toMatchObject({ status: 'complete', records: ACCOUNTS * BUCKETS });
    expect(users).toMatchObject({ status: 'complete', records: ACCOUNTS * USERS });
    expect(roles).toMatchObject({ status: 'complete', records: ACCOUNTS * ROLES + 2 });
    expect(Object.keys(settings)).toHaveLength(SETTINGS);
    for (const setting of Object.values(settings)) {
      expect(setting).toMatchObject({ status: 'complete', records: ACCOUNTS * BUCKETS });
    }
    if (FAULTS) report(answer, started);
    const own = rig.emulator.requests.filter(({ accountId }) => accountId === rig.emulator.truth.accounts[0]?.id);
    expect(own.filter(({ action }) => action === 'AssumeRole').length).toBeLessThanOrEqual(ACCOUNTS);
    // Each bucket is asked for in its own region at once, since the list names it.
    expect(rig.emulator.requests.filter(({ status }) => status === 301)).toEqual([]);
    if (!FAULTS) expect(rig.emulator.requests.filter(({ status }) => status === 400)).toEqual([]);
  }, 600_000);

  it('parse: what the truth comes to, field by field, without network or secret', async () => {
    const answer = await rig.offline('parse');
    expect(answer.code, answer.stderr).toBe(0);
    for (const parser of Object.values(parsersOf(answer))) expect(parser.quarantined).toBe(0);
    await expectEntities();
  }, 600_000);

  it('shows records as their XML has them, what is not configured too', async () => {
    const shown = (await rig.offline('show bucket_tag_sets')).lines();
    const tagged = rig.emulator.truth.buckets.find(({ tags }) => tags?.length === 3);
    expect(shown.find(({ bucket }) => bucket === tagged?.name)).toMatchObject({
      configured: true,
      TagSet: { Tag: tagged?.tags?.map(({ key, value }) => ({ Key: key, Value: value })) },
    });
    const bare = rig.emulator.truth.buckets.find(({ tags }) => tags === undefined);
    expect(shown.find(({ bucket }) => bucket === bare?.name)).toMatchObject({
      configured: false,
      Code: 'NoSuchTagSet',
    });
  });

  it('stream again after changes: what was changed, added and removed is seen', async () => {
    const { emulator } = rig;
    emulator.changeBuckets(5);
    emulator.addBuckets(2, 1);
    emulator.addUsers(3, 2);
    const [gone] = emulator.truth.buckets.slice(-5);
    const [left] = emulator.truth.users;
    emulator.removeBucket(gone?.name ?? '');
    emulator.removeUser(left?.arn ?? '');
    const answer = await rig.aws('stream');
    expect(answer.code, answer.stderr).toBe(0);
    const { cloudResources, s3Buckets, people } = parsersOf(await rig.offline('parse'));
    expect(cloudResources.entities).toMatchObject({ added: 2, archived: 1 });
    expect(s3Buckets.entities).toMatchObject({ added: 2, changed: 5, archived: 1 });
    expect(people.entities).toMatchObject({ added: 3, changed: 0, archived: 1 });
    await expectEntities();
  }, 600_000);

  it('restream: the same again, and not one request', async () => {
    rig.emulator.clearRequests();
    const answer = await rig.offline('restream');
    expect(answer.code, answer.stderr).toBe(0);
    expect(rig.emulator.requests).toEqual([]);
    for (const { entities } of Object.values(parsersOf(answer)))
      expect(entities).toMatchObject({ added: 0, changed: 0 });
    await expectEntities();
  }, 600_000);

  async function expectEntities(): Promise<void> {
    const { truth } = rig.emulator;
    const shown = async (name: string): Promise<object> => byId(live((await rig.offline(`show ${name}`)).lines()));
    expect(await shown('CloudResource')).toEqual(byId(expectedResources(truth)));
    expect(await shown('S3Bucket')).toEqual(byId(expectedS3Buckets(truth)));
    expect(await shown('Person')).toEqual(byId(expectedPeople(truth)));
  }

  /** Figures of the run by hand. */
  function report(answer: Awaited<ReturnType<AwsConnection['aws']>>, started: number): void {
    const streams = Object.values(streamsOf(answer));
    const sum = (name: string): number => streams.reduce((total, stream) => total + (stream[name] ?? 0), 0);
    process.stderr.write(
      `stream: ${sum('records')} records, ${sum('requests')} requests, ${sum('retries')} retries, ${Math.round((performance.now() - started) / 1000)} s\n`,
    );
  }
});
