import { encodeFrame, type EncodedFrame } from './frame.ts';

/** The thread pool has four threads; one is left for files and name look-ups. */
const AT_ONCE = 3;

/** How many frames may wait, those being compressed included, before `ready` holds the caller back. */
const MAX_WAITING = 5;

/** Compresses frames in the background, a few at once. */
export interface FrameQueue {
  /** Takes the page lines of one frame, in pieces that nobody changes any more. */
  add(chunks: readonly Uint8Array[], pages: number): Promise<EncodedFrame>;
  /** Resolves when few enough frames wait, so that memory stays bounded however fast pages come. */
  ready(): Promise<void>;
}

export function frameQueue(): FrameQueue {
  let unfinished = 0;
  let running = 0;
  const starts: (() => void)[] = [];
  const waiters: (() => void)[] = [];
  const isCrowded = (): boolean => unfinished > MAX_WAITING;

  function next(): void {
    while (running < AT_ONCE) {
      const start = starts.shift();
      if (start === undefined) break;
      running += 1;
      start();
    }
    if (!isCrowded()) waiters.splice(0).forEach((resolve) => resolve());
  }

  async function compressed(chunks: readonly Uint8Array[], pages: number): Promise<EncodedFrame> {
    await new Promise<void>((start) => {
      starts.push(start);
      next();
    });
    try {
      return await encodeFrame(Buffer.concat(chunks), pages);
    } finally {
      running -= 1;
      unfinished -= 1;
      next();
    }
  }

  return {
    add(chunks, pages) {
      unfinished += 1;
      const frame = compressed(chunks, pages);
      // The error is thrown by the commit that needs the frame; until then nobody is waiting for it.
      frame.catch(() => undefined);
      return frame;
    },
    async ready() {
      while (isCrowded()) await new Promise<void>((resolve) => waiters.push(resolve));
    },
  };
}
