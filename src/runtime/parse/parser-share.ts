import type { ParserDefinition } from '../../model/manifest.ts';
import { loadIntegration } from '../../integration/loader.ts';
import { entityEncoder } from '../../sink/entity-encoder.ts';
import type { StoredEntity } from '../../sink/sink.ts';
import { fileBlobStore } from '../../store/file-blob-store.ts';
import type { Share } from '../../store/raw-stream.ts';
import type { Host } from '../../util/host.ts';
import { pagePlan, recordsOfPage, type StoredRecord } from '../dataset/datasets.ts';
import { openNetworkGuard } from './network-guard.ts';
import { injected, openDatasets, openInputs, type OpenInput, rangeOf, type ReadPlan } from './parser-inputs.ts';
import { targetOf } from './parser-output.ts';
import { parserSteps } from './parser-steps.ts';
import { type QuarantinedLine, quarantineLine } from './quarantine-line.ts';
import { recordKey } from '../dataset/record-key.ts';
import type { ThreadPlace } from '../run-context.ts';
import { type Held, Trail } from '../dataset/trail.ts';

/** One thread's part of a parser's run. Plain data. */
export interface ShareTask {
  readonly place: ThreadPlace;
  readonly parser: string;
  readonly runId: string;
  /** The number of the input whose records are shared out. */
  readonly driver: number;
  /** Stream → the commit after which incremental inputs begin. */
  readonly after: ReadonlyMap<string, number>;
  /** Stream → its newest commit: all threads must see the same. */
  readonly heads: ReadonlyMap<string, number>;
  readonly archives: boolean;
  readonly recordsInMemory: number;
  readonly share: Share;
}

/** What was made of one chunk. Of a key that comes in several chunks the first one holds: its record is the newest. */
export interface ShareChunk {
  /** The key of each record, in the order in which they were handed to the parser; undefined for one that has none. */
  readonly keys: readonly (string | undefined)[];
  readonly entities: readonly StoredEntity[];
  /** For each entity the number of its record in `keys`. */
  readonly records: readonly number[];
  readonly lines: readonly ShareLine[];
}

export interface ShareLine {
  /** The number of the record; undefined for a record of another input, which every thread reads. */
  readonly record: number | undefined;
  readonly line: QuarantinedLine;
}

export type ShareMessage =
  | { readonly type: 'chunk'; readonly chunk: ShareChunk }
  /** `read`: stream → records read of the other inputs. `lines`: of those, met after the last chunk. */
  | { readonly type: 'end'; readonly read: ReadonlyMap<string, number>; readonly lines: readonly ShareLine[] };

/** The parser does something that only a run in one thread can do or tell rightly. */
class Unfit extends Error {
  override readonly name = 'Unfit';
}

/**
 * Runs a parser once over every n-th chunk of its driving input. `post` resolves when the next message may come. Rejects
 * when anything is unusual (the parser threw, say): then the whole is run again in one thread, which tells it in full.
 */
export async function runShare(
  host: Host,
  task: ShareTask,
  post: (message: ShareMessage) => Promise<void>,
): Promise<void> {
  const { place, archives } = task;
  const manifest = await loadIntegration(place);
  const parser = manifest.parsers.find(({ name }) => name === task.parser);
  if (parser === undefined) throw new Unfit(`no parser ${task.parser}`);
  const inputs = await openInputs({ manifest, blobs: fileBlobStore(host, place.root) }, parser);
  for (const { definition, raw } of inputs) {
    if ((raw.head?.number ?? 0) !== task.heads.get(definition.name)) throw new Unfit('the raw data is another');
  }
  const run = new ShareRun(task, parser, inputs, post);
  const encode = entityEncoder(targetOf(parser, archives));
  const guard = openNetworkGuard();
  const trail = new Trail();
  const datasets = openDatasets(run.inputs, run.plan, {
    trail,
    required: new Map(),
    recordsInMemory: task.recordsInMemory,
    outside: (work) => guard.outside(work),
    isLeftOut: () => false,
    reject: (stream, stored, problem) => run.refuse('record', { stream, stored }, problem),
  });
  const each = (value: unknown, held: Held | undefined): void => {
    const parsed = parser.entity.safeParse(value);
    if (parsed.success) run.take(encode(parsed.data));
    else run.refuse('entity', held, parsed.error, value);
  };
  try {
    const values = await injected(run.inputs, datasets);
    for await (const _moment of parserSteps({ parser, inputs: values, trail, guard, clock: host.clock, each }));
  } finally {
    guard.close();
  }
  const others = datasets.filter((_dataset, index) => index !== task.driver);
  await run.end(new Map(others.map(({ stream, recordsRead }) => [stream, recordsRead])));
}

class ShareRun {
  readonly inputs: readonly OpenInput[];
  readonly plan: ReadPlan;
  readonly #task: ShareTask;
  readonly #parser: ParserDefinition;
  readonly #driver: OpenInput;
  readonly #post: (message: ShareMessage) => Promise<void>;
  #keys: (string | undefined)[] = [];
  #entities: StoredEntity[] = [];
  #records: number[] = [];
  #lines: ShareLine[] = [];
  /** The number of the record that the parser was handed last, in the chunk; -1 for none of it. */
  #current = -1;
  #state: 'waiting' | 'open' | 'read' = 'waiting';

  constructor(
    task: ShareTask,
    parser: ParserDefinition,
    inputs: readonly OpenInput[],
    post: (message: ShareMessage) => Promise<void>,
  ) {
    const driver = inputs[task.driver];
    if (driver === undefined) throw new Unfit('no driving input');
    this.#task = task;
    this.#parser = parser;
    this.#driver = driver;
    this.#post = post;
    const read = driver.reader.read;
    const counted: OpenInput = {
      ...driver,
      reader: {
        ...driver.reader,
        read: (stored) => {
          this.#current += 1;
          return read(stored);
        },
      },
    };
    this.inputs = inputs.map((input, index) => (index === task.driver ? counted : input));
    this.plan = {
      after: (stream) => task.after.get(stream),
      onlyNew: true,
      instead: new Map([[driver.definition.name, () => this.#feed()]]),
    };
  }

  take(entity: StoredEntity): void {
    // It came before the first record, or after the records were handed over: it is not made of one record.
    if (this.#current < 0) throw new Unfit('an entity that follows from no record');
    this.#entities.push(entity);
    this.#records.push(this.#current);
  }

  refuse(kind: 'record' | 'entity', held: Held | undefined, error: unknown, entity?: unknown): void {
    const { runId } = this.#task;
    const isOther = kind === 'record' && held?.stream !== this.#driver.definition.name;
    if (held === undefined || (!isOther && this.#current < 0)) throw new Unfit('a value that follows from no record');
    const stream = this.inputs.find(({ definition }) => definition.name === held.stream)?.definition;
    const line = quarantineLine({ parser: this.#parser.name, runId, number: 0, stream }, kind, held, error, entity);
    this.#lines.push({ record: isOther ? undefined : this.#current, line });
  }

  async end(read: ReadonlyMap<string, number>): Promise<void> {
    if (this.#state !== 'read') throw new Unfit('the records were not read to their end');
    await this.#post({ type: 'end', read, lines: this.#lines });
  }

  /** The records of our chunks; each chunk is handed over when the parser asks for what comes after it. */
  async *#feed(): AsyncIterable<readonly StoredRecord[]> {
    if (this.#state !== 'waiting') throw new Unfit('the records are read more than once');
    this.#state = 'open';
    const { definition, raw } = this.#driver;
    const { instead: _ours, ...stored } = this.plan;
    const range = rangeOf(this.#driver, stored);
    const pages = pagePlan(raw, definition, range);
    if (pages === undefined || pages.listing !== undefined) throw new Unfit('a listing');
    const { every, query } = pages;
    const keyOf = recordKey(definition.primaryKey);
    for await (const chunk of raw.chunks(query, this.#task.share)) {
      const seen = new Set<string>();
      const isNew = (key: string): boolean => !seen.has(key) && seen.add(key).has(key);
      for (const page of chunk) {
        const records = recordsOfPage(definition, page, range, { every, keyOf, isNew });
        for (const { exact, record } of records) this.#keys.push(every ? undefined : keyOf(exact ?? record));
        yield records;
      }
      await this.#handOver();
    }
    this.#state = 'read';
  }

  async #handOver(): Promise<void> {
    const chunk = { keys: this.#keys, entities: this.#entities, records: this.#records, lines: this.#lines };
    this.#keys = [];
    this.#entities = [];
    this.#records = [];
    this.#lines = [];
    this.#current = -1;
    await this.#post({ type: 'chunk', chunk });
  }
}
