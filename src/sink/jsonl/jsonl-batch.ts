import { join } from 'node:path';
import { isSassyError, type SassyError } from '../../errors/sassy-error.ts';
import type { Host } from '../../util/host.ts';
import { entityEncoder } from '../entity-encoder.ts';
import { compareText } from '../entity-key.ts';
import { appendedColumns, isArchivedAt, mergedColumns } from '../generation-shape.ts';
import { jsonlDiff } from './jsonl-diff.ts';
import { writeManifest, type JsonlManifest, type JsonlPaths, type Part } from './jsonl-manifest.ts';
import { type JsonlLine, lineEncoder, lineHash, readParts, writePart } from './jsonl-parts.ts';
import {
  ARCHIVED_AT,
  type Approve,
  type Batch,
  type BatchMode,
  type BatchTarget,
  type Column,
  type EntityCounts,
  type ParserPosition,
  type RepeatedKeys,
  type StoredEntity,
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
const PART_BYTES = 32 * 2 ** 20;

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
  const base = new Map<string, string>();
  const archived = new Set<string>();
  const archives = head?.stored.some(isArchivedAt) === true;
  const batch = new JsonlBatch(options, base, archived, stored);
  if (head !== undefined) {
    const parts = present.flatMap((manifest) => manifest.parts);
    for await (const line of readParts(host, paths.generation(head), parts, head.key)) {
      base.set(line.key, lineHash(line.text));
      if (!archives) continue;
      if (Object.hasOwn(line.row, ARCHIVED_AT.name)) archived.add(line.key);
      else archived.delete(line.key);
    }
    if (mode === 'amend') await batch.begin(readParts(host, paths.generation(head), parts, head.key));
  }
  return batch;
}

class JsonlBatch implements Batch {
  readonly generation: number;
  readonly #options: JsonlBatchOptions;
  /** Key → hash of the present generation. */
  readonly #base: ReadonlyMap<string, string>;
  /** Keys that are archived in the present generation. */
  readonly #archivedBefore: ReadonlySet<string>;
  /** Keys whose last row in this batch is archived. */
  readonly #archivedNow = new Set<string>();
  readonly #archivedColumn: number;
  readonly #stored: readonly Column[];
  readonly #folder: string;
  readonly #encode: ReturnType<typeof entityEncoder>;
  readonly #lineOf: ReturnType<typeof lineEncoder>;
  /** Key → hash of the last row of this batch. */
  readonly #last = new Map<string, string>();
  /** Keys that came with different values. */
  readonly #repeated = new Set<string>();
  /** Key → hash of what this batch has written to its parts. */
  readonly #written = new Map<string, string>();
  readonly #parts: Part[] = [];
  readonly #firstPart: number;
  #waiting = new Map<string, { readonly text: string; readonly hash: string }>();
  #waitingBytes = 0;
  #state: 'open' | 'compared' | 'ended' = 'open';

  constructor(
    options: JsonlBatchOptions,
    base: ReadonlyMap<string, string>,
    archived: ReadonlySet<string>,
    stored: readonly Column[],
  ) {
    const { target, mode, present, paths, newest } = options;
    const before = present.at(-1)?.generation ?? 0;
    const appends = mode === 'append' && before > 0;
    this.generation = appends ? before : newest + 1;
    this.#archivedBefore = archived;
    this.#archivedColumn = target.columns.findIndex(isArchivedAt);
    this.#firstPart = appends ? present.flatMap((manifest) => manifest.parts).length + 1 : 1;
    this.#options = options;
    this.#base = base;
    this.#stored = stored;
    this.#folder = paths.generation({ table: target.entity.table, parser: target.parser, generation: this.generation });
    this.#encode = entityEncoder(target);
    this.#lineOf = lineEncoder(stored, target.columns);
  }

  /** The lines of the present generation, which the new one begins with. */
  async begin(lines: AsyncIterable<JsonlLine>): Promise<void> {
    for await (const { key, text } of lines) {
      this.#waiting.set(key, { text, hash: lineHash(text) });
      this.#waitingBytes += text.length;
      if (this.#waitingBytes > PART_BYTES) await this.#try(() => this.#flush());
    }
  }

  async write(rows: Parameters<Batch['write']>[0]): Promise<void> {
    await this.writeEncoded(rows.map(this.#encode));
  }

  async writeEncoded(entities: readonly StoredEntity[]): Promise<void> {
    if (this.#state !== 'open') throw new Error('write after compare, commit or abort');
    for (const entity of entities) {
      const text = this.#lineOf(entity);
      const hash = lineHash(text);
      const before = this.#last.get(entity.key);
      if (before !== undefined && before !== hash) this.#repeated.add(entity.key);
      this.#last.set(entity.key, hash);
      if (this.#archivedColumn >= 0) {
        if (entity.values[this.#archivedColumn] === null) this.#archivedNow.delete(entity.key);
        else this.#archivedNow.add(entity.key);
      }
      this.#waiting.set(entity.key, { text, hash });
      this.#waitingBytes += text.length;
      // After any row, so that parts are cut at the same places however the rows come.
      if (this.#waitingBytes > PART_BYTES) await this.#try(() => this.#flush());
    }
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
      await this.#flush();
      const head = present.at(-1);
      const parts = present.flatMap((manifest) => manifest.parts);
      return jsonlDiff({
        base: this.#base,
        next: this.#last,
        baseLines: () => (head === undefined ? none() : readParts(host, paths.generation(head), parts, head.key)),
        nextLines: () => readParts(host, this.#folder, this.#parts, target.entity.key),
        complete: mode === 'replace',
        examples,
      });
    });
  }

  async commit(position: Omit<ParserPosition, 'generation'>, approve?: Approve): Promise<EntityCounts> {
    const { host, paths, target, present, mode, onParts } = this.#options;
    if (this.#state === 'ended') throw new Error('commit after commit or abort');
    try {
      approve?.(this.#counts(), this.#base.size - this.#archivedBefore.size);
      await this.#try(async () => {
        await this.#flush();
        const number = (present.at(-1)?.number ?? 0) + 1;
        await onParts?.({
          target,
          generation: this.generation,
          commit: number,
          folder: this.#folder,
          parts: this.#parts,
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
          parts: this.#parts,
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
    await this.#try(async () => {
      for (const part of this.#parts) await this.#options.host.fs.unlink(join(this.#folder, part.name));
    });
  }

  #end(): void {
    this.#state = 'ended';
    this.#options.onEnd();
  }

  #counts(): EntityCounts {
    const counts = { added: 0, changed: 0, unchanged: 0, archived: 0 };
    for (const [key, hash] of this.#last) {
      const before = this.#base.get(key);
      const goes = this.#archivedNow.has(key) && !this.#archivedBefore.has(key);
      if (goes) counts.archived += 1;
      else counts[before === undefined ? 'added' : before === hash ? 'unchanged' : 'changed'] += 1;
    }
    return counts;
  }

  /** Writes what waits and is not there already as a part. */
  async #flush(): Promise<void> {
    const lines: string[] = [];
    for (const [key, { text, hash }] of this.#waiting) {
      const there = this.#written.get(key) ?? (this.#options.mode === 'append' ? this.#base.get(key) : undefined);
      if (there === hash) continue;
      lines.push(text);
      this.#written.set(key, hash);
    }
    this.#waiting = new Map();
    this.#waitingBytes = 0;
    if (lines.length === 0) return;
    const name = `part-${String(this.#firstPart + this.#parts.length).padStart(8, '0')}.jsonl`;
    this.#parts.push(await writePart(this.#options.host, this.#folder, name, lines));
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
