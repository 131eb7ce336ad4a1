import type { Slice } from './slice.ts';

/** Where a stream goes on after a page: plain data, kept in the state, understood by the stream's source alone. */
export type PageToken = Readonly<Record<string, unknown>>;

/** What one request of a stream returned. */
export interface Page {
  /** For people and for provenance: no credential in it. */
  readonly request: PageOrigin;
  readonly status: number;
  readonly contentType: string;
  /** The vendor's bytes as they came. */
  readonly bytes: Buffer;
  /** True when `bytes` are one JSON text, as the source has found by parsing it. */
  readonly isJson: boolean;
  /**
   * The records selected from the parsed body, in the vendor's order. Where there is `partial`, no more of each than the key
   * and the cursor that the stream's definition names.
   */
  readonly records: readonly unknown[];
  /** There where the source has not read the records whole. */
  readonly partial?: PartialRecords;
  /** Reads the records once more, whole, from a copy of `bytes`: what lets a page be held as bytes alone. Holds none itself. */
  readonly again?: (bytes: Buffer) => (index: number) => unknown;
  /** The page after this one; undefined after the last. */
  readonly next: PageToken | undefined;
  /** How many of the first records repeat the page before, on purpose: stored, but not counted as new. Default 0. */
  readonly overlap?: number;
  /** What a later request for the same page may ask with, where the stream says `conditional: true`. */
  readonly validators?: PageValidators;
  /** The server says that this page is the stored one: `bytes` and `records` are empty. */
  readonly unchanged?: UnchangedPage;
  /** True where `next` must outlive the process at once: what it names was made for us and costs the API much. */
  readonly commitNow?: boolean;
  /** The server's own time when it answered, ISO 8601 UTC, where it told: a cursor far beyond it is no cursor. */
  readonly serverTime?: string;
}

export interface PartialRecords {
  /** True: the record fits the stream's schema for certain. False: the schema must be asked. */
  fits(index: number): boolean;
  /** The record as JSON.parse gives it. */
  whole(index: number): unknown;
}

/** A record with all its fields. */
export function wholeRecord({ records, partial }: Pick<Page, 'records' | 'partial'>, index: number): unknown {
  return partial === undefined ? records[index] : partial.whole(index);
}

/** What a server gave with a page to be asked with again (RFC 9110, 8.8), and what a 304 cannot tell. */
export interface PageValidators {
  readonly etag?: string;
  /** Only where it is older than the answer by so much that a change since then would have moved it. */
  readonly lastModified?: string;
  /** The page after this one, as the source that asked names it; undefined after the last. */
  readonly next?: PageToken;
}

/** Where a stored page lies: `page` counts from 0 among the pages of that commit, in their order. */
export interface PageReference {
  readonly commit: number;
  readonly page: number;
}

export interface UnchangedPage extends PageReference {
  readonly recordCount: number;
}

/** A page of the last complete listing that the server may be asked about again. */
export interface KnownPage extends UnchangedPage {
  readonly validators: PageValidators;
}

export interface PageOrigin {
  readonly method: string;
  readonly url: string;
  readonly body?: string;
}

/** A page as it lies in the raw store. */
export interface StoredPage {
  readonly request: PageOrigin;
  /** ISO 8601, by our clock. For people; no cursor is ever taken from it. */
  readonly fetchedAt: string;
  readonly status: number;
  readonly slice: Slice;
  /** The number of the listing (one pass over a full-refresh stream) that this page belongs to. */
  readonly listing?: number;
  /** How many records were selected when it was stored. */
  readonly recordCount: number;
  /** Indexes of records whose identical version was stored before: fetched again because of the look-back. */
  readonly known?: readonly number[];
  /** The answer was a 304: `body` is that of the page it refers to. Never a reference to a reference. */
  readonly same?: PageReference;
  readonly validators?: PageValidators;
  /**
   * How many records were cut out of the body since it was stored (erase, retention): all other tokens are the vendor's
   * own. `recordCount` and `known` speak of what is left.
   */
  readonly cut?: number;
  readonly body: PageBody;
}

/** A JSON text keeps every token as the vendor spelled it; anything else is kept as bytes with its content type. */
export type PageBody =
  | {
      readonly kind: 'json';
      readonly text: string;
      /** Of the text, in UTF-8. */ readonly bytes: Buffer;
      readonly sha256?: string;
    }
  | { readonly kind: 'bytes'; readonly bytes: Buffer; readonly contentType: string };
