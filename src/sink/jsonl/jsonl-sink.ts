import { codeOf } from '../../errors/error-code.ts';
import { isSassyError, SassyError } from '../../errors/sassy-error.ts';
import type { Host } from '../../util/host.ts';
import { mergedColumns, noFormerGeneration } from '../generation-shape.ts';
import { openJsonlBatch, type PartsOfBatch } from './jsonl-batch.ts';
import { removeUnnamed } from './jsonl-cleanup.ts';
import {
  jsonlPaths,
  readChain,
  readHead,
  readHeads,
  writeManifest,
  type JsonlManifest,
  type JsonlPaths,
} from './jsonl-manifest.ts';
import { readParts } from './jsonl-parts.ts';
import { rowsInOrder } from '../rows-in-order.ts';
import type { Batch, Column, EntityRow, ParserPosition, Sink } from '../sink.ts';

export interface JsonlSinkOptions {
  readonly host: Host;
  /** Absolute. Made when there is none. */
  readonly folder: string;
  /** For sinks that are built on this one. Default: `jsonl`. */
  readonly name?: string;
  /** Sees the parts of each commit just before it is made. */
  readonly onParts?: (batch: PartsOfBatch) => Promise<void>;
}

/**
 * Entities as lines of JSON, for `jq` and other tools: `<folder>/<table>/<parser>/gen-000003/part-00000001.jsonl`, one
 * entity a line, null fields left out. Each commit adds at most a few parts, with the entities that are new or changed, and one
 * manifest, `<folder>/_sassy/<parser>/00000007.json`, that names them together with the position.
 *
 * The promise: `read` and `position` see each commit whole or not at all, and a repeat of a batch writes no line. But
 * whoever reads the parts themselves sees every version of an entity (the last line of a key holds), the former
 * generation beside the present one, and, after a kill, a part that no manifest names until the next batch removes
 * it. Hence at least once.
 *
 * Memory: a batch holds about 48 bytes for each key of the present generation and of its own, and up to
 * 32 MB of lines; `read` holds the newest line of every key of the table: for tables of more than a million entities that are
 * read through it, use the DuckDB sink. One process at a time writes a folder: the caller holds the run lock.
 *
 * Values are as in the DuckDB sink, integers beyond 2^53 as text of digits.
 */
export function openJsonlSink(options: JsonlSinkOptions): Sink {
  return new JsonlSink(options);
}

class JsonlSink implements Sink {
  readonly name: string;
  readonly promise = 'at-least-once';
  readonly #host: Host;
  readonly #folder: string;
  readonly #paths: JsonlPaths;
  readonly #writing = new Set<string>();
  readonly #onParts: JsonlSinkOptions['onParts'];

  constructor({ host, folder, name = 'jsonl', onParts }: JsonlSinkOptions) {
    this.name = name;
    this.#onParts = onParts;
    this.#host = host;
    this.#folder = folder;
    this.#paths = jsonlPaths(folder);
  }

  async position(parser: string): ReturnType<Sink['position']> {
    const [head] = await readHead(this.#host, this.#paths.manifests(parser));
    return head && { generation: head.generation, commits: head.commits, codeHash: head.codeHash };
  }

  async tables(): Promise<readonly string[]> {
    const heads = await readHeads(this.#host, this.#folder);
    return [...new Set(heads.map((head) => head.table))].sort();
  }

  async begin(...[target, mode]: Parameters<Sink['begin']>): Promise<Batch> {
    const { parser } = target;
    if (this.#writing.has(parser)) {
      throw new SassyError('SINK_FAILED', { message: `${parser}: another batch of this parser is still open` });
    }
    this.#writing.add(parser);
    const failure = (error: unknown): SassyError => this.#failure(error);
    const onEnd = (): void => void this.#writing.delete(parser);
    try {
      await removeUnnamed(this.#host, this.#folder, this.#paths, parser);
      const both = await readChain(this.#host, this.#paths.manifests(parser), 2);
      return await openJsonlBatch({
        host: this.#host,
        paths: this.#paths,
        target,
        mode,
        present: both.slice(both.findLastIndex(({ start }) => start)),
        newest: Math.max(0, ...both.map(({ generation }) => generation)),
        ...(this.#onParts === undefined ? {} : { onParts: this.#onParts }),
        failure,
        onEnd,
      });
    } catch (error) {
      onEnd();
      throw failure(error);
    }
  }

  async rollback(parser: string): Promise<ParserPosition> {
    if (this.#writing.has(parser)) {
      throw new SassyError('SINK_FAILED', { message: `${parser}: a batch of this parser is still open` });
    }
    const manifests = this.#paths.manifests(parser);
    try {
      const both = await readChain(this.#host, manifests, 2);
      const former = both.slice(
        0,
        Math.max(
          0,
          both.findLastIndex(({ start }) => start),
        ),
      );
      const [head, newest] = [former.at(-1), both.at(-1)];
      if (head === undefined || newest === undefined || head.generation === newest.generation) {
        throw noFormerGeneration(parser);
      }
      // A manifest that names all of its parts again: what was the present generation is now the one before it.
      const parts = former.flatMap((manifest) => manifest.parts);
      await writeManifest(this.#host, manifests, { ...head, number: newest.number + 1, start: true, parts });
      return { generation: head.generation, commits: head.commits, codeHash: head.codeHash };
    } catch (error) {
      throw this.#failure(error);
    }
  }

  async *read(table: string, limit = Number.POSITIVE_INFINITY): AsyncIterable<EntityRow> {
    const heads = (await readHeads(this.#host, this.#folder)).filter((head) => head.table === table);
    const columns = heads.reduce<readonly Column[]>((all, head) => mergedColumns(all, head.columns), []);
    const rows = (await Promise.all(heads.map((head) => this.#newestRows(head)))).flat();
    yield* rowsInOrder(rows, heads[0]?.key ?? [], columns, limit);
  }

  async close(): Promise<void> {
    this.#writing.clear();
  }

  async #newestRows({ parser }: JsonlManifest): Promise<EntityRow[]> {
    const rows = new Map<string, EntityRow>();
    for (const manifest of await readChain(this.#host, this.#paths.manifests(parser), 1)) {
      const lines = readParts(this.#host, this.#paths.generation(manifest), manifest.parts, manifest.key);
      for await (const { key, row } of lines) rows.set(key, row);
    }
    return [...rows.values()];
  }

  #failure(error: unknown): SassyError {
    if (isSassyError(error)) return error;
    const why = error instanceof Error ? error.message : String(error);
    const code = codeOf(error);
    if (code === 'ENOSPC' || code === 'EDQUOT') {
      return new SassyError('DISK_FULL', {
        message: `there is no room on the disk for ${this.#folder}`,
        why,
        cause: error,
      });
    }
    if (code === 'EIO') {
      return new SassyError('DATA_DIR', {
        message: `the disk reports a failure at ${this.#folder}`,
        why,
        fix: 'check the disk before you run the command again',
        cause: error,
      });
    }
    if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
      return new SassyError('DATA_DIR', { message: `${this.#folder} cannot be written`, why, cause: error });
    }
    if (code === 'EEXIST') {
      return new SassyError('FENCED', { message: `another run is writing to ${this.#folder}`, why, cause: error });
    }
    return new SassyError('SINK_FAILED', { message: `${this.#folder}: writing failed`, why, cause: error });
  }
}
