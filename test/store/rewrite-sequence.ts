import { strict as assert } from 'node:assert';
import { isSassyError } from '../../src/errors/sassy-error.ts';
import { compactStream, planCompaction } from '../../src/store/compaction.ts';
import { fileBlobStore } from '../../src/store/file-blob-store.ts';
import { acquireLock, type RunLock } from '../../src/store/lock.ts';
import { type EditedLine, editPages } from '../../src/store/page-edits.ts';
import { changedPageLine, decodePageLine, removedPageLine } from '../../src/store/page-line.ts';
import { openRawStream, type RawStream } from '../../src/store/raw-stream.ts';
import { openRawWriter } from '../../src/store/raw-writer.ts';
import { stateFiles } from '../../src/store/state-index.ts';
import type { Host } from '../../src/util/host.ts';
import { collect, testPage, textOf } from './pages.ts';
import { seededRandom, type SeededRandom } from './seeded-random.ts';
import { DeadProcess, simDisk, type Fate, type SimDisk, type Step } from './sim-fs.ts';
import { simMachine, type SimMachine } from './sim-host.ts';

const FOLDER = '/data/snyk/acme';
const STREAM = 'issues';
const HARMLESS: ReadonlySet<Step> = new Set(['list', 'read', 'remove-folder']);

/** One thing that a process does with the stream. */
export type Action =
  | { readonly kind: 'commit'; readonly pages: number; readonly slices: number }
  | { readonly kind: 'compact' }
  /** Every `nth` page that is there is cut or removed. */
  | { readonly kind: 'edit'; readonly nth: number; readonly removes: boolean };

/** A process: what it does, and at which of its changing steps what befalls it. */
export interface Life {
  readonly actions: readonly Action[];
  readonly fault: { readonly fate: Fate; readonly at: number; readonly forEver: boolean };
  readonly powerAfter: boolean;
}

/** What must be readable now, and what else may be: an action that did not end may have become visible or not. */
interface Model {
  pages: readonly string[];
  maybe: readonly string[] | undefined;
  counter: number;
}

export interface SequenceOutcome {
  crashes: number;
  /** Reads beside an action that were told to begin again. */
  restarted: number;
}

/**
 * Lives of processes on a simulated disk that write, compact and change a stream while others read it. Throws when what can
 * be read is not exactly what it must be, when a reader shows a mixture of two moments, or when files are left over.
 */
export async function runRewriteSequence(lives: readonly Life[], seed: number): Promise<SequenceOutcome> {
  const random = seededRandom(seed);
  const disk = simDisk(random.fork());
  const machine = simMachine('a', random.fork());
  const model: Model = { pages: [], maybe: undefined, counter: 0 };
  const outcome: SequenceOutcome = { crashes: 0, restarted: 0 };
  for (const life of [...lives, LAST_LIFE]) {
    const process = disk.start(fateOf(life.fault));
    const host = machine.host(process);
    try {
      const lock = await acquireLock(host, FOLDER, { command: 'compact', runId: 'run' });
      for (const action of life.actions) {
        const over = Promise.withResolvers<void>();
        const reading = readBeside(disk, machine, model, random.fork(), outcome, over.promise);
        const acting = act(host, lock, action, model).finally(over.resolve);
        const [read, acted] = await Promise.allSettled([reading, acting]);
        if (read.status === 'rejected') throw read.reason;
        if (acted.status === 'rejected') throw acted.reason;
        assert.deepEqual(await texts(await openStream(host)), model.pages, `after ${action.kind}`);
      }
      await lock.release();
    } catch (error) {
      if (!(error instanceof DeadProcess || isSassyError(error, 'DISK_FULL') || isSassyError(error, 'DATA_DIR')))
        throw error;
      outcome.crashes += 1;
    }
    process.kill();
    if (life.powerAfter) {
      disk.powerOff();
      machine.reboot();
    }
    await settle(model, await openStream(machine.host(disk.start(() => 'ok'))));
  }
  await checkLeftOvers(disk, machine);
  return outcome;
}

/** Writes nothing: but whoever opens a stream for writing removes what the dead have left. */
const LAST_LIFE: Life = {
  actions: [{ kind: 'commit', pages: 0, slices: 0 }],
  fault: { fate: 'ok', at: 0, forEver: false },
  powerAfter: false,
};

async function act(host: Host, lock: RunLock, action: Action, model: Model): Promise<void> {
  const blobs = fileBlobStore(host, FOLDER);
  const writer = { host, blobs, stream: STREAM, epoch: lock.epoch, runId: 'run', guard: () => lock.verify() };
  if (action.kind === 'compact') {
    const plan = await planCompaction(blobs, STREAM);
    const done = await compactStream(writer);
    assert(done.merged >= plan.merged || plan.merged === 0, 'less was merged than was there');
    return;
  }
  if (action.kind === 'commit') {
    const raw = await openRawWriter({ ...writer, frameBytes: 300 });
    const added = Array.from({ length: action.pages }, () => JSON.stringify({ id: (model.counter += 1), data: ['x'] }));
    for (const text of added) raw.append(testPage(text), 1);
    model.maybe = [...model.pages, ...added];
    // States that are too large for the commit are in files beside the segments.
    const slices = Array.from({ length: action.slices }, (_, n) => [
      `slice ${n}`,
      { cursor: `${'c'.repeat(200)}${n}` },
    ]);
    await raw.commit({
      slices: {
        ...Object.fromEntries(slices),
        ...(added.length === 0 && action.slices === 0 ? raw.state.slices : {}),
        count: { cursor: String(model.counter) },
      },
    });
  } else {
    const edits = new Map<number, Map<number, 'cut' | 'remove'>>();
    const after: string[] = [];
    let count = 0;
    const stream = await openStream(host);
    const all = await texts(stream);
    for await (const { commit, page } of stream.heads()) {
      const text = all[count] ?? '';
      count += 1;
      if (count % action.nth !== 0) {
        after.push(text);
        continue;
      }
      if (!action.removes) after.push(text.replace('"x"', ''));
      const own = edits.get(commit) ?? new Map<number, 'cut' | 'remove'>();
      edits.set(commit, own.set(page, action.removes ? 'remove' : 'cut'));
    }
    model.maybe = after;
    await editPages(writer, edits, edited);
  }
  model.pages = model.maybe;
  model.maybe = undefined;
}

function edited(line: Buffer, edit: 'cut' | 'remove'): EditedLine {
  if (edit === 'remove') return { line: removedPageLine(1), gone: { pages: 1, records: 1, bytes: 10 } };
  const page = decodePageLine(line);
  const change = { request: page.request, recordCount: 0, known: [], cut: 1, text: textOf(page).replace('"x"', '') };
  return { line: changedPageLine(line, change), gone: { pages: 0, records: 1, bytes: 1 } };
}

/** Reads some of the stream at once, and the rest while others change it: all that it shows must be of one moment. */
async function readBeside(
  disk: SimDisk,
  machine: SimMachine,
  model: Model,
  random: SeededRandom,
  outcome: SequenceOutcome,
  over: Promise<void>,
): Promise<void> {
  const before = model.pages;
  const process = disk.start(() => 'ok');
  const shown: string[] = [];
  try {
    const stream = await openStream(machine.host(process));
    const order = random.chance(0.5) ? 'oldest' : 'newest';
    for await (const page of stream.pages({ order })) {
      shown.push(textOf(page));
      // However fast the machine: some readers still have all but their first pages to read when the action is over.
      if (random.chance(0.2)) await over;
      for (let wait = random.int(30); wait > 0; wait -= 1) await new Promise((resolve) => setImmediate(resolve));
    }
    if (order === 'newest') shown.reverse();
    await stream.state();
  } catch (error) {
    if (error instanceof DeadProcess) return;
    if (!isSassyError(error, 'STORE_REWRITTEN')) throw error;
    outcome.restarted += 1;
    return;
  }
  const candidates = [before, model.pages, model.maybe].filter((pages) => pages !== undefined);
  assert(
    candidates.some((pages) => JSON.stringify(pages) === JSON.stringify(shown)),
    `a reader saw ${JSON.stringify(shown)}, which was there at no moment: ${JSON.stringify(candidates)}`,
  );
}

async function openStream(host: Host): Promise<RawStream> {
  return openRawStream(fileBlobStore(host, FOLDER), STREAM);
}

async function texts(stream: RawStream): Promise<readonly string[]> {
  return (await collect(stream.pages())).map(textOf);
}

async function settle(model: Model, stream: RawStream): Promise<void> {
  const visible = await texts(stream);
  const reversed = (await collect(stream.pages({ order: 'newest' }))).map(textOf);
  assert.deepEqual(reversed.toReversed(), visible, 'newest first is not the reverse of oldest first');
  const isMaybe = model.maybe !== undefined && JSON.stringify(visible) === JSON.stringify(model.maybe);
  assert.deepEqual(visible, isMaybe ? model.maybe : model.pages, 'the pages are of no moment');
  const totals = await stream.totals();
  assert.equal(totals.pages, visible.length, 'the sums are not those of what is left');
  await stream.state();
  model.pages = visible;
  model.maybe = undefined;
}

async function checkLeftOvers(disk: SimDisk, machine: SimMachine): Promise<void> {
  const host = machine.host(disk.start(() => 'ok'));
  const stream = await openStream(host);
  const ids = new Set<string>();
  const named: string[] = [];
  const states = new Set<string>();
  for await (const { number, segments, index } of stream.commits()) {
    // Those of the past are there until a compaction removes them.
    if (index !== undefined) states.add(index.id);
    named.push(`${FOLDER}/raw/${STREAM}/commits/${String(number).padStart(8, '0')}.json`);
    for (const { id } of segments) ids.add(id);
  }
  if (stream.head?.overlay !== undefined) ids.add(stream.head.overlay.id);
  if (stream.head !== undefined)
    for (const id of await stateFiles(fileBlobStore(host, FOLDER), STREAM, stream.head)) ids.add(id);
  const fileOf = (id: string): string => `${FOLDER}/raw/${STREAM}/segments/${id}.jsonl.zst`;
  const maybe = new Set([...states].filter((id) => !ids.has(id)).map(fileOf));
  named.push(...[...ids].map(fileOf));
  const raw = disk.files().filter((file) => !file.startsWith(`${FOLDER}/lock/`) && !maybe.has(file));
  assert.deepEqual(raw.toSorted(), named.toSorted(), 'files are left over, or missing');
}

function fateOf({ fate, at, forEver }: Life['fault']): (step: Step) => Fate {
  let count = -1;
  return (step) => {
    if (fate === 'ok' || HARMLESS.has(step)) return 'ok';
    count += 1;
    return count === at || (forEver && count > at) ? fate : 'ok';
  };
}
