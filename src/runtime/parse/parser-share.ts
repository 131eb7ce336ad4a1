import type { Manifest, ParserDefinition } from '../../model/manifest.ts';
import { entityEncoder } from '../../sink/entity-encoder.ts';
import { lineWriter } from '../../sink/entity-lines.ts';
import type { BatchTarget, EntityLines, EntityRow, LineForm, StoredEntity } from '../../sink/sink.ts';
import { fileBlobStore } from '../../store/file-blob-store.ts';
import { fingerprint, PRINT_WORDS } from '../../util/fingerprint.ts';
import { FingerprintTable } from '../../util/fingerprint-table.ts';
import type { Host } from '../../util/host.ts';
import { pagePlan, recordsOfPage, type StoredRecord } from '../dataset/datasets.ts';
import type { NetworkGuard } from './network-guard.ts';
import { injected, openDatasets, openInputs, type OpenInput, rangeOf, type ReadPlan } from './parser-inputs.ts';
import { entityReader, targetOf } from './parser-output.ts';
import { parserSteps } from './parser-steps.ts';
import { type QuarantinedLine, quarantineLine } from './quarantine-line.ts';
import { recordKey } from '../dataset/record-key.ts';
import { type Held, Trail } from '../dataset/trail.ts';

/** One thread's part of a parser's run. Plain data. */
export interface ShareTask {
  /** The root of the connection's blobs on this machine. */
  readonly root: string;
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
  /** In which form the sink takes lines; undefined for entities as `entityEncoder` makes them. */
  readonly lines: LineForm | undefined;
  /** In memory that all threads share: the number of the chunk that none of them has taken yet. */
  readonly next: Int32Array<SharedArrayBuffer>;
}

/** What was made of one chunk. Of a key that comes in several chunks the first one holds: its record is the newest. */
export interface ShareChunk {
  /** Its place among the chunks of all threads. */
  readonly number: number;
  /** The fingerprint of the key of each record, in the order in which they were handed to the parser; zeros for one that has none. */
  readonly keys: Uint32Array<ArrayBuffer>;
  /** As lines, or encoded, as the task says. */
  readonly lines: EntityLines | undefined;
  readonly entities: readonly StoredEntity[];
  /** For each entity the number of its record in `keys`. */
  readonly records: Uint32Array<ArrayBuffer>;
  readonly refused: readonly ShareLine[];
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

/** Chunks that may wait to be taken in. */
export const CHUNKS_AHEAD = 12;

/** Resolves when the next message may come. What is handed over is gone from here. */
export type Post = (message: ShareMessage, handedOver: readonly ArrayBuffer[]) => Promise<void>;

/** The parser does something that only a run in one thread can do or tell rightly. */
class Unfit extends Error {
  override readonly name = 'Unfit';
}

/**
 * Runs a parser once over those chunks of its driving input that no other thread takes. Rejects when anything is unusual (the
 * parser threw, say): then the whole is run again in one thread, which tells it in full.
 */
export async function runShare(
  host: Host,
  manifest: Manifest,
  task: ShareTask,
  guard: NetworkGuard,
  post: Post,
): Promise<void> {
  const { root, archives } = task;
  const parser = manifest.parsers.find(({ name }) => name === task.parser);
  if (parser === undefined) throw new Unfit(`no parser ${task.parser}`);
  const inputs = await openInputs({ manifest, blobs: fileBlobStore(host, root) }, parser);
  for (const { definition, raw } of inputs) {
    if ((raw.head?.number ?? 0) !== task.heads.get(definition.name)) throw new Unfit('the raw data is another');
  }
  const made = madeRows(targetOf(parser, archives), task.lines);
  const run = new ShareRun({ task, parser, inputs, made, post });
  const read = entityReader(parser);
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
    const { row, error } = read(value);
    if (row === undefined) run.refuse('entity', held, error, value);
    else run.take(row);
  };
  const values = await injected(run.inputs, datasets);
  for await (const _moment of parserSteps({ parser, inputs: values, trail, guard, clock: host.clock, each }));
  const others = datasets.filter((_dataset, index) => index !== task.driver);
  await run.end(new Map(others.map(({ stream, recordsRead }) => [stream, recordsRead])));
}

/** Entities in the form that the sink takes. */
interface MadeRows {
  add(row: EntityRow): void;
  take(): Pick<ShareChunk, 'lines' | 'entities'>;
}

function madeRows(target: BatchTarget, form: LineForm | undefined): MadeRows {
  if (form !== undefined) {
    const writer = lineWriter(target, form);
    return { add: (row) => void writer.add(row), take: () => ({ lines: writer.take(), entities: [] }) };
  }
  const encode = entityEncoder(target);
  const entities: StoredEntity[] = [];
  return {
    add: (row) => void entities.push(encode(row)),
    take: () => ({ lines: undefined, entities: entities.splice(0) }),
  };
}

interface ShareRunOptions {
  readonly task: ShareTask;
  readonly parser: ParserDefinition;
  readonly inputs: readonly OpenInput[];
  readonly made: MadeRows;
  readonly post: Post;
}

class ShareRun {
  readonly inputs: readonly OpenInput[];
  readonly plan: ReadPlan;
  readonly #task: ShareTask;
  readonly #parser: ParserDefinition;
  readonly #driver: OpenInput;
  readonly #made: MadeRows;
  readonly #post: Post;
  #keys: number[] = [];
  #records: number[] = [];
  #refused: ShareLine[] = [];
  /** Records of the chunk that were handed over. */
  #handed = 0;
  /** The number of the record that the parser was handed last, in the chunk; -1 for none of it. */
  #current = -1;
  #state: 'waiting' | 'open' | 'read' = 'waiting';

  constructor({ task, parser, inputs, made, post }: ShareRunOptions) {
    const driver = inputs[task.driver];
    if (driver === undefined) throw new Unfit('no driving input');
    this.#task = task;
    this.#parser = parser;
    this.#driver = driver;
    this.#made = made;
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

  take(row: EntityRow): void {
    // It came before the first record, or after the records were handed over: it is not made of one record.
    if (this.#current < 0) throw new Unfit('an entity that follows from no record');
    this.#made.add(row);
    this.#records.push(this.#current);
  }

  refuse(kind: 'record' | 'entity', held: Held | undefined, error: unknown, entity?: unknown): void {
    const { runId } = this.#task;
    const isOther = kind === 'record' && held?.stream !== this.#driver.definition.name;
    if (held === undefined || (!isOther && this.#current < 0)) throw new Unfit('a value that follows from no record');
    const stream = this.inputs.find(({ definition }) => definition.name === held.stream)?.definition;
    const line = quarantineLine({ parser: this.#parser.name, runId, number: 0, stream }, kind, held, error, entity);
    this.#refused.push({ record: isOther ? undefined : this.#current, line });
  }

  async end(read: ReadonlyMap<string, number>): Promise<void> {
    if (this.#state !== 'read') throw new Unfit('the records were not read to their end');
    await this.#post({ type: 'end', read, lines: this.#refused }, []);
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
    const print = new Uint32Array(PRINT_WORDS);
    const share = { next: () => Atomics.add(this.#task.next, 0, 1) };
    for await (const { number, pages: chunk } of raw.chunks(query, share)) {
      const seen = new FingerprintTable(0);
      const isNew = (key: string): boolean => {
        fingerprint(key, print);
        const before = seen.size;
        if (seen.enter(print, 0) !== before) return false;
        this.#keys.push(print[0] ?? 0, print[1] ?? 0, print[2] ?? 0, print[3] ?? 0);
        return true;
      };
      // A record without a key is passed on; it is no other record's newer version.
      const told = (record: unknown): string | undefined => {
        const key = keyOf(record);
        if (key === undefined) this.#keys.push(0, 0, 0, 0);
        return key;
      };
      for (const page of chunk) {
        const records = recordsOfPage(definition, page, range, { every, keyOf: told, isNew });
        // Of a stream without keys, and for a page that cannot be read, nothing was asked.
        while (this.#keys.length < (this.#handed + records.length) * PRINT_WORDS) this.#keys.push(0);
        this.#handed += records.length;
        yield records;
      }
      await this.#handOver(number);
    }
    this.#state = 'read';
  }

  async #handOver(number: number): Promise<void> {
    const keys = Uint32Array.from(this.#keys);
    const records = Uint32Array.from(this.#records);
    const { lines, entities } = this.#made.take();
    const chunk: ShareChunk = { number, keys, lines, entities, records, refused: this.#refused };
    this.#keys = [];
    this.#records = [];
    this.#refused = [];
    this.#handed = 0;
    this.#current = -1;
    const arrays = [keys, records, ...(lines === undefined ? [] : [lines.bytes, lines.ends, lines.keys, lines.hashes])];
    await this.#post(
      { type: 'chunk', chunk },
      arrays.map(({ buffer }) => buffer),
    );
  }
}
