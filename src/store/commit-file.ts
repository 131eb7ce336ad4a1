import { hash } from 'node:crypto';
import { SassyError } from '../errors/sassy-error.ts';
import { Commit, OVERLAY_FORMAT, STORE_FORMAT } from '../model/commit.ts';
import { isObject } from '../util/json.ts';

/** A commit with the checksum of its file: the next commit names it as its parent. */
export interface SealedCommit {
  readonly commit: Commit;
  readonly checksum: string;
}

/**
 * The file is one JSON object on one line whose last field is the sha256 (base64url) of all text before that field.
 */
const MARK = ',"checksum":"';
const CHECKSUM_LENGTH = 43;
const CLOSING = '"}\n';
const ENDING_LENGTH = MARK.length + CHECKSUM_LENGTH + CLOSING.length;

export function encodeCommit(commit: Commit): SealedCommit & { readonly bytes: Buffer } {
  const text = JSON.stringify(commit).slice(0, -1);
  const checksum = hash('sha256', text, 'base64url');
  return { commit, checksum, bytes: Buffer.from(`${text}${MARK}${checksum}${CLOSING}`) };
}

/**
 * `file` is for messages. STORE_CORRUPT when the bytes are not those of commit `number` of `stream`, whole;
 * STORE_VERSION when another format was written.
 */
export function decodeCommit(bytes: Buffer, file: string, stream: string, number: number): SealedCommit {
  const start = bytes.length - ENDING_LENGTH;
  if (start < 1) throw corruptCommit(file, `it has only ${bytes.length} bytes`);
  const ending = bytes.toString('latin1', start);
  const checksum = ending.slice(MARK.length, -CLOSING.length);
  const body = bytes.subarray(0, start);
  const isSealed = ending.startsWith(MARK) && ending.endsWith(CLOSING);
  if (!isSealed || hash('sha256', body, 'base64url') !== checksum) {
    // Another format may be sealed in another way: a whole JSON object that names it is believed before damage is.
    const format = formatIn(bytes);
    if (format !== undefined && !isKnown(format)) throw otherFormat(file, format);
    throw corruptCommit(file, isSealed ? 'its checksum does not match its text' : 'it does not end with its checksum');
  }
  const value: unknown = JSON.parse(`${body.toString('utf8')}}`);
  if (isObject(value) && !isKnown(value['format'])) throw otherFormat(file, value['format']);
  if (!isCommit(value)) throw corruptCommit(file, 'its fields are not those of a commit');
  if (value.number !== number) throw corruptCommit(file, `it is commit ${value.number} under the name of another`);
  if (value.stream !== stream) throw corruptCommit(file, `it belongs to the stream ${value.stream}`);
  return { commit: value, checksum };
}

/** STORE_CORRUPT for a commit file. */
export function corruptCommit(file: string, why: string): SassyError {
  return new SassyError('STORE_CORRUPT', {
    message: `${file} is damaged`,
    why,
    fix: 'put the file back from a backup',
  });
}

function formatIn(bytes: Buffer): number | undefined {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    return isObject(value) && Number.isInteger(value['format']) ? Number(value['format']) : undefined;
  } catch {
    return undefined;
  }
}

function isKnown(format: unknown): boolean {
  return format === STORE_FORMAT || format === OVERLAY_FORMAT;
}

function otherFormat(file: string, format: unknown): SassyError {
  const newer = typeof format === 'number' && format > OVERLAY_FORMAT;
  return new SassyError('STORE_VERSION', {
    message: `${file} is written in store format ${String(format)}; this sassy reads formats ${STORE_FORMAT} and ${OVERLAY_FORMAT}`,
    why: newer ? 'a newer sassy wrote it' : 'another sassy wrote it',
    fix: 'use the sassy that wrote it, or a newer one (npm install sassy@latest), or begin anew in another --data-dir',
  });
}

/** The parsed object itself is kept, not a schema's copy of it, which would lose keys like `__proto__`. */
function isCommit(value: unknown): value is Commit {
  return Commit.safeParse(value).success;
}
