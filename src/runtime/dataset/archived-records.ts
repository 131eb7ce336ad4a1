import type { StreamDefinition } from '../../model/stream.ts';
import type { RawStream } from '../../store/raw-stream.ts';
import { keySet } from './key-set.ts';
import { pageRecords, plainRecord, type StoredRecord } from './page-records.ts';
import { recordKey } from './record-key.ts';

/** The number of the last complete listing as of a commit; undefined for an incremental stream, and before the first. */
export async function completeListing(raw: RawStream, commit: number | undefined): Promise<number | undefined> {
  if (commit === undefined || commit === 0) return undefined;
  if (commit === raw.head?.number) return raw.head.state.listing?.complete;
  for await (const { state } of raw.commits({ after: commit - 1, upTo: commit })) return state.listing?.complete;
  return undefined;
}

/**
 * The newest version of each key that a listing has shown, from number `since` on, and that the last complete one does
 * not: newest first. Nothing before a listing was complete, and nothing of one that is under way. One walk.
 */
export async function* archivedRecords(
  raw: RawStream,
  definition: StreamDefinition,
  {
    upTo,
    since = 0,
    everyNumber = false,
  }: { readonly upTo: number; readonly since?: number | undefined; readonly everyNumber?: boolean },
): AsyncIterable<StoredRecord> {
  const complete = raw.head?.state.listing?.complete;
  // A listing that left slices out does not show that their records are gone.
  if (complete === undefined || raw.head?.state.listing?.holes === true) return;
  const keyOf = recordKey(definition.primaryKey);
  const shown = keySet();
  try {
    for await (const page of raw.pages({ upTo, order: 'newest' })) {
      const listing = page.listing ?? 0;
      if (listing > complete) continue;
      if (listing < since) return;
      const { records, hasExact } = pageRecords(definition, page, everyNumber);
      for (let index = records.length - 1; index >= 0; index -= 1) {
        const record = records[index];
        const key = keyOf(record);
        if (key === undefined || !shown.add(key) || listing === complete) continue;
        yield hasExact ? { record: plainRecord(record), exact: record, page, index } : { record, page, index };
      }
    }
  } finally {
    shown.close();
  }
}

/** When listings became complete, oldest first. */
export interface ListingTimes {
  /** When the first listing after this one was complete: since then its records are known to be gone. */
  after(listing: number | undefined): string | undefined;
}

export async function listingTimes(raw: RawStream): Promise<ListingTimes> {
  const times: { readonly number: number; readonly at: string }[] = [];
  for await (const { state, committedAt } of raw.commits()) {
    const number = state.listing?.complete;
    if (number !== undefined && number !== times.at(-1)?.number) times.push({ number, at: committedAt });
  }
  return { after: (listing) => (times.find(({ number }) => number > (listing ?? 0)) ?? times.at(-1))?.at };
}
