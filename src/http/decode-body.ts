import { promisify } from 'node:util';
import * as zlib from 'node:zlib';
import { hasCode } from '../errors/error-code.ts';
import { SassyError } from '../errors/sassy-error.ts';
import { NetworkError } from './network-error.ts';

/** Large output chunks: with zlib's 16 KB a page of 160 KB costs a third more time. */
const CHUNK_BYTES = 256 * 1024;

/** Below it a hop to the thread pool costs more than the work. */
const SYNC_BYTES = 16 * 1024;

interface Decoder {
  now(body: Buffer, options: { readonly maxOutputLength: number; readonly chunkSize: number }): Buffer;
  later(body: Buffer, options: { readonly maxOutputLength: number; readonly chunkSize: number }): Promise<Buffer>;
}

const gzip: Decoder = { now: zlib.gunzipSync, later: promisify(zlib.gunzip) };

/** What servers use although only gzip is asked for. Each ends strictly: a cut stream is an error, not a short body. */
const DECODERS: ReadonlyMap<string, Decoder> = new Map([
  ['gzip', gzip],
  ['x-gzip', gzip],
  ['deflate', { now: zlib.inflateSync, later: promisify(zlib.inflate) }],
  ['br', { now: zlib.brotliDecompressSync, later: promisify(zlib.brotliDecompress) }],
]);

/** What is asked for: the one encoding that every server has, and that is decoded at no cost worth naming. */
export const ACCEPT_ENCODING = 'gzip';

/**
 * The decompressed body. A cut body rejects with a NetworkError (`TRUNCATED_BODY`, worth another try); a body above
 * `maxBytes` and an encoding that is unknown or given twice with API_WRONG_ANSWER.
 *
 * @param encoding the `content-encoding` header
 */
export async function decodeBody(body: Buffer, encoding: string | undefined, maxBytes: number): Promise<Buffer> {
  const name = encoding?.trim().toLowerCase() ?? '';
  // A response without a body (HEAD, 204, 304) may name the encoding that the body would have had.
  if (name === '' || name === 'identity' || body.byteLength === 0) return body;
  const decoder = DECODERS.get(name);
  if (decoder === undefined) throw unknownEncoding(name);
  const options = { maxOutputLength: maxBytes, chunkSize: CHUNK_BYTES };
  try {
    return body.byteLength < SYNC_BYTES ? decoder.now(body, options) : await decoder.later(body, options);
  } catch (error) {
    if (hasCode(error, 'ERR_BUFFER_TOO_LARGE')) throw tooLarge(maxBytes);
    throw new NetworkError('TRUNCATED_BODY', `the ${name} body is cut or damaged (${body.byteLength} bytes came)`);
  }
}

/** A body above the limit, compressed or not. */
export function tooLarge(maxBytes: number): SassyError {
  return new SassyError('API_WRONG_ANSWER', {
    message: 'The API sent a body that is too large',
    why: `one page may have at most ${Math.round(maxBytes / 1024 / 1024)} MiB when it is decompressed`,
    fix: 'ask for fewer records per page',
  });
}

function unknownEncoding(name: string): SassyError {
  return new SassyError('API_WRONG_ANSWER', {
    message: 'The API sent a body in an encoding that cannot be read',
    why: `content-encoding is ${JSON.stringify(name.slice(0, 50))}, and ${ACCEPT_ENCODING} was asked for`,
  });
}
