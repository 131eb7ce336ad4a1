import { isUtf8 } from 'node:buffer';
import { hash } from 'node:crypto';
import type { PageBody, PageOrigin, PageReference, PageValidators, StoredPage } from '../model/page.ts';
import type { Slice } from '../model/slice.ts';
import { isObject } from '../util/json.ts';

/** A page on its way into the raw store. */
export interface FetchedPage {
  readonly request: PageOrigin;
  /** ISO 8601, by our clock. */
  readonly fetchedAt: string;
  readonly status: number;
  readonly slice: Slice;
  readonly listing?: number;
  readonly recordCount: number;
  readonly known?: readonly number[];
  /** The page that this one is the same as; `bytes` are empty then. */
  readonly same?: PageReference;
  readonly validators?: PageValidators;
  readonly contentType: string;
  /** The vendor's bytes as they came. */
  readonly bytes: Buffer;
  /** True when the caller has parsed these very bytes as one JSON text. */
  readonly isJson: boolean;
}

/** A page without its body. */
export type PageHead = Omit<StoredPage, 'body'>;

interface Envelope extends PageHead {
  readonly sha256?: string;
  readonly contentType?: string;
}

/**
 * A line is one JSON object whose first field says where, in bytes, the value of its last field begins:
 * `{"bodyAt":     214,"request":{…},…,"body":<the vendor's JSON text>}`. The body is so found by position, whatever the
 * URLs, slices and the body itself contain. Bytes that are no JSON text in UTF-8 are in `"body64"`, with `contentType`.
 */
const START = '{"bodyAt":';
const NUMBER_WIDTH = 8;
const FIRST_FIELD = START.length + NUMBER_WIDTH + 1;
const BODY = ',"body":';
const BODY64 = ',"body64":';
/** Begins the line of a page that is no longer there. */
const REMOVED = '{"removedRecords":';
const REMOVED_BYTES = Buffer.from(REMOVED);
const LF = 10;
const CR = 13;
const SPACE = 32;
const CLOSE = 125;
/** The body of a page that is the same as another. */
const NOTHING = Buffer.from('null');
const END = Buffer.from('}\n');
const END_TEXT = Buffer.from('"}\n');

/** The line of a page in pieces, line feed included. A JSON text without line breaks is not copied. */
export function encodePageLine(page: FetchedPage): Uint8Array[] {
  const { bytes } = page;
  if (page.same !== undefined) return [envelopeBytes(envelopeOf(page), BODY, 0), NOTHING, END];
  // A text with a byte order mark is JSON to some and not to others: kept as bytes, it is nobody's question.
  if (!page.isJson || hasByteOrderMark(bytes) || !isUtf8(bytes)) {
    const text = bytes.toString('base64');
    return [
      envelopeBytes({ ...envelopeOf(page), contentType: page.contentType }, `${BODY64}"`, 1),
      Buffer.from(text),
      END_TEXT,
    ];
  }
  if (!bytes.includes(LF) && !bytes.includes(CR)) return [envelopeBytes(envelopeOf(page), BODY, 0), bytes, END];
  const sha256 = hash('sha256', bytes, 'base64url');
  return [envelopeBytes({ ...envelopeOf(page), sha256 }, BODY, 0), onOneLine(bytes), END];
}

/**
 * The page of a line, with or without its line feed. The JSON text is the stored one to the byte; it is not parsed here.
 * Throws an Error that says what is wrong; the reader knows which file it stood in.
 */
export function decodePageLine(line: Buffer): StoredPage {
  const { envelope, at, end, isText } = opened(line);
  const body = isText
    ? new JsonBody(line.subarray(at, end - 1), envelope.sha256)
    : bytesBody(envelope, line.toString('latin1', at, end - 1));
  return { ...headOf(envelope), body };
}

/** The same without the body, which is not decoded. */
export function decodePageHead(line: Buffer): PageHead {
  return headOf(opened(line).envelope);
}

/** What becomes of a page of which records were cut out. */
export interface PageChange {
  readonly request: PageOrigin;
  readonly recordCount: number;
  readonly known: readonly number[];
  /** How many records were cut out of it in all. */
  readonly cut: number;
  /** The JSON text that is left; undefined when the body stays as it is. */
  readonly text: string | undefined;
}

/** The line of a page that was changed, line feed included; it says how many records were cut out. */
export function changedPageLine(line: Buffer, { text, known, cut, ...head }: PageChange): Buffer {
  const { envelope, at, end, isText } = opened(line);
  const { known: _known, cut: _cut, ...rest } = headOf(envelope);
  const changed: Envelope = {
    ...headOf({ ...rest, ...head, ...(known.length === 0 ? {} : { known }), ...(cut === 0 ? {} : { cut }) }),
    ...(envelope.contentType === undefined || text !== undefined ? {} : { contentType: envelope.contentType }),
    // The sha256 of what came would still be that of the records that were cut out.
    ...(envelope.sha256 === undefined || text !== undefined ? {} : { sha256: envelope.sha256 }),
  };
  if (text !== undefined) return Buffer.concat([envelopeBytes(changed, BODY, 0), onOneLine(Buffer.from(text)), END]);
  const body = line.subarray(at, end);
  return Buffer.concat([envelopeBytes(changed, isText ? BODY : BODY64, 0), body, Buffer.from('\n')]);
}

/**
 * What stands in the place of a page that was removed with all its records: pages keep their places, by which others refer
 * to them.
 */
export function removedPageLine(records: number): Buffer {
  return Buffer.from(`${REMOVED}${records}}\n`);
}

export function isRemovedPage(line: Buffer): boolean {
  return line.subarray(0, REMOVED.length).equals(REMOVED_BYTES);
}

interface OpenedLine {
  readonly envelope: Envelope;
  /** Where the value of the body begins, and where the line ends. */
  readonly at: number;
  readonly end: number;
  readonly isText: boolean;
}

function opened(line: Buffer): OpenedLine {
  const end = line.at(-1) === LF ? line.length - 1 : line.length;
  const at = bodyPosition(line);
  if (at >= end || line[end - 1] !== CLOSE) throw new Error('a page line does not end with its body');
  const head = line.toString('utf8', 0, at);
  const isText = head.endsWith(BODY);
  if (!isText && !head.endsWith(BODY64)) throw new Error('a page line has no body where it says');
  const envelope: unknown = JSON.parse(`${head.slice(0, isText ? -BODY.length : -BODY64.length)}}`);
  if (!isEnvelope(envelope)) throw new Error('the fields of a page line are not those of a page');
  return { envelope, at, end, isText };
}

function envelopeOf(page: FetchedPage): Envelope {
  const { method, url, body } = page.request;
  return headOf({ ...page, request: { method, url, ...(body === undefined ? {} : { body }) } });
}

/** Exactly the fields of a head, in the order in which they are written. */
function headOf(from: PageHead): PageHead {
  const { request, fetchedAt, status, slice, listing, recordCount, known, same, validators, cut } = from;
  return {
    request,
    fetchedAt,
    status,
    slice,
    ...(listing === undefined ? {} : { listing }),
    recordCount,
    ...(known === undefined ? {} : { known }),
    ...(same === undefined ? {} : { same }),
    ...(validators === undefined ? {} : { validators }),
    ...(cut === undefined ? {} : { cut }),
  };
}

/** `inside`: how many bytes of `opening` belong to the body's value already. */
function envelopeBytes(envelope: Envelope, opening: string, inside: number): Buffer {
  const rest = Buffer.from(`${JSON.stringify(envelope).slice(1, -1)}${opening}`);
  const at = FIRST_FIELD + rest.length - inside;
  return Buffer.concat([Buffer.from(`${START}${String(at).padStart(NUMBER_WIDTH)},`), rest]);
}

/** Outside of strings a line break is white space, and inside of them JSON allows none: the text means the same. */
function onOneLine(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  for (let index = 0; index < copy.length; index += 1) {
    if (copy[index] === LF || copy[index] === CR) copy[index] = SPACE;
  }
  return copy;
}

function hasByteOrderMark(bytes: Buffer): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
}

function bodyPosition(line: Buffer): number {
  const head = line.toString('latin1', 0, FIRST_FIELD);
  const digits = head.slice(START.length, -1).trimStart();
  if (!head.startsWith(START) || !/^\d+$/.test(digits))
    throw new Error('a page line does not say where its body begins');
  return Number(digits);
}

/** Decoded when it is asked for: who reads the records out of the bytes never needs the text. */
class JsonBody {
  readonly kind = 'json';
  readonly bytes: Buffer;
  readonly sha256?: string;
  #text: string | undefined;

  constructor(bytes: Buffer, sha256: string | undefined) {
    this.bytes = bytes;
    if (sha256 !== undefined) this.sha256 = sha256;
  }

  get text(): string {
    this.#text ??= this.bytes.toString('utf8');
    return this.#text;
  }
}

function bytesBody(envelope: Envelope, quoted: string): PageBody {
  if (envelope.contentType === undefined) throw new Error('a page line holds bytes without their content type');
  return { kind: 'bytes', bytes: Buffer.from(quoted.slice(1, -1), 'base64'), contentType: envelope.contentType };
}

/** By hand, because a schema library copies objects and loses keys like `__proto__`, which are data here. */
function isEnvelope(value: unknown): value is Envelope {
  if (!isObject(value) || !isObject(value['request']) || !isObject(value['slice'])) return false;
  const { request, known, same, validators } = value;
  return (
    typeof request['method'] === 'string' &&
    typeof request['url'] === 'string' &&
    isOptional(request['body'], 'string') &&
    typeof value['fetchedAt'] === 'string' &&
    typeof value['status'] === 'number' &&
    Object.values(value['slice']).every((part) => typeof part === 'string') &&
    isOptional(value['listing'], 'number') &&
    typeof value['recordCount'] === 'number' &&
    (known === undefined || (Array.isArray(known) && known.every((index) => typeof index === 'number'))) &&
    (same === undefined || isReference(same)) &&
    (validators === undefined || isValidators(validators)) &&
    isOptional(value['cut'], 'number') &&
    isOptional(value['sha256'], 'string') &&
    isOptional(value['contentType'], 'string')
  );
}

function isReference(value: unknown): boolean {
  return isObject(value) && typeof value['commit'] === 'number' && typeof value['page'] === 'number';
}

function isValidators(value: unknown): boolean {
  return (
    isObject(value) &&
    isOptional(value['etag'], 'string') &&
    isOptional(value['lastModified'], 'string') &&
    (value['next'] === undefined || isObject(value['next']))
  );
}

function isOptional(value: unknown, type: 'string' | 'number'): boolean {
  return value === undefined || typeof value === type;
}
