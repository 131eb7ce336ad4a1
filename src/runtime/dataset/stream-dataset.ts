import type { Dataset, Lookup } from '../../model/dataset.ts';
import type { StreamDefinition } from '../../model/stream.ts';
import { pointerReader } from '../../util/json-pointer.ts';
import type { StoredRecord } from './page-records.ts';
import { recordLookup } from './record-lookup.ts';
import type { RecordReader } from './record-reader.ts';
import type { Trail } from './trail.ts';

/** Called for each record that cannot be handed to the parser. `problem`: a zod error, or `{ issues }`. */
type Reject = (stored: StoredRecord, problem: unknown) => void;

interface DatasetOptions {
  /** The records, page by page; called anew for each iteration. */
  readonly open: () => AsyncIterable<readonly StoredRecord[]>;
  readonly definition: StreamDefinition;
  readonly reader: RecordReader;
  readonly trail: Trail;
  readonly reject: Reject;
  /** Records that a former attempt has left out. */
  readonly isLeftOut: (stored: StoredRecord) => boolean;
  /** How many records of a look-up are held in memory. */
  readonly recordsInMemory?: number;
  /** Runs reading outside of what parsers are not allowed to do. */
  readonly outside: <T>(work: () => T) => T;
}

/** A dataset as a parser sees it: validated records of one input. */
export class StreamDataset implements Dataset<unknown> {
  readonly #options: DatasetOptions;
  #read = 0;
  #firstPassDone = false;

  constructor(options: DatasetOptions) {
    this.#options = options;
  }

  /** Records read by the first iteration, the invalid ones among them. */
  get recordsRead(): number {
    return this.#read;
  }

  get stream(): string {
    return this.#options.definition.name;
  }

  [Symbol.asyncIterator](): AsyncIterator<unknown> {
    const { outside, trail, open } = this.#options;
    const pages = outside(() => open()[Symbol.asyncIterator]());
    const reading = async <T>(work: () => Promise<T>): Promise<T> => {
      trail.readingStarts();
      try {
        return await outside(work);
      } finally {
        trail.readingEnds();
      }
    };
    let page: Iterator<unknown, void> | undefined;
    let isOver = false;
    let counting: boolean | undefined;
    /** The next record of the page in hand. An error ends the iteration. */
    const inHand = (): IteratorResult<unknown, void> | undefined => {
      try {
        const step = isOver ? ENDED : page?.next();
        return step?.done === true && !isOver ? undefined : step;
      } catch (error) {
        isOver = true;
        throw error;
      }
    };
    const read = async (): Promise<IteratorResult<unknown, void>> => {
      for (;;) {
        const step = inHand();
        if (step !== undefined) return step;
        const next = await reading(() => pages.next());
        counting ??= !this.#firstPassDone && this.#read === 0;
        if (next.done === true) {
          isOver = true;
          this.#firstPassDone = true;
        } else page = this.#valid(next.value, counting);
      }
    };
    // Most records are there already. Who asks for several at once gets them one after the other all the same.
    let turn: Promise<unknown> | undefined;
    const inTurn = (): Promise<IteratorResult<unknown, void>> => {
      const result = (turn ?? Promise.resolve()).then(read);
      const settled = async (): Promise<void> => {
        await result.catch(() => undefined);
        if (turn === mine) turn = undefined;
      };
      const mine = settled();
      turn = mine;
      return result;
    };
    return {
      next: () => {
        if (turn !== undefined) return inTurn();
        try {
          const step = inHand();
          return step === undefined ? inTurn() : Promise.resolve(step);
        } catch (error) {
          return Promise.reject(error);
        }
      },
      return: async () => {
        isOver = true;
        await reading(async () => pages.return?.());
        return ENDED;
      },
    };
  }

  async count(): Promise<number> {
    let count = 0;
    for await (const _record of this) count += 1;
    return count;
  }

  async keyBy(field: string | ((record: unknown) => string | undefined)): Promise<Lookup<unknown>> {
    const newestFirst = this.#options.definition.primaryKey.length > 0;
    return this.#lookup(typeof field === 'string' ? textAt(field) : field, newestFirst);
  }

  /** The index that `Latest(S)` injects: by the stream's primary key. */
  async latest(): Promise<Lookup<unknown>> {
    const readers = this.#options.definition.primaryKey.map(textAt);
    return this.#lookup((record) => {
      const parts = readers.map((read) => read(record));
      if (parts.includes(undefined)) return undefined;
      return parts.length === 1 ? parts[0] : JSON.stringify(parts);
    }, true);
  }

  #lookup(keyOf: (record: unknown) => string | undefined, newestFirst: boolean): Promise<Lookup<unknown>> {
    const { recordsInMemory } = this.#options;
    return recordLookup(this, keyOf, { newestFirst, ...(recordsInMemory === undefined ? {} : { recordsInMemory }) });
  }

  *#valid(records: readonly StoredRecord[], counting: boolean): Generator<unknown, void, void> {
    const { reader, reject, isLeftOut, trail } = this.#options;
    const { stream } = this;
    for (const stored of records) {
      if (counting) this.#read += 1;
      if (isLeftOut(stored)) continue;
      const parsed = reader(stored);
      if (parsed.success) {
        trail.hold(stream, stored);
        yield parsed.data;
      } else if (counting) reject(stored, parsed.error);
    }
  }
}

const ENDED: IteratorReturnResult<void> = { done: true, value: undefined };

function textAt(pointer: string): (record: unknown) => string | undefined {
  const read = pointerReader(pointer);
  return (record) => {
    const value = read(record);
    if (typeof value === 'bigint') return String(value);
    return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : undefined;
  };
}
