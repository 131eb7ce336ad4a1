import type { Dataset, Lookup } from '../../model/dataset.ts';
import type { StoredPage } from '../../model/page.ts';
import type { StreamDefinition } from '../../model/stream.ts';
import type { PageQuery, RawStream } from '../../store/raw-stream.ts';
import { pointerReader } from '../../util/json-pointer.ts';
import { keySet } from './key-set.ts';
import { pageRecords, plainRecord, type StoredRecord } from './page-records.ts';
import { recordKey } from './record-key.ts';
import { recordLookup } from './record-lookup.ts';
import type { RecordReader } from './record-reader.ts';
import { shownPages } from './stand-ins.ts';
import { readableListing } from './readable-listing.ts';
import type { Trail } from './trail.ts';

export type { StoredRecord } from './page-records.ts';

export interface RecordRange {
  /** Only commits after this number. */
  readonly after?: number;
  /** Only commits up to this number. */
  readonly upTo: number;
  /** Leave out records that were stored in the same version before. */
  readonly onlyNew?: boolean;
  /** Every version, oldest first, in place of the newest of each key. */
  readonly allVersions?: boolean;
  /**
   * Full-refresh streams: the newest version of each key of every listing from this number on to the last complete one,
   * in place of that listing alone.
   */
  readonly sinceListing?: number;
  /** Only the records that it says yes to. */
  readonly only?: (key: string | undefined, stored: StoredRecord) => boolean;
  /** Every number as an ExactNumber in `exact`, not only those that would be rounded. */
  readonly everyNumber?: boolean;
}

/**
 * The records of a stream, straight from the raw store. Newest versions come newest first: a record is passed on
 * when its key has not been seen, so one walk is enough and only the keys are remembered.
 */
export async function* storedRecords(
  raw: RawStream,
  definition: StreamDefinition,
  range: RecordRange,
): AsyncIterable<StoredRecord> {
  for await (const records of recordPages(raw, definition, range)) yield* records;
}

/** The same, page by page: a step of an async iterator for each record would take as long as reading it. */
export async function* recordPages(
  raw: RawStream,
  definition: StreamDefinition,
  range: RecordRange,
): AsyncIterable<readonly StoredRecord[]> {
  const plan = pagePlan(raw, definition, range);
  if (plan === undefined) return;
  const { every, listing, query } = plan;
  const keyOf = recordKey(definition.primaryKey);
  const seen = keySet();
  const one = range.sinceListing === undefined ? listing?.number : undefined;
  const shown = one === undefined ? undefined : await shownPages(raw, one);
  try {
    for await (const page of raw.pages(one === undefined || shown !== undefined ? query : { ...query, listing: one })) {
      if (shown !== undefined) {
        if (!every && (page.listing ?? 0) < shown.lowest) return;
        if (!shown.has(page)) continue;
      }
      if (range.sinceListing !== undefined && listing !== undefined) {
        if ((page.listing ?? 0) > listing.number) continue;
        if ((page.listing ?? 0) < range.sinceListing) return;
      }
      yield recordsOfPage(definition, page, range, { every, keyOf, isNew: (key) => seen.add(key) });
    }
  } finally {
    seen.close();
  }
}

export interface PagePlan {
  /** Every version, oldest first; else the newest of each key. */
  readonly every: boolean;
  /** The listing that is read, of a stream that is listed in full. */
  readonly listing: ReturnType<typeof readableListing>;
  /** The pages, of whichever listing. */
  readonly query: PageQuery;
}

/** Which pages hold the records of a range, and in which order they are read; undefined when nothing is stored. */
export function pagePlan({ head }: RawStream, definition: StreamDefinition, range: RecordRange): PagePlan | undefined {
  if (head === undefined) return undefined;
  const every = range.allVersions === true || definition.primaryKey.length === 0;
  const found = range.allVersions === true || range.after !== undefined ? undefined : readableListing(head.state);
  const query: PageQuery = {
    ...(range.after === undefined ? {} : { after: range.after }),
    upTo: range.upTo,
    order: every ? 'oldest' : 'newest',
    changedOnly: range.onlyNew === true || range.allVersions === true,
  };
  // What an incremental stream brought before its first listing was complete is shown all the same.
  return { every, listing: found?.complete === true || definition.cursor === undefined ? found : undefined, query };
}

export interface PageReading {
  /** Every version, in the vendor's order; else the newest of each key, from the last record of the page to its first. */
  readonly every: boolean;
  readonly keyOf: (record: unknown) => string | undefined;
  /** False for a key that a newer record has. */
  readonly isNew: (key: string) => boolean;
}

/** The records of one page that a range asks for. */
export function recordsOfPage(
  definition: StreamDefinition,
  page: StoredPage,
  range: RecordRange,
  { every, keyOf, isNew }: PageReading,
): readonly StoredRecord[] {
  const found: StoredRecord[] = [];
  const { records, hasExact, problem } = pageRecords(definition, page, range.everyNumber);
  if (problem !== undefined) found.push({ record: undefined, page, index: 0, problem });
  // Indexes speak of the selection that was stored: when the selector was changed since, they say nothing.
  const leaveOut = (range.onlyNew === true || range.allVersions === true) && records.length === page.recordCount;
  const known = leaveOut ? new Set(page.known) : undefined;
  for (let step = 0; step < records.length; step += 1) {
    const index = every ? step : records.length - 1 - step;
    if (known?.has(index) === true) continue;
    const record = records[index];
    const key = every && range.only === undefined ? undefined : keyOf(record);
    // A record without its key cannot be folded with another: it is passed on, and validation will speak of it.
    if (!every && key !== undefined && !isNew(key)) continue;
    const stored = hasExact ? { record: plainRecord(record), exact: record, page, index } : { record, page, index };
    if (range.only?.(key, stored) === false) continue;
    found.push(stored);
  }
  return found;
}

/** Called for each record that cannot be handed to the parser. `problem`: a zod error, or `{ issues }`. */
export type Reject = (stored: StoredRecord, problem: unknown) => void;

export interface DatasetOptions {
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
