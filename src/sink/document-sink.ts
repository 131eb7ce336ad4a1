import { SassyError } from '../errors/sassy-error.ts';
import { openDocumentBatch } from './document-batch.ts';
import { type Document, documentOf, type DocumentStore, rowOf, type StoredGeneration } from './document.ts';
import { mergedColumns, noFormerGeneration } from './generation-shape.ts';
import { rowsInOrder } from './rows-in-order.ts';
import type { Batch, Column, EntityRow, ParserPosition, Sink } from './sink.ts';

/**
 * A sink over a place that holds one text: all that a sink has to do, positions, generations, upserts, comparisons, is done
 * here. For entities that fit in memory, a hundred thousand or so: each commit writes all of them.
 *
 * Effectively once, as far as `save` keeps its promise.
 */
export function documentSink(name: string, store: DocumentStore): Sink {
  return new DocumentSink(name, documentOf(store));
}

class DocumentSink implements Sink {
  readonly name: string;
  readonly promise = 'effectively-once';
  readonly #document: Document;
  readonly #writing = new Set<string>();

  constructor(name: string, document: Document) {
    this.name = name;
    this.#document = document;
  }

  async position(parser: string): ReturnType<Sink['position']> {
    const present = (await this.#document.read()).find((one) => one.parser === parser && one.present);
    return present && positionOf(present);
  }

  async tables(): Promise<readonly string[]> {
    const present = (await this.#document.read()).filter((one) => one.present);
    return [...new Set(present.map((one) => one.table))].sort();
  }

  async begin(...[target, mode]: Parameters<Sink['begin']>): Promise<Batch> {
    const { parser } = target;
    if (this.#writing.has(parser)) {
      throw new SassyError('SINK_FAILED', { message: `${parser}: another batch of this parser is still open` });
    }
    this.#writing.add(parser);
    const onEnd = (): void => void this.#writing.delete(parser);
    try {
      return await openDocumentBatch({ document: this.#document, target, mode, onEnd });
    } catch (error) {
      onEnd();
      throw error;
    }
  }

  async rollback(parser: string): Promise<ParserPosition> {
    const switched: StoredGeneration[] = [];
    await this.#document.change((all) => {
      const former = all.findLast((one) => one.parser === parser && !one.present);
      if (former === undefined) throw noFormerGeneration(parser);
      switched.push(former);
      return all.map((one) =>
        one.parser === parser ? { ...one, present: one === former, version: one.version + 1 } : one,
      );
    });
    const former = switched.at(-1);
    if (former === undefined) throw noFormerGeneration(parser);
    return positionOf(former);
  }

  async *read(table: string, limit = Number.POSITIVE_INFINITY): AsyncIterable<EntityRow> {
    const present = (await this.#document.read()).filter((one) => one.present && one.table === table);
    const columns = present.reduce<readonly Column[]>((all, one) => mergedColumns(all, one.columns), []);
    const rows = present.flatMap(({ entities }) => entities.map(([, line]) => rowOf(line)));
    yield* rowsInOrder(rows, present[0]?.key ?? [], columns, limit);
  }

  async close(): Promise<void> {
    this.#writing.clear();
  }
}

function positionOf({ generation, commits, codeHash }: StoredGeneration): ParserPosition {
  return { generation, commits, codeHash };
}
