import { join } from 'node:path';
import { isSassyError, type SassyError } from '../errors/sassy-error.ts';
import type { Host } from '../util/host.ts';
import { entityEncoder } from './entity-encoder.ts';
import { appendedColumns, mergedColumns } from './generation-shape.ts';
import { jsonlDiff } from './jsonl-diff.ts';
import { writeManifest, type JsonlManifest, type JsonlPaths, type Part } from './jsonl-manifest.ts';
import { lineEncoder, lineHash, readParts, writePart } from './jsonl-parts.ts';
import type { Batch, BatchTarget, Column, EntityCounts, ParserPosition } from './sink.ts';

export interface JsonlBatchOptions {
  readonly host: Host;
  readonly paths: JsonlPaths;
  readonly target: BatchTarget;
  readonly mode: 'append' | 'replace';
  /** The manifests of the present generation, oldest first; none before the first commit. */
  readonly present: readonly JsonlManifest[];
  /** Names what the file system threw. */
  readonly failure: (error: unknown) => SassyError;
  readonly onEnd: () => void;
}

/** A part is written when this much has come together. */
const PART_BYTES = 32 * 2 ** 20;

/** Opens a batch; reads the present generation once, for the hash of each entity. */
export async function openJsonlBatch(options: JsonlBatchOptions): Promise<Batch> {
  const { host, paths, target, mode, present } = options;
  const head = present.at(-1);
  const stored =
    mode === 'append' && head !== undefined
      ? appendedColumns(head, target)
      : // The order of the generation before, so that entities that are the same have the same line in both.
        mergedColumns(head?.stored ?? [], target.columns).filter(({ name }) =>
          target.columns.some((column) => column.name === name),
        );
  const base = new Map<string, string>();
  if (head !== undefined) {
    const parts = present.flatMap((manifest) => manifest.parts);
    for await (const line of readParts(host, paths.generation(head), parts, head.key))
      base.set(line.key, lineHash(line.text));
  }
  return new JsonlBatch(options, base, stored);
}

class JsonlBatch implements Batch {
  readonly generation: number;
  readonly #options: JsonlBatchOptions;
  /** Key → hash of the present generation. */
  readonly #base: ReadonlyMap<string, string>;
  readonly #stored: readonly Column[];
  readonly #folder: string;
  readonly #encode: ReturnType<typeof entityEncoder>;
  readonly #lineOf: ReturnType<typeof lineEncoder>;
  /** Key → hash of the last row of this batch. */
  readonly #last = new Map<string, string>();
  /** Key → hash of what this batch has written to its parts. */
  readonly #written = new Map<string, string>();
  readonly #parts: Part[] = [];
  readonly #firstPart: number;
  #waiting = new Map<string, { readonly text: string; readonly hash: string }>();
  #waitingBytes = 0;
  #state: 'open' | 'compared' | 'ended' = 'open';

  constructor(options: JsonlBatchOptions, base: ReadonlyMap<string, string>, stored: readonly Column[]) {
    const { target, mode, present, paths } = options;
    const before = present.at(-1)?.generation ?? 0;
    const appends = mode === 'append' && before > 0;
    this.generation = appends ? before : before + 1;
    this.#firstPart = appends ? present.flatMap((manifest) => manifest.parts).length + 1 : 1;
    this.#options = options;
    this.#base = base;
    this.#stored = stored;
    this.#folder = paths.generation({ table: target.entity.table, parser: target.parser, generation: this.generation });
    this.#encode = entityEncoder(target);
    this.#lineOf = lineEncoder(stored, target.columns);
  }

  async write(rows: Parameters<Batch['write']>[0]): Promise<void> {
    if (this.#state !== 'open') throw new Error('write after compare, commit or abort');
    for (const entity of rows.map(this.#encode)) {
      const text = this.#lineOf(entity);
      const hash = lineHash(text);
      this.#last.set(entity.key, hash);
      this.#waiting.set(entity.key, { text, hash });
      this.#waitingBytes += text.length;
    }
    if (this.#waitingBytes > PART_BYTES) await this.#try(() => this.#flush());
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

  async commit(position: Omit<ParserPosition, 'generation'>): Promise<EntityCounts> {
    const { host, paths, target, present, mode } = this.#options;
    if (this.#state === 'ended') throw new Error('commit after commit or abort');
    try {
      await this.#try(async () => {
        await this.#flush();
        await writeManifest(host, paths.manifests(target.parser), {
          number: (present.at(-1)?.number ?? 0) + 1,
          parser: target.parser,
          entity: target.entity.name,
          table: target.entity.table,
          key: [...target.entity.key],
          generation: this.generation,
          start: mode === 'replace' || present.length === 0,
          columns: [...target.columns],
          stored: [...this.#stored],
          parts: this.#parts,
          commits: position.commits,
          codeHash: position.codeHash,
        });
      });
    } catch (error) {
      // What lies there under the names of our parts may be the other run's.
      if (isSassyError(error, 'FENCED')) this.#end();
      await this.abort();
      throw error;
    }
    this.#end();
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
      counts[before === undefined ? 'added' : before === hash ? 'unchanged' : 'changed'] += 1;
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
