import { hash } from 'node:crypto';

/** 128 bits of a sha256 tell two versions of one entity apart, also for somebody who would have them look alike. */
export const HASH_WORDS = 4;

/** The hash of each line, its line feed left out. */
export function lineHashes(bytes: Uint8Array<ArrayBuffer>, ends: readonly number[]): Uint32Array<ArrayBuffer> {
  const hashes = new Uint32Array(ends.length * HASH_WORDS);
  let start = 0;
  for (let row = 0; row < ends.length; row += 1) {
    const end = ends[row] ?? 0;
    lineHash(bytes.subarray(start, end - 1), hashes, row * HASH_WORDS);
    start = end;
  }
  return hashes;
}

/** Writes the hash of a line into `into`; the first word is never 0. */
export function lineHash(line: Uint8Array, into: Uint32Array, place: number): void {
  // A character for each byte. As a Buffer it takes twice as long, and each is memory that the garbage collector has to follow.
  const digest = hash('sha256', line, 'binary');
  for (let word = 0; word < HASH_WORDS; word += 1) {
    const at = 4 * word;
    into[place + word] =
      digest.charCodeAt(at) |
      (digest.charCodeAt(at + 1) << 8) |
      (digest.charCodeAt(at + 2) << 16) |
      (digest.charCodeAt(at + 3) << 24);
  }
  if (into[place] === 0) into[place] = 1;
}
