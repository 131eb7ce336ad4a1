import type { RawWriter } from '../../store/raw-writer.ts';
import type { StateChange } from '../../store/state-log.ts';
import type { Clock } from '../../util/host.ts';

/**
 * A commit costs four syncs and the fingerprints of what lies inside the look-back, so it waits for this much or this long,
 * whichever comes first. The pages themselves are on the disk by then.
 */
const COMMIT_BYTES = 1024 * 1024 * 1024;
const COMMIT_AFTER_MS = 10_000;

export interface CommitTotals {
  readonly records: number;
  readonly bytes: number;
}

/** Decides when the pages of a stream are committed, together with the state that belongs to exactly those pages. */
export class Committer {
  readonly #writer: RawWriter;
  readonly #clock: Clock;
  readonly #change: () => StateChange;
  readonly #listing: number | undefined;
  #lastCommitMs: number;
  #records = 0;
  #bytes = 0;

  constructor(writer: RawWriter, clock: Clock, change: () => StateChange, listing: number | undefined) {
    this.#writer = writer;
    this.#clock = clock;
    this.#change = change;
    this.#listing = listing;
    this.#lastCommitMs = clock.monotonicMs();
  }

  /** What this run has committed so far. */
  get totals(): CommitTotals {
    return { records: this.#records, bytes: this.#bytes };
  }

  /** Called after each page: holds the reader back while the disk is behind, and commits when it is time. */
  async afterPage(): Promise<void> {
    await this.#writer.ready();
    const elapsed = this.#clock.monotonicMs() - this.#lastCommitMs;
    const { bytes, pages } = this.#writer.pending;
    if (bytes >= COMMIT_BYTES || (pages > 0 && elapsed >= COMMIT_AFTER_MS)) await this.commit();
  }

  /** The state is taken in the same tick as the writer seals its pages, so the two always agree. */
  async commit(): Promise<void> {
    this.#lastCommitMs = this.#clock.monotonicMs();
    const commit = await this.#writer.commitChange(this.#change(), this.#listing);
    this.#records += commit?.records ?? 0;
    this.#bytes += commit?.bytes ?? 0;
  }
}
