import { promisify } from 'node:util';
import * as zlib from 'node:zlib';
import { hasCode } from '../errors/error-code.ts';
import { SassyError } from '../errors/sassy-error.ts';
import { NetworkError } from './network-error.ts';

/** Large output chunks: with zlib's 16 KB a page of 160 KB costs a third more time. */
const CHUNK_BYTES = 256 * 1024;

/** Below it a hop to the thread pool costs more than the work. */
const SYNC_BYTES = 16 * 1024;

/** Ratios above it are no text that an API sends; small bodies are let be, because blanks compress well. */
const HIGHEST_RATIO = 200;
const FREE_BYTES = 8 * 1024 * 1024;

interface Options {
  readonly maxOutputLength: number;
  readonly chunkSize: number;
}

interface Decoder {
  now(body: Buffer, options: Options & { readonly info: true }): unknown;
  later(body: Buffer, options: Options & { readonly info: true }): Promise<unknown>;
  /** True where one body may be several compressed ones in a row, and Node reads the first alone. */
  readonly hasFrames?: boolean;
}

const gzip: Decoder = { now: zlib.gunzipSync, later: promisify(zlib.gunzip) };

/** What servers use although only gzip is asked for. Each ends strictly: a cut stream is an error, not a short body. */
const DECODERS: ReadonlyMap<string, Decoder> = new Map([
  ['gzip', gzip],
  ['x-gzip', gzip],
  ['deflate', { now: zlib.inflateSync, later: promisify(zlib.inflate) }],
  ['br', { now: zlib.brotliDecompressSync, later: promisify(zlib.brotliDecompress) }],
  ['zstd', { now: zlib.zstdDecompressSync, later: promisify(zlib.zstdDecompress), hasFrames: true }],
]);

/** What is asked for: the one encoding that every server has, and that is decoded at no cost worth naming. */
export const ACCEPT_ENCODING = 'gzip';

/**
 * The decompressed body. A cut body, and one with bytes after its end, rejects with a NetworkError (`TRUNCATED_BODY`,
 * worth another try); a body above `maxBytes` or one that grows more than 200 times beyond 8 MiB, and an encoding that is
 * unknown or given twice, with API_WRONG_ANSWER.
 *
 * @param encoding the `content-encoding` header
 */
export async function decodeBody(body: Buffer, encoding: string | undefined, maxBytes: number): Promise<Buffer> {
  const name = encoding?.trim().toLowerCase() ?? '';
  // A response without a body (HEAD, 204, 304) may name the encoding that the body would have had.
  if (name === '' || name === 'identity' || body.byteLength === 0) return body;
  const decoder = DECODERS.get(name);
  if (decoder === undefined) throw unknownEncoding(name);
  const frames: Buffer[] = [];
  let left = body;
  let room = Math.min(maxBytes, Math.max(FREE_BYTES, HIGHEST_RATIO * body.byteLength));
  while (left.byteLength > 0) {
    const { output, read } = await decodeFrame(decoder, left, name, room, maxBytes);
    frames.push(output);
    room -= output.byteLength;
    left = left.subarray(read);
    if (left.byteLength > 0 && (decoder.hasFrames !== true || read === 0 || room <= 0)) throw damaged(name, body);
  }
  const [only] = frames;
  return frames.length === 1 && only !== undefined ? only : Buffer.concat(frames);
}

async function decodeFrame(
  decoder: Decoder,
  body: Buffer,
  name: string,
  room: number,
  maxBytes: number,
): Promise<{ readonly output: Buffer; readonly read: number }> {
  const options = { maxOutputLength: room, chunkSize: CHUNK_BYTES, info: true } as const;
  try {
    const decoded = body.byteLength < SYNC_BYTES ? decoder.now(body, options) : await decoder.later(body, options);
    if (isDecoded(decoded)) return { output: decoded.buffer, read: decoded.engine.bytesWritten };
  } catch (error) {
    if (hasCode(error, 'ERR_BUFFER_TOO_LARGE')) throw room < maxBytes ? bomb(body, room) : tooLarge(maxBytes);
  }
  throw damaged(name, body);
}

/** With `info` Node tells how much of the input it has read; its types do not know that. */
function isDecoded(
  value: unknown,
): value is { readonly buffer: Buffer; readonly engine: { readonly bytesWritten: number } } {
  if (typeof value !== 'object' || value === null || !('buffer' in value) || !('engine' in value)) return false;
  const { buffer, engine } = value;
  return Buffer.isBuffer(buffer) && typeof engine === 'object' && engine !== null && 'bytesWritten' in engine;
}

function damaged(name: string, body: Buffer): NetworkError {
  return new NetworkError('TRUNCATED_BODY', `the ${name} body is cut or damaged (${body.byteLength} bytes came)`);
}

function bomb(body: Buffer, room: number): SassyError {
  return new SassyError('API_WRONG_ANSWER', {
    message: 'The API sent a body that grows beyond all measure when it is decompressed',
    why: `${body.byteLength} bytes came, and they are more than ${Math.round(room / 1024 / 1024)} MiB: no text that an API sends is as repetitive`,
    fix: 'look at what answers there; it may be no API',
  });
}

/** A body above the limit, compressed or not. */
export function tooLarge(maxBytes: number): SassyError {
  return new SassyError('API_WRONG_ANSWER', {
    message: 'The API sent a body that is too large',
    why: `one page may have at most ${Math.round(maxBytes / 1024 / 1024)} MiB when it is decompressed`,
    fix: "ask for fewer records per page, or raise maxBodyBytes in the integration's http",
  });
}

function unknownEncoding(name: string): SassyError {
  return new SassyError('API_WRONG_ANSWER', {
    message: 'The API sent a body in an encoding that cannot be read',
    why: `content-encoding is ${shownEncoding(name)}, and ${ACCEPT_ENCODING} was asked for`,
  });
}

/** Registered names and those of known proxies (https://www.iana.org/assignments/http-parameters): anything else is the server's own text. */
const REGISTERED = /^(aws-chunked|br|compress|dcb|dcz|deflate|exi|gzip|identity|pack200-gzip|x-compress|x-gzip|zstd)$/;

function shownEncoding(name: string): string {
  const names = name.split(',').map((part) => part.trim());
  return names.every((part) => REGISTERED.test(part)) && names.length < 10 ? `"${name}"` : 'none that is registered';
}
