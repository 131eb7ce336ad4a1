import { isSassyError, type SassyError } from '../../errors/sassy-error.ts';
import type { Host } from '../../util/host.ts';
import { fingerprint, PRINT_WORDS } from '../../util/fingerprint.ts';
import { isObject } from '../../util/json.ts';
import { type LineWriter, lineWriter, startOf } from '../entity-lines.ts';
import { HASH_WORDS, lineHash } from '../line-hash.ts';
import { compareText } from '../entity-key.ts';
import { appendedColumns, isArchivedAt, mergedColumns } from '../generation-shape.ts';
import { jsonlDiff } from './jsonl-diff.ts';
import { JsonlKeys } from './jsonl-keys.ts';
import { writeManifest, type JsonlManifest, type JsonlPaths, type Part } from './jsonl-manifest.ts';
import { PartWriter } from './jsonl-part-writer.ts';
import { lineForm, lineKey, type PartLines, partsOf } from './jsonl-parts.ts';
import { WaitingLines } from './jsonl-waiting.ts';
import {
  type Approve,
  type Batch,
  type BatchMode,
  type BatchTarget,
  type Column,
  type EntityCounts,
  type EntityLines,
  type LinesIn,
  type ParserPosition,
  type RepeatedKeys,
} from '../sink.ts';

export interface JsonlBatchOptions {
  readonly host: Host;
  readonly paths: JsonlPaths;
  readonly target: BatchTarget;
  readonly mode: BatchMode;
  /** The manifests of the present generation, oldest first; none before the first commit. */
  readonly present: readonly JsonlManifest[];
  /** The number of the newest generation there is, the former one included; 0 when there is none. */
  readonly newest: number;
  /** Called with the parts of a commit before anything names them: a repeat may bring the same lines again. */
  readonly onParts?: (batch: PartsOfBatch) => Promise<void>;
  /** Names what the file system threw. */
  readonly failure: (error: unknown) => SassyError;
  readonly onEnd: () => void;
}

export interface PartsOfBatch {
  readonly target: BatchTarget;
  readonly generation: number;
  /** The manifest that will name them. */
  readonly commit: number;
  readonly folder: string;
  readonly parts: readonly Part[];
}

/** A part is written when this much has come together. */
const PART_BYTES = 16 * 2 ** 20;
/** Rows that are encoded here are taken in so many characters at a time. */
const BLOCK_LENGTH = 2 ** 18;

/** Opens a batch; reads the present generation once, for the hash of each entity. */
export async function openJsonlBatch(options: JsonlBatchOptions): Promise<Batch> {
  const { host, paths, target, mode, present } = options;
  const head = present.at(-1);
  const stored =
    mode !== 'replace' && head !== undefined
      ? appendedColumns(head, target)
      : // The order of the generation before, so that entities that are the same have the same line in both.
        mergedColumns(head?.stored ?? [], target.columns).filter(({ name }) =>
          target.columns.some((column) => column.name === name),
        );
  const batch = new JsonlBatch(options, stored);
  if (head === undefined) return batch;
  const parts = present.flatMap((manifest) => manifest.parts);
  for await (const part of partsOf(host, paths.generation(head), parts, head.key)) await batch.begin(part);
  return batch;
}

class JsonlBatch implements Batch {
  readonly generation: number;
  readonly lines: LinesIn;
  readonly #options: JsonlBatchOptions;
  readonly #stored: readonly Column[];
  readonly #folder: string;
  readonly #writer: LineWriter;
  readonly #keys = new JsonlKeys();
  /** Keys that came with different values. */
  readonly #repeated = new Set<string>();
  readonly #parts: PartWriter;
  readonly #waiting = new WaitingLines();
  #state: 'open' | 'compared' | 'ended' = 'open';

  constructor(options: JsonlBatchOptions, stored: readonly Column[]) {
    const { target, mode, present, paths, newest } = options;
    const before = present.at(-1)?.generation ?? 0;
    const appends = mode === 'append' && before > 0;
    this.generation = appends ? before : newest + 1;
    this.#options = options;
    this.#stored = stored;
    this.#folder = paths.generation({ table: target.entity.table, parser: target.parser, generation: this.generation });
    const first = appends ? present.flatMap((manifest) => manifest.parts).length + 1 : 1;
    this.#parts = new PartWriter(options.host, this.#folder, first);
    this.#writer = lineWriter(target, lineForm(stored));
    this.lines = { form: lineForm(stored), write: (lines) => this.#writeLines(lines) };
  }

  /** The lines of a part of the present generation; a generation that amends it begins with them. */
  async begin({ bytes, lines }: PartLines): Promise<void> {
    const { present, mode } = this.#options;
    const archives = present.at(-1)?.stored.some(isArchivedAt) === true;
    const print = new Uint32Array(PRINT_WORDS);
    const hash = new Uint32Array(HASH_WORDS);
    for (const { key, isArchived, start, end } of lines()) {
      fingerprint(key, print);
      lineHash(bytes.subarray(start, end - 1), hash, 0);
      const entry = this.#keys.enter(print, 0);
      this.#keys.setBase(entry, hash, 0, archives && isArchived);
      if (mode !== 'amend') continue;
      this.#put(entry, end - start);
      this.#waiting.pushShared(bytes.subarray(start, end));
      if (this.#waiting.bytes > PART_BYTES) await this.#try(() => this.#flush());
    }
  }

  async write(rows: Parameters<Batch['write']>[0]): Promise<void> {
    for (const row of rows) {
      this.#writer.add(row);
      if (this.#writer.length >= BLOCK_LENGTH) await this.#writeLines(this.#writer.take());
    }
    await this.#writeLines(this.#writer.take());
  }

  async #writeLines(lines: EntityLines): Promise<void> {
    if (this.#state !== 'open') throw new Error('write after compare, commit or abort');
    const { bytes, ends, keys, hashes, archived } = lines;
    /** Where the lines begin that are announced and not yet pushed; they lie side by side. */
    let run = 0;
    for (let row = 0; row < ends.length; row += 1) {
      const [start, end] = [startOf(ends, row), ends[row] ?? 0];
      const entry = this.#keys.enter(keys, row * PRINT_WORDS);
      const isWanted = this.#isWanted(entry, lines, row);
      this.#keys.setLast(entry, hashes, row * HASH_WORDS, archived?.[row] === 1);
      if (isWanted) this.#put(entry, end - start);
      else {
        this.#waiting.push(bytes, run, start);
        run = end;
      }
      // After any row, so that parts are cut at the same places however the rows come.
      if (this.#waiting.bytes <= PART_BYTES) continue;
      this.#waiting.push(bytes, run, end);
      run = end;
      await this.#try(() => this.#flush());
    }
    this.#waiting.push(bytes, run, bytes.length);
  }

  /** False when it is there already. */
  #isWanted(entry: number, lines: EntityLines, row: number): boolean {
    const keys = this.#keys;
    const { hashes } = lines;
    const at = row * HASH_WORDS;
    const isAdded = this.#options.mode !== 'replace';
    if (!keys.hasLast(entry)) return !(isAdded && keys.isBase(entry, hashes, at));
    if (keys.isLast(entry, hashes, at)) return false;
    this.#repeated.add(this.#keyOf(lines, row));
    if (!(isAdded && keys.isBase(entry, hashes, at)) || keys.isInParts(entry)) return true;
    // Back to what the generation has: the line between the two was for nothing, unless it is written already.
    this.#waiting.leaveOut(keys.place(entry));
    keys.setPlace(entry, 0);
    return this.#options.mode === 'amend';
  }

  #keyOf({ bytes, ends }: EntityLines, row: number): string {
    const parsed: unknown = JSON.parse(Buffer.from(bytes.subarray(startOf(ends, row), ends[row])).toString());
    return isObject(parsed) ? lineKey(parsed, this.#options.target.entity.key) : '';
  }

  /** The line takes the place of one of the same key that still waits. */
  #put(entry: number, length: number): void {
    this.#waiting.leaveOut(this.#keys.place(entry));
    this.#keys.setPlace(entry, this.#waiting.add(entry, length));
  }

  async repeated(examples: number): Promise<RepeatedKeys> {
    return {
      count: this.#repeated.size,
      examples: this.#repeated.size === 0 ? [] : [...this.#repeated].sort(compareText).slice(0, examples),
    };
  }

  async compare(examples: number): ReturnType<Batch['compare']> {
    const { host, paths, mode, present, target } = this.#options;
    if (this.#state === 'ended') throw new Error('compare after commit or abort');
    this.#state = 'compared';
    return this.#try(async () => {
      const written = await this.#written();
      const head = present.at(-1);
      const parts = present.flatMap((manifest) => manifest.parts);
      return jsonlDiff({
        counts: this.#keys.changes(),
        changeOf: (key) => this.#keys.changeOfText(key),
        base: () => (head === undefined ? none() : partsOf(host, paths.generation(head), parts, head.key)),
        next: () => partsOf(host, this.#folder, written, target.entity.key),
        complete: mode === 'replace',
        examples,
      });
    });
  }

  async commit(position: Omit<ParserPosition, 'generation'>, approve?: Approve): Promise<EntityCounts> {
    const { host, paths, target, present, mode, onParts } = this.#options;
    if (this.#state === 'ended') throw new Error('commit after commit or abort');
    try {
      approve?.(this.#counts(), this.#keys.baseSize - this.#keys.archivedBefore);
      await this.#try(async () => {
        const written = await this.#written();
        const number = (present.at(-1)?.number ?? 0) + 1;
        await onParts?.({
          target,
          generation: this.generation,
          commit: number,
          folder: this.#folder,
          parts: written,
        });
        const manifest: JsonlManifest = {
          number,
          parser: target.parser,
          entity: target.entity.name,
          table: target.entity.table,
          key: [...target.entity.key],
          generation: this.generation,
          start: mode !== 'append' || present.length === 0,
          columns: [...target.columns],
          stored: [...this.#stored],
          parts: [...written],
          commits: position.commits,
          codeHash: position.codeHash,
        };
        await writeManifest(host, paths.manifests(target.parser), manifest, () => this.#end());
      });
    } catch (error) {
      // What lies there under the names of our parts may be the other run's.
      if (isSassyError(error, 'FENCED')) this.#end();
      await this.abort();
      throw error;
    }
    return this.#counts();
  }

  async abort(): Promise<void> {
    if (this.#state === 'ended') return;
    this.#end();
    await this.#try(() => this.#parts.remove());
  }

  #end(): void {
    this.#state = 'ended';
    this.#options.onEnd();
  }

  #counts(): EntityCounts {
    const counts = { added: 0, changed: 0, unchanged: 0, archived: 0 };
    const keys = this.#keys;
    for (let key = 0; key < keys.size; key += 1) {
      const change = keys.changeOf(key);
      if (change === 'gone') continue;
      counts[keys.isBuried(key) ? 'archived' : change] += 1;
    }
    return counts;
  }

  /** Writes what waits as a part. */
  async #flush(): Promise<void> {
    const lines = this.#waiting.take((key) => {
      this.#keys.setPlace(key, 0);
      this.#keys.setInParts(key);
    });
    await this.#parts.write(lines);
  }

  async #written(): Promise<readonly Part[]> {
    await this.#flush();
    return this.#parts.written();
  }

  async #try<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw this.#options.failure(error);
    }
  }
}

async function* none(): AsyncIterable<never> {}
