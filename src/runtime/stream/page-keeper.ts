import { type Page, wholeRecord } from '../../model/page.ts';
import { recordCheck } from '../../integration/record-check.ts';
import type { Pass } from './slice-states.ts';
import type { StreamWork } from './stream-work.ts';

/** Keeps the pages of a stream: each as it came, with what is known of its records. */
export class PageKeeper {
  readonly #work: StreamWork;
  readonly #isValid: (record: unknown) => boolean;

  constructor(work: StreamWork) {
    this.#work = work;
    this.#isValid = recordCheck(work.definition.record);
  }

  /** Takes a page into the writer and moves the pass on, in one step: no commit sees the one without the other. */
  keep(pass: Pass, page: Page): void {
    const { context, definition, totals, counters, writer, listing, listingOfPages } = this.#work;
    const nowMs = context.host.clock.now();
    const known = withOverlap(pass.accept(page), page.overlap ?? 0);
    const { unchanged, validators } = page;
    const recordCount = unchanged?.recordCount ?? page.records.length;
    const fresh = recordCount - known.length;
    totals.pages += 1;
    totals.invalid += this.#invalidIn(page);
    if (unchanged !== undefined) totals.unchangedPages += 1;
    // A page that shows nothing new is not stored: a quiet stream costs no disk. But a listing shows what is there, also
    // where all of it was stored before, and a page to be asked about again is needed for that.
    const isShown = listing !== undefined && (recordCount > 0 || validators !== undefined);
    if (fresh > 0 || isShown) {
      writer.append(
        {
          request: page.request,
          fetchedAt: new Date(nowMs).toISOString(),
          status: page.status,
          slice: pass.slice,
          ...(listingOfPages === undefined ? {} : { listing: listingOfPages }),
          recordCount,
          ...(known.length === 0 ? {} : { known }),
          ...(unchanged === undefined ? {} : { same: { commit: unchanged.commit, page: unchanged.page } }),
          ...(validators === undefined ? {} : { validators }),
          contentType: page.contentType,
          bytes: page.bytes,
          isJson: page.isJson,
        },
        fresh,
      );
      totals.records += fresh;
    }
    const { waitingFor } = counters;
    context.progress({
      type: 'stream',
      stream: definition.name,
      pages: totals.pages,
      records: totals.records,
      ...(waitingFor === undefined ? {} : { waitingFor }),
    });
  }

  #invalidIn(page: Page): number {
    let invalid = 0;
    for (let index = 0; index < page.records.length; index += 1) {
      if (page.partial?.fits(index) !== true && !this.#isValid(wholeRecord(page, index))) invalid += 1;
    }
    return invalid;
  }
}

/** The first records of a page that repeats the end of the one before are stored already. */
function withOverlap(known: readonly number[], overlap: number): readonly number[] {
  if (overlap === 0) return known;
  return [...new Set([...Array.from({ length: overlap }, (_, index) => index), ...known])];
}
