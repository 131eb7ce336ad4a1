import { mixed } from '../util/fingerprint.ts';

/** 64 bits tell two versions of one entity apart: they are never looked for among those of other entities. */
export const HASH_WORDS = 2;

/** The hash of each line, its line feed left out. */
export function lineHashes(bytes: Uint8Array<ArrayBuffer>, ends: readonly number[]): Uint32Array<ArrayBuffer> {
  const hashes = new Uint32Array(ends.length * HASH_WORDS);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let start = 0;
  for (let row = 0; row < ends.length; row += 1) {
    const end = ends[row] ?? 0;
    lineHash(view, start, end - 1, hashes, row * HASH_WORDS);
    start = end;
  }
  return hashes;
}

/**
 * Writes 64 bits that tell this line from another version of it into `into`; the first word is never 0. Two lanes of
 * multiplications over four bytes at a time, mixed at the end as MurmurHash3 does.
 */
export function lineHash(view: DataView, start: number, end: number, into: Uint32Array, place: number): void {
  let one = 0x9747b28c ^ (end - start);
  let two = 0x5bd1e995;
  let at = start;
  for (; at + 4 <= end; at += 4) {
    const word = view.getInt32(at, true);
    one = Math.imul(one ^ word, 0x5bd1e995);
    one = (one << 13) | (one >>> 19);
    two = Math.imul(two + word, 0x9e3779b1);
    two = (two << 15) | (two >>> 17);
  }
  for (; at < end; at += 1) {
    one = Math.imul(one ^ view.getUint8(at), 0x5bd1e995);
    one = (one << 13) | (one >>> 19);
    two = Math.imul(two + view.getUint8(at), 0x9e3779b1);
    two = (two << 15) | (two >>> 17);
  }
  const first = mixed(one);
  into[place] = first === 0 ? 1 : first;
  into[place + 1] = mixed(two ^ one);
}
