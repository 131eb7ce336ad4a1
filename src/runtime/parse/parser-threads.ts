import type { ParserDefinition } from '../../model/manifest.ts';
import { requiredFields } from './expectations.ts';
import { pagePlan } from '../dataset/datasets.ts';
import { keptLines } from '../../sink/entity-lines.ts';
import type { LineForm } from '../../sink/sink.ts';
import { PRINT_WORDS } from '../../util/fingerprint.ts';
import { keySet } from '../dataset/key-set.ts';
import { type OpenInput, rangeOf, type ReadPlan } from './parser-inputs.ts';
import type { EntityWriter } from './parser-output.ts';
import type { NetworkGuard } from './network-guard.ts';
import type { ShareChunk, ShareLine, ShareTask } from './parser-share.ts';
import type { Quarantine } from './quarantine.ts';
import { localShare, type RunningShare, ShareFailed, ShareInbox, workerShare } from './running-share.ts';
import { threadPool, workersOf } from './thread-pool.ts';
import { RECORDS_IN_MEMORY } from '../dataset/record-lookup.ts';
import type { RunContext } from '../run-context.ts';

/** Below this a thread takes longer to start than it saves. The vendor's bytes. */
const WORTH_BYTES = 64 * 2 ** 20;

export interface ThreadsOptions {
  readonly context: RunContext;
  readonly parser: ParserDefinition;
  readonly inputs: readonly OpenInput[];
  readonly plan: ReadPlan;
  readonly archives: boolean;
  readonly writer: EntityWriter;
  /** In which form the batch takes lines, where it does. */
  readonly lines: LineForm | undefined;
  readonly quarantine: Quarantine;
  readonly guard: NetworkGuard;
  /** After each chunk. */
  readonly onProgress: () => void;
}

/**
 * The input whose records can be shared out among threads; undefined where the parser did not say so, and for what one
 * thread must do: listings, retries, streams that expect fields, inputs too small to be worth it.
 */
export async function sharedInput(
  { threads }: RunContext,
  parser: ParserDefinition,
  inputs: readonly OpenInput[],
  plan: ReadPlan,
): Promise<number | undefined> {
  if (threads === undefined || threads.count < 2 || parser.parallel !== true || plan.only !== undefined)
    return undefined;
  const index = inputs.length === 1 ? 0 : inputs.findIndex(({ input }) => input.mode === 'incremental');
  const driver = inputs[index];
  if (driver === undefined || (driver.input.mode !== 'incremental' && driver.input.mode !== 'full_refresh'))
    return undefined;
  const { definition, raw } = driver;
  if (inputs.filter((input) => input.definition === definition).length > 1) return undefined;
  if (inputs.some((input) => requiredFields(input.definition) !== undefined)) return undefined;
  const pages = pagePlan(raw, definition, rangeOf(driver, plan));
  if (pages === undefined || pages.listing !== undefined) return undefined;
  let bytes = 0;
  for await (const commit of raw.commits(pages.query)) {
    bytes += commit.bytes;
    if (bytes >= (threads.worthBytes ?? WORTH_BYTES)) return index;
  }
  return undefined;
}

/**
 * Runs a parser in several threads, each over its share of one input, and takes in what they make in the order of the
 * records: the same as in one thread, whatever the number. Resolves to the records read of each stream, or to undefined when
 * a thread came upon something unusual: what was written is then to be thrown away, and the parser run in one thread.
 */
export async function runInThreads(
  options: ThreadsOptions,
  driver: number,
): Promise<ReadonlyMap<string, number> | undefined> {
  const { context, parser, inputs, plan, archives } = options;
  const { threads, runId } = context;
  const stream = inputs[driver]?.definition.name;
  if (threads === undefined || stream === undefined) return undefined;
  const { count } = threads;
  const names = [...new Set(inputs.map(({ definition }) => definition.name))];
  const task: ShareTask = {
    root: threads.root,
    parser: parser.name,
    runId,
    driver,
    after: new Map(
      names.flatMap((name) => [[name, plan.after(name) ?? 0] as const]).filter(([, number]) => number > 0),
    ),
    heads: new Map(inputs.map(({ definition, raw }) => [definition.name, raw.head?.number ?? 0])),
    archives,
    recordsInMemory: Math.ceil(RECORDS_IN_MEMORY / count),
    lines: options.lines,
    next: new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)),
  };
  const pool = threads.pool ?? threadPool(threads, 0);
  const inbox = new ShareInbox(count);
  const workers = workersOf(count);
  const shares: RunningShare[] = Array.from({ length: workers }, () => workerShare(pool, task, inbox));
  if (workers < count) shares.push(localShare(context, options.guard, task, inbox));
  try {
    return await merge(options, stream, inbox);
  } catch (error) {
    if (error instanceof ShareFailed) return undefined;
    throw error;
  } finally {
    await Promise.all(shares.map((share) => share.stop()));
    if (threads.pool === undefined) await pool.close();
  }
}

async function merge(
  { context, writer, quarantine, onProgress }: ThreadsOptions,
  stream: string,
  inbox: ShareInbox,
): Promise<ReadonlyMap<string, number>> {
  const seen = keySet();
  const read = new Map<string, number>([[stream, 0]]);
  const told = new Set<string>();
  // A record of another input is read by every thread, and told once.
  const tell = ({ record, line }: ShareLine, isNewest: (record: number) => boolean): void => {
    if (record === undefined ? told.has(line.entry.id) : !isNewest(record)) return;
    if (record === undefined) told.add(line.entry.id);
    quarantine.addLine(line);
  };
  const takeIn = async ({ keys, lines, entities, records, refused }: ShareChunk): Promise<void> => {
    const count = keys.length / PRINT_WORDS;
    const newest = new Uint8Array(count);
    let kept = 0;
    for (let record = 0; record < count; record += 1) {
      const at = record * PRINT_WORDS;
      if (keys[at] !== 0 && !seen.addPrint(keys, at)) continue;
      newest[record] = 1;
      kept += 1;
    }
    const isNewest = (record: number): boolean => newest[record] === 1;
    for (const line of refused) tell(line, isNewest);
    const isKept = (row: number): boolean => isNewest(records[row] ?? -1);
    if (lines !== undefined) await writer.lines(kept === count ? lines : keptLines(lines, isKept));
    else await writer.encoded(kept === count ? entities : entities.filter((_entity, row) => isKept(row)));
    read.set(stream, (read.get(stream) ?? 0) + kept);
  };
  try {
    for (let number = 0; ; number += 1) {
      const chunk = await inbox.next(number, context.signal);
      if (chunk === undefined) break;
      await takeIn(chunk);
      onProgress();
    }
    for (const end of inbox.ends) {
      for (const [name, count] of end.read) read.set(name, Math.max(read.get(name) ?? 0, count));
      for (const line of end.lines) tell(line, () => true);
    }
    return read;
  } finally {
    seen.close();
  }
}
