import type { Chunks } from './host.ts';

/** The part of a file handle that is written by. */
export interface Writable {
  write(chunk: Uint8Array): Promise<{ readonly bytesWritten: number }>;
  writev(chunks: readonly Uint8Array[]): Promise<{ readonly bytesWritten: number }>;
}

/** So many chunks are handed to the kernel at once; it takes no more than 1,024. */
const CHUNKS_AT_ONCE = 256;

/** Writes all of it. Chunks that are there already go out many at a time: each call waits for its turn in a busy process. */
export async function writeAll(handle: Writable, chunks: Chunks): Promise<void> {
  if (!Array.isArray(chunks)) {
    for await (const chunk of chunks) await writeEach(handle, [chunk]);
    return;
  }
  for (let at = 0; at < chunks.length; at += CHUNKS_AT_ONCE)
    await writeEach(handle, chunks.slice(at, at + CHUNKS_AT_ONCE));
}

/** A write may be short (a quota, a signal): goes on until the kernel has taken every byte or says why not. */
async function writeEach(handle: Writable, chunks: readonly Uint8Array[]): Promise<void> {
  let left = chunks.filter(({ byteLength }) => byteLength > 0);
  while (left.length > 0) {
    const [first] = left;
    let { bytesWritten: done } =
      left.length === 1 && first !== undefined ? await handle.write(first) : await handle.writev(left);
    const whole = left.findIndex((chunk) => {
      if (done < chunk.byteLength) return true;
      done -= chunk.byteLength;
      return false;
    });
    if (whole < 0) return;
    left = left.slice(whole).map((chunk, index) => (index === 0 ? chunk.subarray(done) : chunk));
  }
}
