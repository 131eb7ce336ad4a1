import type { EncodedFrame } from './frame.ts';
import { frameCompressor } from './frame-compressor.ts';

/** How many frames may wait, the one being compressed included, before `ready` holds the caller back. */
const MAX_WAITING = 3;

/** The first buffer of a queue: most writers bring a few pages and need no more. */
const FIRST_BYTES = 64 * 1024;

/** Collects page lines into frames and compresses them in the background, in order. */
export interface FrameQueue {
  /** Copies the pieces of one line to the end of the frame in hand. */
  append(pieces: readonly Uint8Array[]): void;
  /** The frame in hand is whole; undefined when it has no lines. */
  cut(): Promise<EncodedFrame> | undefined;
  /** Bytes in the frame in hand. */
  readonly length: number;
  /** Resolves when few enough frames wait, so that memory stays bounded however fast pages come. */
  ready(): Promise<void>;
}

/**
 * `frameBytes`: how large a frame is meant to be. The lines are copied at once into buffers that are used again and
 * again: a page's own bytes can so be given back young, which is what keeps the garbage collector quiet.
 */
export function frameQueue(frameBytes: number): FrameQueue {
  const capacity = frameBytes + (frameBytes >> 2);
  const compressor = frameCompressor();
  const spare: Buffer[] = [];
  const waiters: (() => void)[] = [];
  let buffer: Buffer | undefined;
  let length = 0;
  let pages = 0;
  let unfinished = 0;
  const isCrowded = (): boolean => unfinished > MAX_WAITING;

  function room(bytes: number): Buffer {
    if (buffer !== undefined && length + bytes <= buffer.byteLength) return buffer;
    const old = buffer;
    const reused = length + bytes <= capacity ? spare.pop() : undefined;
    buffer = reused ?? Buffer.allocUnsafeSlow(sizeFor(length + bytes));
    if (old !== undefined) {
      old.copy(buffer, 0, 0, length);
      giveBack(old);
    }
    return buffer;
  }

  /** Small at first, then as large as a frame, and larger for a page that is larger by itself. */
  function sizeFor(bytes: number): number {
    const doubled = Math.max(FIRST_BYTES, 2 ** Math.ceil(Math.log2(bytes)));
    return bytes > capacity ? bytes : Math.min(doubled, capacity);
  }

  function giveBack(used: Buffer): void {
    if (used.byteLength === capacity && spare.length <= MAX_WAITING) spare.push(used);
  }

  async function compressed(own: Buffer, raw: Buffer, count: number): Promise<EncodedFrame> {
    unfinished += 1;
    try {
      return await compressor.compress(raw, count);
    } finally {
      unfinished -= 1;
      giveBack(own);
      if (!isCrowded()) waiters.splice(0).forEach((resolve) => resolve());
    }
  }

  return {
    append(pieces) {
      let bytes = 0;
      for (const piece of pieces) bytes += piece.byteLength;
      const target = room(bytes);
      for (const piece of pieces) {
        target.set(piece, length);
        length += piece.byteLength;
      }
      pages += 1;
    },
    cut() {
      if (buffer === undefined || pages === 0) return undefined;
      const frame = compressed(buffer, buffer.subarray(0, length), pages);
      // The error is thrown by the commit that needs the frame; until then nobody is waiting for it.
      frame.catch(() => undefined);
      buffer = undefined;
      length = 0;
      pages = 0;
      return frame;
    },
    get length() {
      return length;
    },
    async ready() {
      while (isCrowded()) await new Promise<void>((resolve) => waiters.push(resolve));
    },
  };
}
