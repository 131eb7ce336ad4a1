import { hash } from 'node:crypto';
import { type Page, wholeRecord } from '../../model/page.ts';
import type { StreamDefinition } from '../../model/stream.ts';
import type { PageCopies, PageCopy } from './page-copies.ts';

/** More fingerprints than this are not kept: the look-back then stores those records again, and parse folds them by key. */
const MAX_BOUNDARY = 10_000;

/** Tells one version of a record from another: key and content, 8 bytes. */
export type VersionOf = (key: string | undefined, record: unknown) => string;

/** How the versions of a stream are told apart: where records never change, by their key alone. */
export function versionOf({ immutable }: Pick<StreamDefinition, 'immutable'>): VersionOf {
  return (key, record) => {
    const content = immutable === true && key !== undefined ? '' : JSON.stringify(record);
    return hash('sha256', `${key ?? ''}\n${content}`, 'base64url').slice(0, 11);
  };
}

/** A page whose records have been added. */
export type BoundaryPage = Pick<Page, 'records' | 'partial' | 'again' | 'bytes'>;

interface Waiting {
  readonly instant: string;
  readonly index: number;
}

/**
 * A page with records inside the window, held as bytes: they are hashed when a commit asks, and by then most have fallen out
 * of it. Nothing else of them is held; it would grow old with every page.
 */
interface HeldPage {
  readonly again: (bytes: Buffer) => (index: number) => unknown;
  readonly copy: PageCopy;
  readonly top: string;
  readonly count: number;
}

interface Kept {
  readonly instant: string;
  readonly version: string;
}

/** What the pages held for one pass may weigh. For one that finds no room its records are hashed while they are in hand. */
const MOST_HELD_BYTES = 4 * 1024 * 1024;

export interface BoundaryOptions {
  readonly windowStart: (highest: string) => string;
  /** The cursor of a record, in the form that orders as text. */
  readonly instantOf: (record: unknown) => string;
  /** The fingerprint of a record. */
  readonly versionOf: (record: unknown) => string;
  readonly copies: PageCopies;
}

/**
 * The versions seen inside the look-back window below the highest cursor. Vendors commit rows late, so the next pass
 * starts a little below where this one ended; these fingerprints let it leave out what is stored already.
 */
export class Boundary {
  readonly #options: BoundaryOptions;
  /** Of the page in hand. */
  #waiting: Waiting[] = [];
  #held: HeldPage[] = [];
  #kept: Kept[] = [];
  /** Fingerprints at or below this instant were too many to keep. */
  #lostUpTo: string | undefined;
  #pruneAt = 256;
  #top: string | undefined;
  /** Of the last `highest`, because it is asked for each record and rarely moves. */
  #window: { readonly highest: string; readonly start: string } | undefined;

  constructor(options: BoundaryOptions) {
    this.#options = options;
  }

  /** `index`: of the record in its page. `highest`: of all records so far, this one included. */
  add(instant: string, index: number, highest: string): void {
    if (this.#lostUpTo !== undefined && instant <= this.#lostUpTo) return;
    if (instant < highest && instant < this.#startBelow(highest)) return;
    this.#waiting.push({ instant, index });
  }

  /** After the last record of a page. */
  endPage(highest: string | undefined, page: BoundaryPage): void {
    if (this.#waiting.length === 0 || highest === undefined) return;
    const start = this.#startBelow(highest);
    const members = this.#waiting.filter(({ instant }) => instant >= start);
    this.#waiting = [];
    this.#letGo(start);
    if (members.length === 0) return;
    const top = members.reduce((most, { instant }) => (instant > most ? instant : most), start);
    if (this.#top === undefined || top > this.#top) this.#top = top;
    const { again } = page;
    const isRoom = this.#held.reduce((sum, { copy }) => sum + copy.size, page.bytes.byteLength) <= MOST_HELD_BYTES;
    if (again !== undefined && isRoom) {
      this.#held.push({ again, copy: this.#options.copies.copy(page.bytes), top, count: page.records.length });
    } else for (const { instant, index } of members) this.#keep(instant, wholeRecord(page, index));
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
    const start = this.#startBelow(highest);
    for (const { again, copy, count } of this.#held.splice(0)) {
      const read = again(copy.bytes);
      for (let index = 0; index < count; index += 1) {
        const record = read(index);
        const instant = this.#options.instantOf(record);
        if (instant >= start) this.#keep(instant, record);
      }
      copy.giveBack();
    }
    this.#prune(start);
    if (this.#lostUpTo !== undefined && this.#lostUpTo >= start) return undefined;
    return [...new Set(this.#kept.map(({ version }) => version))];
  }

  /** The pages of which nothing lies inside the window any more. */
  #letGo(start: string): void {
    const held = this.#held;
    this.#held = held.filter(({ top }) => top >= start);
    if (this.#held.length < held.length) for (const { top, copy } of held) if (top < start) copy.giveBack();
  }

  #startBelow(highest: string): string {
    if (this.#window?.highest !== highest) this.#window = { highest, start: this.#options.windowStart(highest) };
    return this.#window.start;
  }

  #keep(instant: string, record: unknown): void {
    this.#kept.push({ instant, version: this.#options.versionOf(record) });
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
