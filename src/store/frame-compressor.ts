import { hash } from 'node:crypto';
import { constants, createZstdCompress } from 'node:zlib';
import type { EncodedFrame } from './frame.ts';

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

/** Turns page lines into frames on the thread pool, one after the other. */
export interface FrameCompressor {
  /** `raw` must not be changed before it resolves. After an error every later call fails. */
  compress(raw: Buffer, pages: number): Promise<EncodedFrame>;
}

/**
 * One compressor for all frames of a writer: a new one for each frame costs more than a megabyte that only the garbage
 * collector gives back, and its collections cost more than the compression. Each write ends a frame.
 */
export function frameCompressor(): FrameCompressor {
  const stream = createZstdCompress({
    flush: constants.ZSTD_e_end,
    chunkSize: OUTPUT_CHUNK,
    params: COMPRESS_PARAMS,
  });
  let chunks: Buffer[] = [];
  let failure: Error | undefined;
  let tail: Promise<unknown> = Promise.resolve();
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  stream.on('error', (error) => {
    failure = error;
  });

  function write(raw: Buffer): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      if (failure !== undefined) return void reject(failure);
      stream.write(raw, (error) => {
        // What zlib hands out are parts of larger buffers, which would stay in memory until the commit: so they are copied.
        if (error === null || error === undefined) resolve(Buffer.concat(chunks));
        else reject(error);
        chunks = [];
      });
    });
  }

  return {
    compress(raw, pages) {
      const done = tail.then(async () => {
        const bytes = await write(raw);
        return { bytes, rawLength: raw.byteLength, pages, sha256: hash('sha256', bytes, 'base64url') };
      });
      tail = done.catch(() => undefined);
      return done;
    },
  };
}
