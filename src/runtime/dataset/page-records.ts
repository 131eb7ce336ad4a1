import type { StoredPage } from '../../model/page.ts';
import type { StreamDefinition } from '../../model/stream.ts';
import { mayRound, parseLossless, withTexts } from '../../util/lossless-json.ts';

/** Where a record was found: for quarantine, for provenance and for messages. */
export interface RecordOrigin {
  readonly page: StoredPage;
  readonly index: number;
}

export interface StoredRecord extends RecordOrigin {
  /** As JSON.parse gives it; a number that it would round is the text it was spelled with. */
  readonly record: unknown;
  /** The same with ExactNumbers in place of those texts, where there are any. */
  readonly exact?: unknown;
  /** What the stream's schema gives for it, where that is known already. */
  readonly data?: unknown;
  /** Why the page gave no records at all. */
  readonly problem?: string;
}

/** One of a page's records. */
export function storedRecord({ records, hasExact }: PageRecords, page: StoredPage, index: number): StoredRecord {
  const record = records[index];
  return hasExact ? { record: plainRecord(record), exact: record, page, index } : { record, page, index };
}

/** A record that was read right out of its page's bytes; as it came it is made when somebody asks. */
export class ReadRecord implements StoredRecord {
  readonly page: StoredPage;
  readonly index: number;
  readonly data: unknown;
  readonly #whole: () => PageRecords;

  constructor(page: StoredPage, index: number, data: unknown, whole: () => PageRecords) {
    this.page = page;
    this.index = index;
    this.data = data;
    this.#whole = whole;
  }

  get record(): unknown {
    return storedRecord(this.#whole(), this.page, this.index).record;
  }

  get exact(): unknown {
    return storedRecord(this.#whole(), this.page, this.index).exact;
  }
}

/** The records in a stored page by the stream's present rule. */
export interface PageRecords {
  readonly records: readonly unknown[];
  /** Set when `records` hold ExactNumbers. */
  readonly hasExact: boolean;
  readonly problem?: string;
}

/**
 * Takes the records out of a page, which is read by the stream's format. A body that is no JSON text in UTF-8 is decoded here (byte order marks and other
 * encodings are understood); what cannot be decoded is a problem, never an empty page.
 */
export function pageRecords(definition: StreamDefinition, page: StoredPage, everyNumber = false): PageRecords {
  try {
    const { body } = page;
    const { format } = definition.source;
    if (body.kind === 'json') return selected(definition, page, body.text, everyNumber);
    if (page.recordCount === 0) return { records: [], hasExact: false };
    if (format !== undefined && !format.isJson)
      return { records: definition.source.select(format.parse(body.bytes), page), hasExact: false };
    const text = isJson(body.contentType) ? decoded(body.bytes, body.contentType) : undefined;
    return text === undefined
      ? { records: definition.source.select(body.bytes, page), hasExact: false }
      : selected(definition, page, text, everyNumber);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { records: [], hasExact: false, problem: `the page cannot be read: ${message}` };
  }
}

/** The JSON text of a page, whatever its encoding; undefined when its body is read as anything else. */
export function jsonTextOf({ source: { format } }: StreamDefinition, { body }: StoredPage): string | undefined {
  if (body.kind === 'json') return body.text;
  if ((format !== undefined && !format.isJson) || !isJson(body.contentType)) return undefined;
  return decoded(body.bytes, body.contentType);
}

function selected(definition: StreamDefinition, page: StoredPage, text: string, everyNumber: boolean): PageRecords {
  const { source } = definition;
  if (!everyNumber && !mayRound(text)) return { records: source.select(JSON.parse(text), page), hasExact: false };
  return { records: source.select(parseLossless(text, everyNumber), page), hasExact: true };
}

/** The record without ExactNumbers. */
export function plainRecord(record: unknown): unknown {
  return withTexts(record);
}

/** `application/json`, `application/vnd.api+json`; a type that says nothing is taken for JSON too. */
function isJson(contentType: string): boolean {
  return contentType === '' || /json|octet-stream/i.test(contentType);
}

/** @throws TypeError for bytes that are not in the encoding that the content type names (UTF-8 when it names none) */
function decoded(bytes: Buffer, contentType: string): string {
  const named = /charset="?([\w-]+)/i.exec(contentType)?.[1] ?? 'utf-8';
  const mark =
    bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : named;
  return new TextDecoder(mark, { fatal: true }).decode(bytes);
}
