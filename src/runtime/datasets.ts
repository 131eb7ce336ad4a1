import type { Dataset, Lookup } from '../model/dataset.ts';
import type { StreamDefinition } from '../model/stream.ts';
import type { RawStream } from '../store/raw-stream.ts';
import { pointerReader } from '../util/json-pointer.ts';
import { keySet } from './key-set.ts';
import { pageRecords, plainRecord, type StoredRecord } from './page-records.ts';
import { recordKey } from './record-key.ts';
import { recordLookup } from './record-lookup.ts';
import type { RecordReader } from './record-reader.ts';
import { readableListing } from './stream-listing.ts';
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
  const { head } = raw;
  if (head === undefined) return;
  const every = range.allVersions === true || definition.primaryKey.length === 0;
  const listing = range.allVersions === true || range.after !== undefined ? undefined : readableListing(head.state);
  const keyOf = recordKey(definition.primaryKey);
  const seen = keySet();
  const one = range.sinceListing === undefined ? listing?.number : undefined;
  try {
    const pages = raw.pages({
      ...(range.after === undefined ? {} : { after: range.after }),
      upTo: range.upTo,
      ...(one === undefined ? {} : { listing: one }),
      order: every ? 'oldest' : 'newest',
    });
    for await (const page of pages) {
      if (range.sinceListing !== undefined && listing !== undefined) {
        if ((page.listing ?? 0) > listing.number) continue;
        if ((page.listing ?? 0) < range.sinceListing) return;
      }
      const { records, hasExact, problem } = pageRecords(definition, page, range.everyNumber);
      if (problem !== undefined) yield { record: undefined, page, index: 0, problem };
      // Indexes speak of the selection that was stored: when the selector was changed since, they say nothing.
      const leaveOut = (range.onlyNew === true || range.allVersions === true) && records.length === page.recordCount;
      const known = leaveOut ? new Set(page.known) : undefined;
      for (let step = 0; step < records.length; step += 1) {
        const index = every ? step : records.length - 1 - step;
        if (known?.has(index) === true) continue;
        const record = records[index];
        const key = every && range.only === undefined ? undefined : keyOf(record);
        // A record without its key cannot be folded with another: it is passed on, and validation will speak of it.
        if (!every && key !== undefined && !seen.add(key)) continue;
        const stored = hasExact ? { record: plainRecord(record), exact: record, page, index } : { record, page, index };
        if (range.only?.(key, stored) === false) continue;
        yield stored;
      }
    }
  } finally {
    seen.close();
  }
}

/** Called for each record that cannot be handed to the parser. `problem`: a zod error, or `{ issues }`. */
export type Reject = (stored: StoredRecord, problem: unknown) => void;

export interface DatasetOptions {
  /** The records; called anew for each iteration. */
  readonly open: () => AsyncIterable<StoredRecord>;
  readonly definition: StreamDefinition;
  readonly reader: RecordReader;
  readonly trail: Trail;
  readonly reject: Reject;
  /** Records that a former attempt has left out. */
  readonly isLeftOut: (stored: StoredRecord) => boolean;
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
    const { outside, trail } = this.#options;
    const records = outside(() => this.#records());
    const reading = async <T>(work: () => Promise<T>): Promise<T> => {
      trail.readingStarts();
      try {
        return await outside(work);
      } finally {
        trail.readingEnds();
      }
    };
    return {
      next: () => reading(() => records.next()),
      return: () => reading(() => records.return(undefined)),
    };
  }

  async count(): Promise<number> {
    let count = 0;
    for await (const _record of this) count += 1;
    return count;
  }

  async keyBy(field: string | ((record: unknown) => string | undefined)): Promise<Lookup<unknown>> {
    const newestFirst = this.#options.definition.primaryKey.length > 0;
    return recordLookup(this, typeof field === 'string' ? textAt(field) : field, { newestFirst });
  }

  /** The index that `Latest(S)` injects: by the stream's primary key. */
  async latest(): Promise<Lookup<unknown>> {
    const readers = this.#options.definition.primaryKey.map(textAt);
    return recordLookup(
      this,
      (record) => {
        const parts = readers.map((read) => read(record));
        if (parts.includes(undefined)) return undefined;
        return parts.length === 1 ? parts[0] : JSON.stringify(parts);
      },
      { newestFirst: true },
    );
  }

  async *#records(): AsyncGenerator<unknown, void, void> {
    const { open, reader, reject, isLeftOut, trail } = this.#options;
    const counting = !this.#firstPassDone && this.#read === 0;
    for await (const stored of open()) {
      if (counting) this.#read += 1;
      if (isLeftOut(stored)) continue;
      const parsed = reader(stored);
      if (parsed.success) {
        trail.hold(this.stream, stored);
        yield parsed.data;
      } else if (counting) reject(stored, parsed.error);
    }
    this.#firstPassDone = true;
  }
}

function textAt(pointer: string): (record: unknown) => string | undefined {
  const read = pointerReader(pointer);
  return (record) => {
    const value = read(record);
    if (typeof value === 'bigint') return String(value);
    return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : undefined;
  };
}
