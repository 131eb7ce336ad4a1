import { hash } from 'node:crypto';
import { promisify } from 'node:util';
import { zstdDecompress } from 'node:zlib';
import { SassyError } from '../errors/sassy-error.ts';
import type { Frame } from '../model/commit.ts';

const decompress = promisify(zstdDecompress);

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

/**
 * The page lines of a frame. `bytes` is what was read from `file` at `frame.offset`; anything but what was written is
 * STORE_CORRUPT. (Node's decoder stops after the first frame without a word, so exactly one frame is handed to it:
 * https://github.com/nodejs/node/issues/64741)
 */
export async function decodeFrame(bytes: Buffer, frame: Frame, file: string): Promise<Buffer> {
  if (bytes.byteLength !== frame.length)
    throw corruptFrame(file, frame, `the file ends after ${bytes.byteLength} of them`);
  if (sha256Of(bytes) !== frame.sha256) throw corruptFrame(file, frame, 'their sha256 is another');
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

/** As it stands in a commit. */
export function sha256Of(bytes: Buffer): string {
  return hash('sha256', bytes, 'base64url');
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
