import type { SassyError } from '../errors/sassy-error.ts';
import { tooLarge } from './decode-body.ts';
import { NetworkError } from './network-error.ts';

/** Slower than a modem: whatever sends so slowly holds a worker and never ends. */
const SLOWEST_BYTES_PER_SECOND = 1024;

/** A body as it comes in. */
export interface WireBody {
  /** Takes a chunk. Gives the reason when the body must not be read on: it is too large, or comes too slowly. */
  add(chunk: Buffer): SassyError | NetworkError | undefined;
  whole(): Buffer;
  /** The error of a connection that ended within the body. */
  cut(): NetworkError;
}

/** Bounded while it comes, so that a body that is too large is stopped before it is whole. */
export function wireBody(maxBytes: number, slowMs: number): WireBody {
  const chunks: Buffer[] = [];
  const floor = speedFloor(slowMs);
  let bytes = 0;
  return {
    add(chunk) {
      bytes += chunk.byteLength;
      if (floor(chunk.byteLength)) return tooSlow(bytes);
      if (bytes > maxBytes) return tooLarge(maxBytes);
      chunks.push(chunk);
      return undefined;
    },
    whole: () => Buffer.concat(chunks, bytes),
    cut: () => new NetworkError('TRUNCATED_BODY', `the connection ended within the body, after ${bytes} bytes`),
  };
}

/** Takes the size of each chunk; true when a whole span has brought less than it must. No byte at all is an idle timeout. */
function speedFloor(spanMs: number): (bytes: number) => boolean {
  let start = performance.now();
  let came = 0;
  return (bytes) => {
    came += bytes;
    const passed = performance.now() - start;
    if (passed < spanMs) return false;
    const isSlow = came < (passed / 1000) * SLOWEST_BYTES_PER_SECOND;
    start += passed;
    came = 0;
    return isSlow;
  };
}

function tooSlow(bytes: number): NetworkError {
  const floor = `${SLOWEST_BYTES_PER_SECOND} bytes a second`;
  return new NetworkError('TOO_SLOW', `the body comes at less than ${floor} (${bytes} bytes so far)`);
}
