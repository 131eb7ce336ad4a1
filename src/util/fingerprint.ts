/** How many words of 32 bits a fingerprint has. */
export const PRINT_WORDS = 4;

/**
 * Writes the 128 bits that stand for a text into four words, from `at` on. The first of them is never 0. MurmurHash3 (x86, 128
 * bits) over the UTF-16 code units, two to a word: not for what somebody may want to forge. https://github.com/aappleby/smhasher
 */
export function fingerprint(text: string, into: Uint32Array, at = 0): void {
  let [h1, h2, h3, h4] = [0x9747b28c, 0x5bd1e995, 0x1b873593, 0x38b34ae5];
  const { length } = text;
  for (let from = 0; from < length; from += 8) {
    h1 = step(h1 ^ scramble(word(text, from, length), 0x239b961b, 15, 0xab0e9789), 19, h2, 0x561ccd1b);
    h2 = step(h2 ^ scramble(word(text, from + 2, length), 0xab0e9789, 16, 0x38b34ae5), 17, h3, 0x0bcaa747);
    h3 = step(h3 ^ scramble(word(text, from + 4, length), 0x38b34ae5, 17, 0xa1e38b93), 15, h4, 0x96cd1c35);
    h4 = step(h4 ^ scramble(word(text, from + 6, length), 0xa1e38b93, 18, 0x239b961b), 13, h1, 0x32ac3b17);
  }
  h1 ^= length;
  h2 ^= length;
  h3 ^= length;
  h4 ^= length;
  h1 = (h1 + h2 + h3 + h4) | 0;
  h2 = (h2 + h1) | 0;
  h3 = (h3 + h1) | 0;
  h4 = (h4 + h1) | 0;
  h1 = mixed(h1);
  h2 = mixed(h2);
  h3 = mixed(h3);
  h4 = mixed(h4);
  h1 = (h1 + h2 + h3 + h4) | 0;
  into[at] = h1 === 0 ? 1 : h1;
  into[at + 1] = h2 + h1;
  into[at + 2] = h3 + h1;
  into[at + 3] = h4 + h1;
}

function word(text: string, at: number, length: number): number {
  return at + 1 < length
    ? text.charCodeAt(at) | (text.charCodeAt(at + 1) << 16)
    : at < length
      ? text.charCodeAt(at)
      : 0;
}

function scramble(value: number, first: number, bits: number, second: number): number {
  const product = Math.imul(value, first);
  return Math.imul((product << bits) | (product >>> (32 - bits)), second);
}

function step(value: number, bits: number, other: number, constant: number): number {
  return (Math.imul(((value << bits) | (value >>> (32 - bits))) + other, 5) + constant) | 0;
}

/** Spreads what a word says over all of its bits. */
function mixed(value: number): number {
  let hash = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
