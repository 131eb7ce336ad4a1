import { strict as assert } from 'node:assert';
import { isSassyError } from '../../src/errors/sassy-error.ts';
import type { StreamState } from '../../src/model/state.ts';
import { fileBlobStore } from '../../src/store/file-blob-store.ts';
import { acquireLock } from '../../src/store/lock.ts';
import { openRawStream, type RawStream } from '../../src/store/raw-stream.ts';
import { openRawWriter, type RawWriter } from '../../src/store/raw-writer.ts';
import { collect, testPage, textOf } from './pages.ts';
import { seededRandom, type SeededRandom } from './seeded-random.ts';
import { DeadProcess, simDisk, type Fate, type Step } from './sim-fs.ts';
import { simMachine } from './sim-host.ts';

const FOLDER = '/data/snyk/acme';
const STREAM = 'issues';
const MUTATING: ReadonlySet<Step> = new Set([
  'mkdir',
  'create',
  'write',
  'fsync',
  'link',
  'rename',
  'unlink',
  'sync-folder',
]);
const TAKES_SPACE: ReadonlySet<Step> = new Set(['mkdir', 'create', 'write', 'link']);

/** A commit that was asked for and the pages that it must show, whole or not at all. */
interface Attempt {
  readonly pages: readonly string[];
  readonly state: StreamState;
  acknowledged: boolean;
}

/** What must be readable, and what may be. */
interface Model {
  pages: string[];
  state: StreamState | undefined;
  /** In the order they were asked for: some beginning of these may have become visible. */
  attempts: Attempt[];
  epoch: number;
  counter: number;
}

export interface CrashOutcome {
  readonly crashes: number;
  readonly commits: number;
  readonly steps: number;
}

/**
 * Lives of processes on one disk: each takes the lock, recovers, appends and commits until it ends, is killed, loses power
 * or meets a disk error, at any step, those of lock and recovery included. Throws when what can be read afterwards is not
 * exactly some committed history that holds every acknowledged commit. All of it follows from `seed`, but for how long
 * zlib takes; the draws of disk, faults and work are kept apart so that this shifts none of them.
 */
export async function runCrashSequence(seed: number): Promise<CrashOutcome> {
  const random = seededRandom(seed);
  const disk = simDisk(random.fork());
  const machine = simMachine('a', random.fork());
  const model: Model = { pages: [], state: undefined, attempts: [], epoch: 0, counter: 0 };
  let crashes = 0;
  let commits = 0;
  const lives = 3 + random.int(5);
  for (let life = 0; life < lives; life += 1) {
    const last = life === lives - 1;
    const process = disk.start(last ? () => 'ok' : fateOf(random.fork()));
    const host = machine.host(process);
    try {
      const lock = await acquireLock(host, FOLDER, { command: 'stream', runId: `run-${life}` });
      assert(lock.epoch > model.epoch, `the epoch ${lock.epoch} does not follow ${model.epoch}`);
      model.epoch = lock.epoch;
      const blobs = fileBlobStore(host, FOLDER);
      const writer = await openRawWriter({
        host,
        blobs,
        stream: STREAM,
        epoch: lock.epoch,
        runId: `run-${life}`,
        guard: lock.verify,
        frameBytes: 1 + random.int(600),
      });
      await settle(model, await openRawStream(blobs, STREAM));
      assert.deepEqual(writer.head?.state ?? { slices: {} }, model.state ?? { slices: {} });
      if (!last || random.chance(0.5)) commits += await work(random.fork(), writer, model, last);
      if (random.chance(0.4)) await lock.release();
      if (last) await checkLeftOvers(disk.files(), await openRawStream(blobs, STREAM));
    } catch (error) {
      if (!(error instanceof DeadProcess) && !(isSassyError(error, 'DISK_FULL') || isSassyError(error, 'DATA_DIR')))
        throw error;
      if (last) throw error;
      crashes += 1;
    }
    if (random.chance(0.3)) disk.powerOff();
    process.kill();
    machine.reboot();
    // Sometimes the next to look is a reader, before anything was recovered; it holds no lock.
    if (random.chance(0.5))
      await settle(model, await openRawStream(fileBlobStore(machine.host(disk.start(() => 'ok')), FOLDER), STREAM));
    if (random.chance(0.3)) disk.powerOff();
  }
  return { crashes, commits, steps: disk.steps };
}

/** Runs many sequences; an error names the seed that brings it back. */
export async function runCrashSequences(from: number, count: number): Promise<CrashOutcome> {
  const total = { crashes: 0, commits: 0, steps: 0 };
  for (let seed = from; seed < from + count; seed += 1) {
    try {
      const outcome = await runCrashSequence(seed);
      total.crashes += outcome.crashes;
      total.commits += outcome.commits;
      total.steps += outcome.steps;
    } catch (error) {
      throw new Error(`crash sequence with seed ${seed}: ${error instanceof Error ? error.message : String(error)}`, {
        cause: error,
      });
    }
  }
  return total;
}

/** `toEnd`: all that is appended is committed, as a run does that is not cut short. */
async function work(random: SeededRandom, writer: RawWriter, model: Model, toEnd: boolean): Promise<number> {
  let waiting: string[] = [];
  let acknowledged = 0;
  const open: Promise<unknown>[] = [];
  const actions = 2 + random.int(8);
  const isOver = (action: number): boolean => action >= actions && !(toEnd && waiting.length > 0);
  for (let action = 0; !isOver(action); action += 1) {
    if (action < actions && random.chance(0.7)) {
      const text = JSON.stringify({ id: (model.counter += 1), text: 'x'.repeat(random.int(300)) });
      writer.append(testPage(text), 1);
      waiting.push(text);
      continue;
    }
    if (random.chance(0.3)) await writer.ready();
    const state: StreamState = { slices: { '{}': { cursor: `c${(model.counter += 1)}` } } };
    const attempt: Attempt = { pages: waiting, state, acknowledged: false };
    model.attempts.push(attempt);
    waiting = [];
    const done = writer.commit(state).then((commit) => {
      assert.equal(commit?.pages, attempt.pages.length);
      attempt.acknowledged = true;
      acknowledged += 1;
      return commit;
    });
    // What the caller does with its state afterwards is no longer of interest to the commit.
    state.slices['{}'] = { cursor: 'changed later' };
    Object.assign(attempt, { state: { slices: { '{}': { cursor: `c${model.counter}` } } } });
    done.catch(() => undefined);
    open.push(done);
    if (random.chance(0.6)) await done;
  }
  await Promise.all(open);
  return acknowledged;
}

/** What is visible must be what was acknowledged and a beginning of what was not; from now on it must stay. */
async function settle(model: Model, stream: RawStream): Promise<void> {
  const visible = (await collect(stream.pages())).map(textOf);
  const reversed = (await collect(stream.pages({ order: 'newest' }))).map(textOf);
  assert.deepEqual(reversed.toReversed(), visible, 'newest first is not the reverse of oldest first');
  const states = [model.state ?? { slices: {} }, ...model.attempts.map(({ state }) => state)];
  const sure = model.attempts.findLastIndex(({ acknowledged }) => acknowledged) + 1;
  const state = JSON.stringify(stream.head?.state ?? { slices: {} });
  const taken = states.findIndex((each, index) => index >= sure && JSON.stringify(each) === state);
  assert(taken >= 0, `the state ${state} is of no commit that may be the last; ${sure} were acknowledged`);
  const pages = [...model.pages, ...model.attempts.slice(0, taken).flatMap(({ pages: added }) => added)];
  assert.deepEqual(visible, pages, 'the pages are not those of the commits up to this state');
  Object.assign(model, { pages, state: states[taken], attempts: [] });
}

async function checkLeftOvers(files: readonly string[], stream: RawStream): Promise<void> {
  const named: string[] = [];
  for await (const { number, segments } of stream.commits()) {
    named.push(`${FOLDER}/raw/${STREAM}/commits/${String(number).padStart(8, '0')}.json`);
    named.push(...segments.map(({ id }) => `${FOLDER}/raw/${STREAM}/segments/${id}.jsonl.zst`));
  }
  const raw = files.filter((file) => !file.startsWith(`${FOLDER}/lock/`));
  assert.deepEqual(raw.toSorted(), named.toSorted(), 'files are left over');
  assert.equal(files.length - raw.length, 1, 'more than one lock file is left');
}

/** No fault, a crash at one step, or an error at one step or from it on. */
export function fateOf(random: SeededRandom): (step: Step, path: string) => Fate {
  const at = random.int(random.pick([12, 40, 90]));
  const kind = random.pick<Fate>(['ok', 'kill', 'power', 'power', 'ENOSPC', 'EIO', 'EIO-after']);
  const forEver = random.chance(0.5);
  let count = -1;
  return (step) => {
    if (kind === 'ok' || (kind === 'ENOSPC' ? !TAKES_SPACE.has(step) : !MUTATING.has(step))) return 'ok';
    count += 1;
    return count === at || (forEver && count > at) ? kind : 'ok';
  };
}
