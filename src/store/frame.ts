import { hash } from 'node:crypto';
import { promisify } from 'node:util';
import { constants, zstdCompress, zstdDecompress } from 'node:zlib';
import { SassyError } from '../errors/sassy-error.ts';
import type { Frame } from '../model/commit.ts';

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

/**
 * Measured on pages of 1.6 KB records, cpu per record, all threads (Node 24): level 1 costs 2.0–2.4 µs and makes data
 * 7.5–9.6 times smaller; level 3 2.4–3.6 µs for 8.2–10.1; the fast levels -5 and -10 1.6–1.9 µs for 4.6–7.1. A window of
 * 256 KiB keeps what level 1 saves and costs 5–10 % less than its default of 512 KiB.
 */
const COMPRESS_PARAMS = {
  [constants.ZSTD_c_compressionLevel]: 1,
  [constants.ZSTD_c_windowLog]: 18,
};

/** Node fills buffers of this size one after another; with its default of 16 KiB both ways cost up to six times as much. */
const OUTPUT_CHUNK = 256 * 1024;

/** Room beyond the expected length, so that zlib sees the end of the frame without asking for a second buffer. */
const SLACK = 64;

/** One zstd frame and what a commit says of it. */
export interface EncodedFrame {
  readonly bytes: Buffer;
  readonly rawLength: number;
  readonly pages: number;
  /** Of `bytes`, base64url. */
  readonly sha256: string;
}

/** Compresses page lines into one frame, on the thread pool. */
export async function encodeFrame(raw: Buffer, pages: number): Promise<EncodedFrame> {
  const compressed = await compress(raw, {
    chunkSize: OUTPUT_CHUNK,
    pledgedSrcSize: raw.byteLength,
    params: COMPRESS_PARAMS,
  });
  // zlib answers with a part of the buffer it wrote to, all of which would stay in memory until the commit.
  const bytes = Buffer.from(compressed);
  return { bytes, rawLength: raw.byteLength, pages, sha256: hash('sha256', bytes, 'base64url') };
}

/**
 * The page lines of a frame. `bytes` is what was read from `file` at `frame.offset`; anything but what was written is
 * STORE_CORRUPT. (Node's decoder stops after the first frame without a word, so exactly one frame is handed to it:
 * https://github.com/nodejs/node/issues/64741)
 */
export async function decodeFrame(bytes: Buffer, frame: Frame, file: string): Promise<Buffer> {
  if (bytes.byteLength !== frame.length)
    throw corruptFrame(file, frame, `the file ends after ${bytes.byteLength} of them`);
  if (hash('sha256', bytes, 'base64url') !== frame.sha256) throw corruptFrame(file, frame, 'their sha256 is another');
  let raw: Buffer;
  try {
    raw = await decompress(bytes, { chunkSize: frame.rawLength + SLACK, maxOutputLength: frame.rawLength + SLACK });
  } catch (error) {
    throw corruptFrame(file, frame, 'they cannot be decompressed', error);
  }
  if (raw.byteLength !== frame.rawLength)
    throw corruptFrame(file, frame, `they hold ${raw.byteLength} bytes, not ${frame.rawLength}`);
  return raw;
}

/** STORE_CORRUPT for a frame, with the file, the offset and the length. */
export function corruptFrame(file: string, frame: Frame, why: string, cause?: unknown): SassyError {
  return new SassyError('STORE_CORRUPT', {
    message: `${file} is damaged: ${frame.length} bytes at offset ${frame.offset}`,
    why,
    fix: 'put the file back from a backup',
    cause,
  });
}
