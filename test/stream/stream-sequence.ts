import { useSimCodec } from '../store/sim-codec.ts';
import { strict as assert } from 'node:assert';
import { isSassyError } from '../../src/errors/sassy-error.ts';
import type { Manifest } from '../../src/model/manifest.ts';
import type { StreamDefinition } from '../../src/model/stream.ts';
import { connectionPaths } from '../../src/runtime/connection.ts';
import type { OnlineContext } from '../../src/runtime/run-context.ts';
import { runStreams } from '../../src/runtime/stream/stream-run.ts';
import { fileBlobStore } from '../../src/store/file-blob-store.ts';
import { acquireLock } from '../../src/store/lock.ts';
import { openRawStream, type RawStream } from '../../src/store/raw-stream.ts';
import type { Host } from '../../src/util/host.ts';
import { fateOf } from '../store/crash-sequence.ts';
import { seededRandom, type SeededRandom } from '../store/seeded-random.ts';
import { DeadProcess, simDisk } from '../store/sim-fs.ts';
import { simMachine } from '../store/sim-host.ts';
import { modelApi, type ModelApi } from './model-api.ts';
import { manifestOf, scenarioOf, type StreamScenario } from './stream-scenario.ts';
import { checkListing, checkShown, checkVersions } from './stream-truth.ts';

const PATHS = connectionPaths('/data', 'model', 'model');
/** The first run of a historical load begins here, in ms after the first row. */
const LATE_MS = 4_000;

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
  useSimCodec(seededRandom(~seed));
  const disk = simDisk(random.fork());
  const machine = simMachine('a', random.fork());
  const scenario = scenarioOf(random.fork());
  const api = modelApi(random.fork(), scenario.api);
  const manifest = manifestOf(scenario, api.startMs);
  const counts = { crashes: 0, stops: 0 };
  const CALM = scenario.flow === 'listed' ? 4 : scenario.flow === 'history' ? 3 : 2;
  const lives = 2 + CALM + random.int(4);
  for (let life = 0; life < lives; life += 1) {
    // Calm runs: the first finishes what others began, as of when they did; the second sees what changed since; by the
    // fourth everything is listed in full once more. Then the past is loaded that no run has asked for.
    const last = life >= lives - CALM;
    if (last) api.calm();
    api.pass(random.int(1 + scenario.restMs));
    const process = disk.start(last ? () => 'ok' : fateOf(random.fork()));
    const host = withClock(machine.host(process), random.fork());
    try {
      const asked = askedOf(scenario, api, random, { isFirst: life === 0, isLast: life === lives - 1, last });
      await oneRun(host, manifest, api, random.fork(), { last, isSecondCalm: life > lives - CALM, asked }, counts);
    } catch (error) {
      if (last || !isExpected(error)) throw error;
      counts.crashes += 1;
    }
    if (!last && random.chance(0.4)) disk.powerOff();
    process.kill();
    machine.reboot();
  }
  const reader = fileBlobStore(machine.host(disk.start(() => 'ok')), PATHS.root);
  const [, definition] = manifest.streams;
  assert(definition !== undefined);
  const found = await check(
    api,
    await openRawStream(reader, 'orgs'),
    await openRawStream(reader, 'issues'),
    definition,
    disk.files(),
  );
  return { ...counts, ...found, requests: api.requests };
}

interface Asked {
  readonly since: string | undefined;
  readonly until?: string;
}

/** What a run is asked for on its command line. */
function askedOf(
  { flow }: StreamScenario,
  api: ModelApi,
  random: SeededRandom,
  { isFirst, isLast, last }: { readonly isFirst: boolean; readonly isLast: boolean; readonly last: boolean },
): Asked {
  const at = (ms: number): string => new Date(ms).toISOString();
  if (flow !== 'history') return { since: undefined };
  if (isFirst) return { since: at(api.startMs + LATE_MS) };
  if (!isLast && (last || random.chance(0.5))) return { since: undefined };
  return {
    since: at(api.startMs),
    until: at(isLast ? api.nowMs + 86_400_000 : api.startMs + 1 + random.int(2 * LATE_MS)),
  };
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
  { last, isSecondCalm, asked }: { readonly last: boolean; readonly isSecondCalm: boolean; readonly asked: Asked },
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
    ...asked,
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
  definition: StreamDefinition,
  files: readonly string[],
): Promise<{ readonly commits: number; readonly versions: number }> {
  await checkListing(api, orgs);
  const versions = await checkVersions(api, issues);
  if (definition.fullEvery !== undefined) await checkShown(api, issues, definition);
  const named = new Set<string>();
  for (const [name, stream] of [
    ['orgs', orgs],
    ['issues', issues],
  ] as const) {
    for await (const { number, segments, index, overlay } of stream.commits()) {
      named.add(`${PATHS.root}/raw/${name}/commits/${String(number).padStart(8, '0')}.json`);
      for (const file of [...segments, index, overlay])
        if (file !== undefined) named.add(`${PATHS.root}/raw/${name}/segments/${file.id}.jsonl.zst`);
    }
  }
  // What is missing would have shown itself: every page and the whole state were read.
  const left = files.filter((file) => file.includes('/raw/') && !named.has(file));
  assert.deepEqual(left, [], 'files are left over');
  return { commits: (orgs.head?.number ?? 0) + (issues.head?.number ?? 0), versions };
}

/** Time passes in jumps, so that runs commit in their middle; where it begins is anyone's guess. */
function withClock(host: Host, random: SeededRandom): Host {
  let now = Date.UTC(2020, 0, 1) + random.int(10 * 365) * 86_400_000;
  const tick = (): number => (now += random.int(4000));
  return { ...host, clock: { now: tick, monotonicMs: tick, sleep: () => Promise.resolve() } };
}
