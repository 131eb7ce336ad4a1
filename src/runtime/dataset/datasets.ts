import type { StoredPage } from '../../model/page.ts';
import type { StreamDefinition } from '../../model/stream.ts';
import type { PageQuery, RawStream } from '../../store/raw-stream.ts';
import { keySet } from './key-set.ts';
import { type PageReader } from './page-reader.ts';
import { pageRecords, ReadRecord, storedRecord, type StoredRecord } from './page-records.ts';
import { NOT_PLAIN } from './plain-schema.ts';
import { recordKey } from './record-key.ts';
import { shownPages } from './stand-ins.ts';
import { readableListing } from './readable-listing.ts';

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
  /** Full-refresh streams: also what a newer listing has brought that is still under way. */
  readonly andUnderWay?: boolean;
  /** Only the records that it says yes to. */
  readonly only?: (key: string | undefined, stored: StoredRecord) => boolean;
  /** Every number as an ExactNumber in `exact`, not only those that would be rounded. */
  readonly everyNumber?: boolean;
  /** Reads what it can of the pages, so that records come with their `data`. */
  readonly pages?: PageReader | undefined;
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
  const underWay = one !== undefined && range.andUnderWay === true && isUnderWay(raw, one) ? one : undefined;
  const isOneListing = one !== undefined && shown === undefined && underWay === undefined;
  try {
    for await (const page of raw.pages(isOneListing ? { ...query, listing: one } : query)) {
      if (underWay !== undefined && (page.listing ?? 0) > underWay) {
        yield recordsOfPage(definition, page, range, { every, keyOf, isNew: (key) => seen.add(key) });
        continue;
      }
      if (underWay !== undefined && shown === undefined) {
        if (!every && (page.listing ?? 0) < underWay) return;
        if (page.listing !== underWay) continue;
      }
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

function isUnderWay({ head }: RawStream, complete: number): boolean {
  return (head?.state.listing?.current ?? complete) > complete;
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
  const whole = once(() => pageRecords(definition, page, range.everyNumber));
  const data = range.pages?.read(page);
  const { problem } = data === undefined || data.includes(NOT_PLAIN) ? whole() : NO_PROBLEM;
  if (problem !== undefined) found.push({ record: undefined, page, index: 0, problem });
  const count = problem === undefined && data !== undefined ? data.length : whole().records.length;
  // Indexes speak of the selection that was stored: when the selector was changed since, they say nothing.
  const leaveOut = (range.onlyNew === true || range.allVersions === true) && count === page.recordCount;
  const known = leaveOut ? new Set(page.known) : undefined;
  for (let step = 0; step < count; step += 1) {
    const index = every ? step : count - 1 - step;
    if (known?.has(index) === true) continue;
    const read = data === undefined ? NOT_PLAIN : data[index];
    const isRead = read !== NOT_PLAIN;
    const record = isRead ? read : whole().records[index];
    const key = every && range.only === undefined ? undefined : keyOf(record);
    // A record without its key cannot be folded with another: it is passed on, and validation will speak of it.
    if (!every && key !== undefined && !isNew(key)) continue;
    const stored = isRead ? new ReadRecord(page, index, read, whole) : storedRecord(whole(), page, index);
    if (range.only?.(key, stored) === false) continue;
    found.push(stored);
  }
  return found;
}

const NO_PROBLEM: { readonly problem?: string } = {};

function once<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined;
  return () => (made ??= { value: make() }).value;
}
