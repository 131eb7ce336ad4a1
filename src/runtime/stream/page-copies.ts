/** Copies are made in rooms of a multiple of this; smaller pages are held as they came. */
const ROOM_BYTES = 64 * 1024;
const SMALLEST_COPY = 16 * 1024;

/** So much room is kept for later copies; more is given back to the machine. */
const MOST_SPARE_BYTES = 8 * 1024 * 1024;

export interface PageCopy {
  readonly bytes: Buffer;
  /** The memory that it takes. */
  readonly size: number;
  /** Nobody looks at the bytes any more. */
  giveBack(): void;
}

/**
 * Copies of pages that are held for a while, in memory that is used again and again. Held themselves, pages of every slice
 * would grow old, and only a full collection gives back what is old: the memory of a run would be that of its garbage.
 */
export interface PageCopies {
  copy(bytes: Buffer): PageCopy;
}

export function pageCopies(): PageCopies {
  const spare = new Map<number, Buffer[]>();
  let spareBytes = 0;

  function take(size: number): Buffer {
    const room = spare.get(size)?.pop();
    if (room === undefined) return Buffer.allocUnsafeSlow(size);
    spareBytes -= size;
    return room;
  }

  function give(room: Buffer): void {
    const size = room.byteLength;
    if (spareBytes + size > MOST_SPARE_BYTES) return;
    spareBytes += size;
    const same = spare.get(size);
    if (same === undefined) spare.set(size, [room]);
    else same.push(room);
  }

  return {
    copy(bytes) {
      const { byteLength } = bytes;
      if (byteLength < SMALLEST_COPY) return { bytes, size: byteLength, giveBack: () => undefined };
      const room = take(Math.ceil(byteLength / ROOM_BYTES) * ROOM_BYTES);
      bytes.copy(room);
      return { bytes: room.subarray(0, byteLength), size: room.byteLength, giveBack: () => give(room) };
    },
  };
}
