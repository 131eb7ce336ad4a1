import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Data } from './wire-xml.ts';

/** What an SDK handed to its user, recorded: no bytes of the wire. */
export interface RecordedCall {
  readonly service: string;
  readonly operation: string;
  readonly status: number;
  readonly data: Data;
}

/** One recorded exchange of the wire. */
export interface RecordedExchange {
  readonly file: string;
  readonly method: string;
  readonly url: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** Sub-resource → the operation that asks for it. */
export const SETTINGS: Readonly<Record<string, string>> = {
  location: 'GetBucketLocation',
  tagging: 'GetBucketTagging',
  encryption: 'GetBucketEncryption',
  publicAccessBlock: 'GetPublicAccessBlock',
  policyStatus: 'GetBucketPolicyStatus',
  acl: 'GetBucketAcl',
  versioning: 'GetBucketVersioning',
  logging: 'GetBucketLogging',
  lifecycle: 'GetBucketLifecycleConfiguration',
};

/** One reading of a recorded file: what an account that is as the recording says answers to each request. */
export interface Reading {
  readonly file: string;
  readonly lists: ReadonlyMap<string, Data>;
  /** `<bucket> <operation>` → the answer. */
  readonly settings: ReadonlyMap<string, RecordedCall>;
}

/** Calls by file, in the order of the files; what changes something, or asks for what no stream asks for, stays out. */
export function recordedCalls(folder: string): ReadonlyMap<string, readonly RecordedCall[]> {
  const wanted = new Set(['ListBuckets', 'ListUsers', 'ListRoles', ...Object.values(SETTINGS)]);
  const files = jsonFiles(join(folder, 'custodian-placebo')).map((name) => {
    const calls: readonly RecordedCall[] = JSON.parse(readFileSync(join(folder, 'custodian-placebo', name), 'utf8'));
    return [`custodian-placebo/${name}`, calls.filter(({ operation }) => wanted.has(operation))] as const;
  });
  return new Map(files.filter(([, calls]) => calls.length > 0));
}

/** A file as so many readings that each of its answers is given once: a bucket is asked for each setting once a reading. */
export function readings(file: string, calls: readonly RecordedCall[]): readonly Reading[] {
  const of = (operation: string): readonly RecordedCall[] => calls.filter((call) => call.operation === operation);
  const lists = ['ListBuckets', 'ListUsers', 'ListRoles'];
  const settings = Object.values(SETTINGS).map((operation) => of(operation));
  // A file without a list of buckets still has their settings: the list is then ours.
  const first = of('ListBuckets')[0]?.data;
  const names = first === undefined ? ['recorded-bucket'] : bucketNames(first);
  const rounds = Math.max(
    ...lists.map((operation) => of(operation).length),
    ...settings.map((answers) => Math.ceil(answers.length / Math.max(1, names.length))),
  );
  return Array.from({ length: rounds }, (_, round) => {
    const own = of('ListBuckets')[Math.min(round, of('ListBuckets').length - 1)]?.data;
    const present = own === undefined ? names : bucketNames(own);
    const made = settings.flatMap((answers) =>
      answers.slice(round * names.length, (round + 1) * names.length).map((answer, index) => {
        return [`${present[index] ?? present[0]} ${answer.operation}`, answer] as const;
      }),
    );
    const listed = lists.flatMap((operation) => {
      const found = of(operation)[round]?.data ?? (operation === 'ListBuckets' && made.length > 0 ? own : undefined);
      return found === undefined ? [] : [[operation, found] as const];
    });
    const buckets = { Buckets: names.map((Name) => ({ Name, CreationDate: '2020-01-01T00:00:00.000Z' })) };
    const synthetic = first === undefined && made.length > 0 ? [['ListBuckets', buckets] as const] : [];
    return { file, lists: new Map<string, Data>([...listed, ...synthetic]), settings: new Map(made) };
  });
}

export function listIn(data: Data | undefined, name: string): readonly Data[] {
  const list = data?.[name];
  return Array.isArray(list) ? list : [];
}

function bucketNames(data: Data): readonly string[] {
  return listIn(data, 'Buckets')
    .map(({ Name }) => String(Name))
    .toSorted();
}

/** The exchanges of the wire: objects of S3, and EC2. */
export function recordedWire(folder: string): readonly RecordedExchange[] {
  return ['go-cloud-replay', 'manageiq-ec2-vcr'].flatMap((source) =>
    jsonFiles(join(folder, source)).flatMap((name) => {
      const stored: readonly Omit<RecordedExchange, 'file'>[] = JSON.parse(
        readFileSync(join(folder, source, name), 'utf8'),
      );
      return stored.map((exchange) => ({ ...exchange, file: `${source}/${name}` }));
    }),
  );
}

function jsonFiles(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .toSorted();
}
