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
  /** The records selected from the parsed body, in the vendor's order. */
  readonly records: readonly unknown[];
  /** The page after this one; undefined after the last. */
  readonly next: PageToken | undefined;
  /** How many of the first records repeat the page before, on purpose: stored, but not counted as new. Default 0. */
  readonly overlap?: number;
  /** The server's own time when it answered, ISO 8601 UTC, where it told: a cursor far beyond it is no cursor. */
  readonly serverTime?: string;
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
  readonly body: PageBody;
}

/** A JSON text keeps every token as the vendor spelled it; anything else is kept as bytes with its content type. */
export type PageBody =
  | { readonly kind: 'json'; readonly text: string; readonly sha256?: string }
  | { readonly kind: 'bytes'; readonly bytes: Buffer; readonly contentType: string };
