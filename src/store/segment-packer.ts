import type { Host } from '../util/host.ts';
import type { BlobStore } from './blob-store.ts';
import { randomId } from './durable-file.ts';
import { segmentId, segmentKey } from './store-keys.ts';

/** How large merged segments are meant to be. A blob is written from memory, so this is also what merging holds there. */
export const SEGMENT_BYTES = 32 * 1024 * 1024;

/** Where a frame was put. */
export interface Packed {
  readonly id: string;
  readonly offset: number;
}

/** Fills segments with frames, one after the other, in the order in which they come. */
export interface SegmentPacker {
  add(bytes: Buffer): Promise<Packed>;
  /** Writes what is left. */
  close(): Promise<void>;
  /** Ids of all segments begun so far. */
  readonly ids: readonly string[];
}

/** `commit`: the number of the commit that will name the segments. */
export function segmentPacker(
  { host, blobs, stream }: { readonly host: Host; readonly blobs: BlobStore; readonly stream: string },
  commit: number,
): SegmentPacker {
  const ids: string[] = [];
  let chunks: Buffer[] = [];
  let length = 0;

  async function close(): Promise<void> {
    const id = ids.at(-1);
    if (id === undefined || chunks.length === 0) return;
    const own = chunks;
    chunks = [];
    length = 0;
    await blobs.put(segmentKey(stream, id), own);
  }

  return {
    ids,
    close,
    async add(bytes) {
      if (chunks.length > 0 && length + bytes.byteLength > SEGMENT_BYTES) await close();
      if (chunks.length === 0) ids.push(segmentId(commit, randomId(host)));
      const offset = length;
      chunks.push(bytes);
      length += bytes.byteLength;
      return { id: ids.at(-1) ?? '', offset };
    },
  };
}
