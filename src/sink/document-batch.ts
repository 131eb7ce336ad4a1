import { SassyError } from '../errors/sassy-error.ts';
import { type Change, type Document, rowOf, type StoredGeneration } from './document.ts';
import { entityEncoder } from './entity-encoder.ts';
import { compareText } from './entity-key.ts';
import { appendedColumns, isArchivedAt, mergedColumns } from './generation-shape.ts';
import { lineOf } from './entity-lines.ts';
import { jsonlDiff, type LineChange } from './jsonl/jsonl-diff.ts';
import { lineForm } from './jsonl/jsonl-parts.ts';
import {
  ARCHIVED_AT,
  type Approve,
  type Batch,
  type BatchMode,
  type BatchTarget,
  type Column,
  type EntityCounts,
  type EntityRow,
  type ParserPosition,
  type RepeatedKeys,
  type StoredEntity,
} from './sink.ts';

export interface DocumentBatchOptions {
  readonly document: Document;
  readonly target: BatchTarget;
  readonly mode: BatchMode;
  readonly onEnd: () => void;
}

/** Opens a batch: its rows are held until the commit. */
export async function openDocumentBatch(options: DocumentBatchOptions): Promise<Batch> {
  const { document, target } = options;
  return new DocumentBatch(
    options,
    (await document.read()).filter((one) => one.parser === target.parser),
  );
}

class DocumentBatch implements Batch {
  readonly generation: number;
  readonly #options: DocumentBatchOptions;
  /** Of this parser, as they were when the batch was opened. */
  readonly #generations: readonly StoredGeneration[];
  readonly #present: StoredGeneration | undefined;
  readonly #stored: readonly Column[];
  readonly #base: ReadonlyMap<string, string>;
  readonly #next = new Map<string, string>();
  readonly #encode: ReturnType<typeof entityEncoder>;
  readonly #lineOf: ReturnType<typeof lineOf>;
  readonly #repeated = new Set<string>();
  #ended = false;

  constructor(options: DocumentBatchOptions, generations: readonly StoredGeneration[]) {
    const { target, mode } = options;
    const present = generations.find((one) => one.present);
    const isNew = mode === 'replace' || present === undefined;
    const newest = Math.max(0, ...generations.map((one) => one.generation));
    this.generation = mode === 'append' && present !== undefined ? present.generation : newest + 1;
    this.#options = options;
    this.#generations = generations;
    this.#present = present;
    // The order of the generation before, so that entities that are the same have the same line in both.
    const order = isNew ? mergedColumns(present?.stored ?? [], target.columns) : appendedColumns(present, target);
    this.#stored = isNew ? order.filter(({ name }) => target.columns.some((column) => column.name === name)) : order;
    this.#base = new Map(present?.entities ?? []);
    this.#encode = entityEncoder(target);
    this.#lineOf = lineOf(lineForm(this.#stored).fields, target.columns);
  }

  async write(rows: Parameters<Batch['write']>[0]): Promise<void> {
    await this.writeEncoded(rows.map(this.#encode));
  }

  async writeEncoded(entities: readonly StoredEntity[]): Promise<void> {
    if (this.#ended) throw new Error('write after commit or abort');
    for (const entity of entities) {
      const line = this.#lineOf(entity);
      if ((this.#next.get(entity.key) ?? line) !== line) this.#repeated.add(entity.key);
      this.#next.set(entity.key, line);
    }
  }

  async repeated(examples: number): Promise<RepeatedKeys> {
    return { count: this.#repeated.size, examples: [...this.#repeated].sort(compareText).slice(0, examples) };
  }

  async compare(examples: number): ReturnType<Batch['compare']> {
    const counts = { added: 0, gone: 0, changed: 0, unchanged: 0 };
    for (const key of new Set([...this.#base.keys(), ...this.#next.keys()])) counts[this.#changeOf(key)] += 1;
    return jsonlDiff({
      counts,
      changeOf: (key) => this.#changeOf(key),
      base: () => block(this.#base),
      next: () => block(this.#next),
      complete: this.#options.mode === 'replace',
      examples,
    });
  }

  async commit(position: Omit<ParserPosition, 'generation'>, approve?: Approve): Promise<EntityCounts> {
    if (this.#ended) throw new Error('commit after commit or abort');
    try {
      const counts = this.#counts();
      approve?.(counts, [...this.#base.values()].filter((line) => !isArchived(line)).length);
      await this.#options.document.change(this.#change(position));
      return counts;
    } finally {
      await this.abort();
    }
  }

  async abort(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    this.#options.onEnd();
  }

  #change({ commits, codeHash }: Omit<ParserPosition, 'generation'>): Change {
    const { target, mode } = this.#options;
    const versions = (all: readonly StoredGeneration[]): string => all.map((one) => one.version).join();
    return (all) => {
      const own = all.filter((one) => one.parser === target.parser);
      if (versions(own) !== versions(this.#generations)) {
        throw new SassyError('FENCED', {
          message: `${target.parser}: another run has committed to the sink meanwhile`,
        });
      }
      const kept = mode === 'replace' ? [] : this.#base;
      const next: StoredGeneration = {
        parser: target.parser,
        generation: this.generation,
        table: target.entity.table,
        key: [...target.entity.key],
        columns: [...target.columns],
        stored: [...this.#stored],
        commits: { ...commits },
        codeHash,
        present: true,
        version: Math.max(0, ...own.map((one) => one.version)) + 1,
        entities: [...new Map([...kept, ...this.#next])],
      };
      const former = this.generation === this.#present?.generation ? own.filter((one) => !one.present) : this.#present;
      return [
        ...all.filter((one) => one.parser !== target.parser),
        ...[former ?? []].flat().map((one) => ({ ...one, present: false })),
        next,
      ];
    };
  }

  #changeOf(key: string): LineChange {
    const line = this.#next.get(key);
    if (line === undefined) return 'gone';
    const before = this.#base.get(key);
    return before === undefined ? 'added' : before === line ? 'unchanged' : 'changed';
  }

  #counts(): EntityCounts {
    const counts = { added: 0, changed: 0, unchanged: 0, archived: 0 };
    const archives = this.#options.target.columns.some(isArchivedAt);
    for (const [key, line] of this.#next) {
      const before = this.#base.get(key);
      const goes = archives && isArchived(line) && (before === undefined || !isArchived(before));
      if (goes) counts.archived += 1;
      else counts[before === undefined ? 'added' : before === line ? 'unchanged' : 'changed'] += 1;
    }
    return counts;
  }
}

function isArchived(line: string): boolean {
  return line.includes(`"${ARCHIVED_AT.name}":`) && Object.hasOwn(rowOf(line), ARCHIVED_AT.name);
}

async function* block(entities: ReadonlyMap<string, string>): AsyncGenerator<ReturnType<typeof linesOf>> {
  yield linesOf(entities);
}

function linesOf(entities: ReadonlyMap<string, string>): {
  readonly lines: () => Iterable<{ readonly key: string; readonly row: EntityRow }>;
} {
  return { lines: () => [...entities].map(([key, text]) => ({ key, row: rowOf(text) })) };
}
