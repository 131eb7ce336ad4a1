import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { awsErrorCode } from '../../src/http/aws-verdict.ts';
import { xml } from '../../src/http/xml-body.ts';
import { type CliAnswer, runCli, workspace } from '../support/cli.ts';
import { streamsOf } from './connection.ts';
import {
  listIn,
  type Reading,
  type RecordedCall,
  readings,
  recordedCalls,
  recordedWire,
  SETTINGS,
} from './recorded.ts';
import { replayServer } from './replay-server.ts';
import { type Data, wire } from './wire-xml.ts';

const FOLDER = resolve(import.meta.dirname, '../../../shared/data/aws');
const isThere = existsSync(FOLDER);
const files: ReadonlyMap<string, readonly RecordedCall[]> = isThere ? recordedCalls(FOLDER) : new Map();
const all: readonly Reading[] = [...files].flatMap(([file, calls]) => readings(file, calls));
const model = wire(join(FOLDER, 'botocore'));

const STREAMS: Readonly<Record<string, string>> = {
  location: 'bucket_locations',
  tagging: 'bucket_tag_sets',
  encryption: 'bucket_encryption',
  publicAccessBlock: 'bucket_public_access',
  acl: 'bucket_acls',
  versioning: 'bucket_versioning',
  lifecycle: 'bucket_lifecycle',
};

const LISTS = [
  ['ListBuckets', 'Buckets', 'buckets'],
  ['ListUsers', 'Users', 'iam_users'],
  ['ListRoles', 'Roles', 'iam_roles'],
] as const;

interface Replayed {
  readonly roles: readonly string[];
  aws(args: string): Promise<CliAnswer>;
  /** All records of a stream, by the role that they were read with. */
  shown(stream: string): Promise<ReadonlyMap<string, readonly Data[]>>;
}

async function replayed(apart: boolean): Promise<Replayed> {
  const place = workspace();
  const server = await replayServer(all, model, apart);
  onTestFinished(async () => {
    await server.close();
    place.remove();
  });
  const env = {
    SASSY_AWS__ACCESS_KEY_ID: 'AKIAREPLAY',
    SASSY_AWS__SECRET_ACCESS_KEY: 'a-secret-key',
    SASSY_AWS__OWN_ACCOUNT: 'false',
    SASSY_AWS__ROLES: server.roles.join(','),
    SASSY_AWS__BASE_URL: server.url,
  };
  const aws: Replayed['aws'] = (args) =>
    runCli(['run', 'aws', ...args.split(' '), '--json'], { cwd: place.folder, env });
  const shown: Replayed['shown'] = async (stream) =>
    Map.groupBy((await aws(`show ${stream} --all`)).lines(), ({ as }) => String(as));
  return { roles: server.roles, aws, shown };
}

/** Shown where the recordings are not: they are no part of the package. */
describe.skipIf(!isThere)('real traffic (skipped where ../shared/data/aws is missing)', () => {
  it('reads every recorded list, and what is in it is found again', async () => {
    const { aws, shown, roles } = await replayed(false);
    const answer = await aws('stream --streams accounts,buckets,iam_users,iam_roles');
    for (const stream of Object.values(streamsOf(answer))) expect(stream).toMatchObject({ status: 'complete' });
    for (const [operation, list, stream] of LISTS) {
      const records = await shown(stream);
      for (const [index, { file, lists }] of all.entries()) {
        const found = records.get(roles[index] ?? '') ?? [];
        const element = { [list]: list === 'Buckets' ? { Bucket: found } : { member: found } };
        const expected = listIn(lists.get(operation), list);
        expect(sorted(listIn(model.fromXml(operation, element), list)), file).toEqual(sorted(expected));
      }
    }
    const parsed = await aws('parse');
    expect(parsed.code, parsed.stderr).toBe(0);
    for (const parser of parsed.json().parsers) expect(parser.quarantined).toBe(0);
    const recorded = (operation: string, list: string): readonly Data[] =>
      all.flatMap(({ lists }) => listIn(lists.get(operation), list));
    const resources = (await aws('show CloudResource')).lines();
    const kept = (kind: string): Set<unknown> =>
      new Set(resources.filter((resource) => resource.kind === kind).map(({ name }) => name));
    expect(kept('s3.bucket')).toEqual(new Set(recorded('ListBuckets', 'Buckets').map(({ Name }) => Name)));
    expect(kept('iam.role')).toEqual(new Set(recorded('ListRoles', 'Roles').map(({ RoleName }) => RoleName)));
    // Several of the recorded accounts have a bucket of this name.
    const created = resources.filter(({ name }) => name === 'mypublicblock').map(({ createdAt }) => createdAt);
    expect(created).toContain('2020-04-09T02:14:46+00:00');
    const people = (await aws('show Person')).lines();
    expect(new Set(people.map(({ id }) => id))).toEqual(new Set(recorded('ListUsers', 'Users').map(({ Arn }) => Arn)));
  }, 300_000);

  it('reads every recorded setting of a bucket, with every field, and the errors that say there is none', async () => {
    const { aws, shown, roles } = await replayed(true);
    const answer = await aws(`stream --streams ${Object.values(STREAMS).join(',')}`);
    for (const stream of Object.values(streamsOf(answer))) expect(stream).toMatchObject({ status: 'complete' });
    let count = 0;
    for (const [subResource, stream] of Object.entries(STREAMS)) {
      const operation = SETTINGS[subResource] ?? '';
      const records = await shown(stream);
      for (const [index, { file, settings }] of all.entries()) {
        const found = records.get(roles[index] ?? '') ?? [];
        const expected = [...settings].filter(([key]) => key.endsWith(` ${operation}`));
        expect(found.length, `${file} ${operation}`).toBe(expected.length);
        for (const [key, call] of expected) {
          const record = found.find(({ bucket }) => key === `${String(bucket).replace(/^r\d+\./, '')} ${operation}`);
          const { ResponseMetadata: _meta, TransitionDefaultMinimumObjectSize: _header, ...data } = call.data;
          count += 1;
          if (call.status >= 300) expect(record).toMatchObject({ configured: false, ...asData(data['Error']) });
          else if (operation !== 'GetBucketLocation') expect(model.fromXml(operation, record), key).toEqual(data);
          else expect(record).toMatchObject({ LocationConstraint: data['LocationConstraint'] ?? '' });
        }
      }
    }
    expect(count).toBe([...files.values()].flat().filter(({ operation }) => operation.startsWith('Get')).length);
    const parsed = await aws('parse');
    expect(parsed.code, parsed.stderr).toBe(0);
    for (const parser of parsed.json().parsers) expect(parser.quarantined).toBe(0);
    const resources = (await aws('show CloudResource')).lines();
    const named = (end: string): unknown => resources.find(({ name }) => name.endsWith(end));
    expect(named('.c7n-bucket-without-encryption')).toMatchObject({ isEncrypted: false });
    // A group may write by its ACL, and there is no block of public access to be read.
    expect(named('.custodian-testing-grants')).toMatchObject({ isPublic: null });
  }, 300_000);

  it('reads every body of XML that came over the wire, and the code of each error', () => {
    const format = xml({ arrays: ['Contents', 'item', 'Bucket'] });
    const bodies = recordedWire(FOLDER).filter(
      ({ body }) => typeof body === 'string' && body.trimStart().startsWith('<'),
    );
    expect(bodies.length).toBeGreaterThan(40);
    for (const { file, status, headers, body } of bodies) {
      const bytes = Buffer.from(String(body));
      const read = format.parse(bytes);
      expect(Object.keys(asData(read)), file).toHaveLength(1);
      if (status >= 400) expect(awsErrorCode({ status, headers, body: bytes }), file).toMatch(/^[A-Z]\w+$/);
    }
    const regions = bodies.find(({ file }) => file.endsWith('/regions.json'));
    const { DescribeRegionsResponse: answer } = asData(format.parse(Buffer.from(String(regions?.body))));
    expect(listIn(asData(asData(answer)['regionInfo']), 'item').length).toBe(17);
  });

  it('reads the lists of buckets that others wrote by hand', () => {
    const format = xml({ arrays: ['Bucket'] });
    const names = ['list_containers.xml', 'list_containers_empty.xml'].map((name) => {
      const { ListAllMyBucketsResult: answer } = asData(
        format.parse(readFileSync(join(FOLDER, 'libcloud-s3-xml', name))),
      );
      return listIn(asData(asData(answer)['Buckets']), 'Bucket').map(({ Name }) => Name);
    });
    expect(names).toEqual([['test1', 'test2'], []]);
  });
});

function sorted(list: readonly Data[]): readonly Data[] {
  return list.toSorted((a, b) => (JSON.stringify(keyOf(a)) < JSON.stringify(keyOf(b)) ? -1 : 1));
}

function keyOf({ Name, Arn }: Data): unknown {
  return Name ?? Arn;
}

function asData(value: unknown): Data {
  return isData(value) ? value : {};
}

function isData(value: unknown): value is Data {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
