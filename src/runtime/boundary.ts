import { createHash } from 'node:crypto';

/** More fingerprints than this are not kept: the look-back then stores those records again, and parse folds them by key. */
const MAX_BOUNDARY = 10_000;
/** Records wait unhashed until this many more have come, because most fall out of the window when the cursor rises. */
const PRUNE_EVERY = 128;

/** Tells one version of a record from another: key and content, 8 bytes. */
export function fingerprint(key: string | undefined, record: unknown): string {
  return createHash('sha256')
    .update(key ?? '')
    .update('\n')
    .update(JSON.stringify(record))
    .digest('base64url')
    .slice(0, 11);
}

interface Candidate {
  readonly instant: string;
  readonly key: string | undefined;
  /** The record until it is hashed, then its fingerprint. */
  version: { readonly record: unknown } | string;
}

/**
 * The versions seen inside the look-back window below the highest cursor. Vendors commit rows late, so the next pass
 * starts a little below where this one ended; these fingerprints let it leave out what is stored already.
 */
export class Boundary {
  readonly #windowStart: (highest: string) => string;
  #candidates: Candidate[] = [];
  #overflowed = false;
  #sincePrune = 0;

  constructor(windowStart: (highest: string) => string) {
    this.#windowStart = windowStart;
  }

  add(instant: string, key: string | undefined, record: unknown, highest: string): void {
    this.#candidates.push({ instant, key, version: { record } });
    this.#sincePrune += 1;
    if (this.#sincePrune >= PRUNE_EVERY) this.#prune(highest);
  }

  /** The fingerprints inside the window below `highest`; undefined when there are too many to keep. */
  fingerprints(highest: string): readonly string[] | undefined {
    this.#prune(highest);
    if (this.#overflowed) return undefined;
    return [...new Set(this.#candidates.map((candidate) => hashed(candidate)))];
  }

  #prune(highest: string): void {
    this.#sincePrune = 0;
    const start = this.#windowStart(highest);
    this.#candidates = this.#candidates.filter((candidate) => candidate.instant >= start);
    if (this.#candidates.length > MAX_BOUNDARY) {
      // A later, higher cursor may empty the window again, so only what is here now is given up.
      this.#candidates = [];
      this.#overflowed = true;
    } else if (this.#candidates.length === 0) this.#overflowed = false;
    if (!this.#overflowed) for (const candidate of this.#candidates) hashed(candidate);
  }
}

function hashed(candidate: Candidate): string {
  if (typeof candidate.version !== 'string') candidate.version = fingerprint(candidate.key, candidate.version.record);
  return candidate.version;
}
