import type { Dataset, Lookup } from '../model/dataset.ts';
import type { ParserInput } from '../model/manifest.ts';
import type { StoredPage } from '../model/page.ts';
import type { StreamDefinition } from '../model/stream.ts';
import type { RawStream } from '../store/raw-stream.ts';
import { pointerReader } from '../util/json-pointer.ts';
import { keySet } from './key-set.ts';
import { recordLookup } from './record-lookup.ts';
import { recordKey } from './record-key.ts';
import { readableListing } from './stream-listing.ts';

/** Where a record was found: for quarantine and for messages. */
interface RecordOrigin {
  readonly page: StoredPage;
  readonly index: number;
}

export interface StoredRecord extends RecordOrigin {
  readonly record: unknown;
}

export interface RecordRange {
  /** Only commits after this number. */
  readonly after?: number;
  /** Only commits up to this number. */
  readonly upTo: number;
  /** Leave out records that were stored in the same version before. */
  readonly onlyNew?: boolean;
  /** Every version, oldest first, in place of the newest of each key. */
  readonly allVersions?: boolean;
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
  try {
    const pages = raw.pages({
      ...(range.after === undefined ? {} : { after: range.after }),
      upTo: range.upTo,
      ...(listing === undefined ? {} : { listing: listing.number }),
      order: every ? 'oldest' : 'newest',
    });
    for await (const page of pages) {
      const records = selectRecords(definition, page);
      // Indexes speak of the selection that was stored: when the selector was changed since, they say nothing.
      const leaveOut = (range.onlyNew === true || range.allVersions === true) && records.length === page.recordCount;
      const known = leaveOut ? new Set(page.known) : undefined;
      for (let step = 0; step < records.length; step += 1) {
        const index = every ? step : records.length - 1 - step;
        if (known?.has(index) === true) continue;
        const record = records[index];
        const key = every ? undefined : keyOf(record);
        // A record without its key cannot be folded with another: it is passed on, and validation will speak of it.
        if (key !== undefined && !seen.add(key)) continue;
        yield { record, page, index };
      }
    }
  } finally {
    seen.close();
  }
}

/** The records in a stored page by the stream's present rule; none in a body that is not JSON. */
function selectRecords(definition: StreamDefinition, page: StoredPage): readonly unknown[] {
  return page.body.kind === 'json' ? definition.source.select(JSON.parse(page.body.text)) : [];
}

/** Called for each record that does not match the stream's schema. */
export type Reject = (stored: StoredRecord, problem: unknown) => void;

/** A dataset as a parser sees it: validated records of one input. */
export class StreamDataset implements Dataset<unknown> {
  readonly #raw: RawStream;
  readonly #definition: StreamDefinition;
  readonly #range: RecordRange;
  readonly #reject: Reject;
  #read = 0;
  #firstPassDone = false;
  /** The record handed out last: what the parser was looking at when it threw. */
  current: StoredRecord | undefined;

  constructor(raw: RawStream, definition: StreamDefinition, range: RecordRange, reject: Reject) {
    this.#raw = raw;
    this.#definition = definition;
    this.#range = range;
    this.#reject = reject;
  }

  /** Records read by the first iteration, the invalid ones among them. */
  get recordsRead(): number {
    return this.#read;
  }

  async *[Symbol.asyncIterator](): AsyncIterator<unknown> {
    const counting = !this.#firstPassDone && this.#read === 0;
    for await (const stored of storedRecords(this.#raw, this.#definition, this.#range)) {
      if (counting) this.#read += 1;
      const parsed = this.#definition.record.safeParse(stored.record);
      if (parsed.success) {
        this.current = stored;
        yield parsed.data;
      } else if (counting) this.#reject(stored, parsed.error);
    }
    this.#firstPassDone = true;
  }

  async count(): Promise<number> {
    let count = 0;
    for await (const _record of this) count += 1;
    return count;
  }

  async keyBy(field: string | ((record: unknown) => string | undefined)): Promise<Lookup<unknown>> {
    const newestFirst = this.#definition.primaryKey.length > 0;
    return recordLookup(this, typeof field === 'string' ? textAt(field) : field, { newestFirst });
  }
}

function textAt(pointer: string): (record: unknown) => string | undefined {
  const read = pointerReader(pointer);
  return (record) => {
    const value = read(record);
    return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : undefined;
  };
}

/** The range that an input means, given how far the parser has read. */
export function inputRange(input: ParserInput, upTo: number, position: number | undefined): RecordRange {
  if (input.mode === 'full_refresh' || position === undefined) return { upTo };
  return { after: position, upTo, onlyNew: true };
}
