import { sliceKey } from '../../model/slice.ts';
import type { StoredPage } from '../../model/page.ts';
import type { RawStream } from '../../store/raw-stream.ts';

/** Which pages show what there is, when a listing has left slices out. */
export interface ShownPages {
  /** True for the pages of the listing itself, and for those of an earlier one that stand for a slice it left out. */
  has(page: StoredPage): boolean;
  /** No page of a listing below this is shown. */
  readonly lowest: number;
}

/**
 * Undefined when the listing, which must be the last complete one, has left nothing out that was ever shown. What may not be
 * read for a while is not gone: the slice's records of the last listing that showed it stay visible.
 */
export async function shownPages(raw: RawStream, listing: number): Promise<ShownPages | undefined> {
  if (raw.head?.state.listing?.holes !== true) return undefined;
  const shown = new Map<string, number>();
  for (const [key, { skipped = [] }] of Object.entries((await raw.state()).slices)) {
    const stand = skipped.find((skip) => skip.listing === listing);
    if (stand !== undefined) shown.set(key, stand.shown);
  }
  if (shown.size === 0) return undefined;
  return {
    has: (page) =>
      page.listing === listing || (page.listing !== undefined && page.listing === shown.get(sliceKey(page.slice))),
    lowest: Math.min(listing, ...shown.values()),
  };
}
