import { strict as assert } from 'node:assert';
import { z } from 'zod';
import { isSassyError } from '../../src/errors/sassy-error.ts';
import { httpSource } from '../../src/integration/http-source.ts';
import type { Manifest } from '../../src/model/manifest.ts';
import type { StreamDefinition } from '../../src/model/stream.ts';
import { bodyCursor } from '../../src/pagination/body-cursor.ts';
import { connectionPaths } from '../../src/runtime/connection.ts';
import type { OnlineContext } from '../../src/runtime/run-context.ts';
import { runStreams } from '../../src/runtime/stream-run.ts';
import { readableListing } from '../../src/runtime/stream-listing.ts';
import { fileBlobStore } from '../../src/store/file-blob-store.ts';
import { acquireLock } from '../../src/store/lock.ts';
import { openRawStream, type RawStream } from '../../src/store/raw-stream.ts';
import type { Host } from '../../src/util/host.ts';
import { fateOf } from '../store/crash-sequence.ts';
import { seededRandom, type SeededRandom } from '../store/seeded-random.ts';
import { DeadProcess, simDisk } from '../store/sim-fs.ts';
import { simMachine } from '../store/sim-host.ts';
import { modelApi, type ModelApi } from './model-api.ts';

const PATHS = connectionPaths('/data', 'model', 'model');
const LOOK_BACK_MS = 10 * 60_000;

export interface StreamOutcome {
  readonly crashes: number;
  readonly stops: number;
  readonly commits: number;
  readonly versions: number;
  readonly requests: number;
}

/**
 * Runs of the whole stream path on one simulated disk against one service that changes while it is read: killed, without
 * power, on a full or failing disk, stopped by signals and by page limits, refused and cut off by the service. At last one
 * run without trouble. Throws when a newest version is not stored, when any version is stored twice, when the last listing
 * is not the truth, or when files are left over.
 */
export async function runStreamSequence(seed: number): Promise<StreamOutcome> {
  const random = seededRandom(seed);
  const disk = simDisk(random.fork());
  const machine = simMachine('a', random.fork());
  const sorted = random.chance(0.5);
  const expired = random.pick([0, 0, 0.1]);
  const unavailable = random.pick([0, 0.02, 0.1]);
  const api = modelApi(random.fork(), { sorted, lateMs: LOOK_BACK_MS / 2, unavailable, expired });
  const manifest = manifestOf(sorted);
  const counts = { crashes: 0, stops: 0 };
  const lives = 4 + random.int(4);
  for (let life = 0; life < lives; life += 1) {
    // Two calm runs: the first finishes what others began, as of when they did; the second sees what changed since.
    const last = life >= lives - 2;
    if (last) api.calm();
    const process = disk.start(last ? () => 'ok' : fateOf(random.fork()));
    const host = withClock(machine.host(process), random.fork());
    try {
      await oneRun(host, manifest, api, random.fork(), { last, isSecondCalm: life === lives - 1 }, counts);
    } catch (error) {
      if (last || !isExpected(error)) throw error;
      counts.crashes += 1;
    }
    if (!last && random.chance(0.4)) disk.powerOff();
    process.kill();
    machine.reboot();
  }
  const reader = fileBlobStore(machine.host(disk.start(() => 'ok')), PATHS.root);
  const found = await check(
    api,
    await openRawStream(reader, 'orgs'),
    await openRawStream(reader, 'issues'),
    disk.files(),
  );
  return { ...counts, ...found, requests: api.requests };
}

/** Runs many sequences; an error names the seed that brings it back. */
export async function runStreamSequences(from: number, count: number): Promise<StreamOutcome> {
  const total = { crashes: 0, stops: 0, commits: 0, versions: 0, requests: 0 };
  for (let seed = from; seed < from + count; seed += 1) {
    try {
      const outcome = await runStreamSequence(seed);
      total.crashes += outcome.crashes;
      total.stops += outcome.stops;
      total.commits += outcome.commits;
      total.versions += outcome.versions;
      total.requests += outcome.requests;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new Error(`stream sequence with seed ${seed}: ${why}`, { cause: error });
    }
  }
  return total;
}

async function oneRun(
  host: Host,
  manifest: Manifest,
  api: ModelApi,
  random: SeededRandom,
  { last, isSecondCalm }: { readonly last: boolean; readonly isSecondCalm: boolean },
  counts: { stops: number },
): Promise<void> {
  const lock = await acquireLock(host, PATHS.folder, { command: 'stream', runId: 'run' });
  const stop = new AbortController();
  const stopAt = !last && random.chance(0.2) ? random.int(20) : Infinity;
  let requests = 0;
  api.onRequest = () => {
    requests += 1;
    if (requests > stopAt) stop.abort(new Error('stopped'));
  };
  const context: OnlineContext = {
    host,
    manifest,
    connection: 'model',
    paths: PATHS,
    blobs: fileBlobStore(host, PATHS.root),
    runId: 'run',
    signal: stop.signal,
    progress: () => undefined,
    config: {},
    client: () => api.http,
  };
  const outcomes = await runStreams(context, lock, {
    only: undefined,
    full: false,
    since: undefined,
    maxPages: !last && random.chance(0.2) ? 1 + random.int(6) : undefined,
    concurrency: 1 + random.int(4),
  });
  for (const { error, result } of outcomes) {
    if (error === undefined) continue;
    // Organisations listed by an earlier run may all be gone; the run after lists anew.
    if (isSassyError(error, 'API_REFUSED') && !isSecondCalm) continue;
    if (last || !(isExpected(error) || stop.signal.aborted)) throw error;
    if (isSassyError(error) && result.status !== 'failed') counts.stops += 1;
    else if (!stop.signal.aborted) throw error;
  }
  if (last || random.chance(0.5)) await lock.release();
}

function isExpected(error: unknown): boolean {
  if (error instanceof DeadProcess) return true;
  return (
    isSassyError(error) &&
    ['DISK_FULL', 'DATA_DIR', 'API_UNAVAILABLE', 'PAGE_EXPIRED', 'PARENT_NOT_READ'].includes(error.code)
  );
}

async function check(
  api: ModelApi,
  orgs: RawStream,
  issues: RawStream,
  files: readonly string[],
): Promise<{ readonly commits: number; readonly versions: number }> {
  const listing = readableListing((await orgs.state()) ?? { slices: {} });
  const listed: unknown[] = [];
  for await (const page of orgs.pages(listing === undefined ? {} : { listing: listing.number }))
    listed.push(...recordsOf(page.body, undefined));
  const ids = listed.map((record) => idOf(record)).sort();
  assert.deepEqual(ids, api.orgs(), 'the last listing is not the truth');

  const stored = new Map<number, number>();
  for await (const page of issues.pages()) {
    for (const record of recordsOf(page.body, page.known)) {
      const seq = Number(Object(record)['seq']);
      stored.set(seq, (stored.get(seq) ?? 0) + 1);
    }
  }
  const missing = [...api.truth().values()].filter(({ seq }) => !stored.has(seq));
  assert.deepEqual(missing, [], `${missing.length} rows are missing`);
  const doubled = [...stored].filter(([, times]) => times > 1);
  assert.deepEqual(doubled, [], `${doubled.length} versions are stored twice`);

  const named: string[] = [];
  for (const [name, stream] of [
    ['orgs', orgs],
    ['issues', issues],
  ] as const) {
    for await (const { number, segments, index } of stream.commits()) {
      named.push(`${PATHS.root}/raw/${name}/commits/${String(number).padStart(8, '0')}.json`);
      for (const { id } of [...segments, ...(index === undefined ? [] : [index])])
        named.push(`${PATHS.root}/raw/${name}/segments/${id}.jsonl.zst`);
    }
  }
  const raw = files.filter((file) => file.includes('/raw/'));
  assert.deepEqual(raw.toSorted(), [...new Set(named)].sort(), 'files are left over, or missing');
  return { commits: (orgs.head?.number ?? 0) + (issues.head?.number ?? 0), versions: stored.size };
}

function recordsOf(
  body: { readonly kind: string; readonly text?: string },
  known: readonly number[] = [],
): readonly unknown[] {
  assert.equal(body.kind, 'json');
  const parsed: unknown = JSON.parse(body.text ?? '');
  const data: unknown = Object(parsed)['data'];
  assert(Array.isArray(data));
  const leftOut = new Set(known);
  return data.filter((_record, index) => !leftOut.has(index));
}

function idOf(record: unknown): string {
  return String(Object(record)['id']);
}

/** Time passes in jumps, so that runs commit in their middle; where it begins is anyone's guess. */
function withClock(host: Host, random: SeededRandom): Host {
  let now = Date.UTC(2020, 0, 1) + random.int(10 * 365) * 86_400_000;
  const tick = (): number => (now += random.int(4000));
  return { ...host, clock: { now: tick, monotonicMs: tick, sleep: () => Promise.resolve() } };
}

function manifestOf(sorted: boolean): Manifest {
  const Record = z.looseObject({ id: z.string() });
  const paginator = bodyCursor({ from: '/next', to: 'after' });
  const orgs: StreamDefinition = {
    name: 'orgs',
    record: Record,
    primaryKey: ['/id'],
    slices: { kind: 'whole' },
    source: httpSource({ request: () => ({ path: '/orgs' }), records: '/data', paginator }),
  };
  const issues: StreamDefinition = {
    name: 'issues',
    record: Record,
    primaryKey: ['/id'],
    cursor: { pointer: '/updated_at', lookBackMs: LOOK_BACK_MS, ...(sorted ? { sorted: 'asc' } : {}) },
    slices: { kind: 'each', parent: 'orgs', key: '/id', as: 'org' },
    source: httpSource({
      request: ({ slice, since }) => ({ path: `/orgs/${slice['org'] ?? ''}/issues`, query: { since } }),
      records: '/data',
      paginator,
    }),
  };
  return {
    name: 'model',
    title: 'Model',
    folder: '/nowhere',
    config: z.object({}),
    http: { baseUrl: 'https://model.example' },
    streams: [orgs, issues],
    checks: [],
    parsers: [],
    entities: [],
  };
}
