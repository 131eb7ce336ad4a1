import { hash } from 'node:crypto';

/** More fingerprints than this are not kept: the look-back then stores those records again, and parse folds them by key. */
const MAX_BOUNDARY = 10_000;

/** Tells one version of a record from another: key and content, 8 bytes. */
export function fingerprint(key: string | undefined, record: unknown): string {
  return hash('sha256', `${key ?? ''}\n${JSON.stringify(record)}`, 'base64url').slice(0, 11);
}

interface Waiting {
  readonly instant: string;
  readonly key: string | undefined;
  readonly record: unknown;
}

interface Kept {
  readonly instant: string;
  readonly version: string;
}

/**
 * The versions seen inside the look-back window below the highest cursor. Vendors commit rows late, so the next pass
 * starts a little below where this one ended; these fingerprints let it leave out what is stored already.
 */
export class Boundary {
  readonly #windowStart: (highest: string) => string;
  /** Of the page in hand: hashed at its end, because most fall out of the window while the cursor rises. */
  #waiting: Waiting[] = [];
  #kept: Kept[] = [];
  /** Fingerprints at or below this instant were too many to keep. */
  #lostUpTo: string | undefined;
  #pruneAt = 256;
  #top: string | undefined;
  /** Of the last `highest`, because it is asked for each record and rarely moves. */
  #window: { readonly highest: string; readonly start: string } | undefined;

  constructor(windowStart: (highest: string) => string) {
    this.#windowStart = windowStart;
  }

  /** `highest`: of all records so far, this one included. */
  add(instant: string, key: string | undefined, record: unknown, highest: string): void {
    if (this.#lostUpTo !== undefined && instant <= this.#lostUpTo) return;
    if (instant < highest && instant < this.#startBelow(highest)) return;
    this.#waiting.push({ instant, key, record });
  }

  /** After the last record of a page: no record is held from here on. */
  endPage(highest: string | undefined): void {
    if (this.#waiting.length === 0 || highest === undefined) return;
    const start = this.#startBelow(highest);
    for (const { instant, key, record } of this.#waiting) {
      if (instant < start) continue;
      this.#kept.push({ instant, version: fingerprint(key, record) });
      if (this.#top === undefined || instant > this.#top) this.#top = instant;
    }
    this.#waiting = [];
    if (this.#kept.length < this.#pruneAt) return;
    this.#prune(start);
    this.#pruneAt = Math.max(256, 2 * this.#kept.length);
  }

  /** The highest instant of all versions that were kept. */
  get top(): string | undefined {
    return this.#top;
  }

  /** The fingerprints inside the window below `highest`; undefined when there are too many to keep. */
  fingerprints(highest: string): readonly string[] | undefined {
    this.endPage(highest);
    const start = this.#startBelow(highest);
    this.#prune(start);
    if (this.#lostUpTo !== undefined && this.#lostUpTo >= start) return undefined;
    return [...new Set(this.#kept.map(({ version }) => version))];
  }

  #startBelow(highest: string): string {
    if (this.#window?.highest !== highest) this.#window = { highest, start: this.#windowStart(highest) };
    return this.#window.start;
  }

  #prune(start: string): void {
    this.#kept = this.#kept.filter(({ instant }) => instant >= start);
    if (this.#kept.length <= MAX_BOUNDARY) return;
    // A later, higher cursor may leave all of these behind, so only they are given up.
    for (const { instant } of this.#kept)
      if (this.#lostUpTo === undefined || instant > this.#lostUpTo) this.#lostUpTo = instant;
    this.#kept = [];
  }
}
