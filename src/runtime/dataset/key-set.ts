import { openSpill, type Spill } from './spill.ts';

/** 64 MiB of fingerprints; more keys go to a temporary file. */
const KEYS_IN_MEMORY = 2 ** 21;

export interface KeySet {
  /** True when the key was not in the set. */
  add(key: string): boolean;
  close(): void;
}

/**
 * A set of strings that is bounded in memory. In memory it holds fingerprints of 128 bits, not the strings: two keys of
 * ten million are taken for one with a chance of 1 in 10^24.
 */
export function keySet(limit = KEYS_IN_MEMORY): KeySet {
  const memory = new FingerprintSet();
  let spill: Spill | undefined;
  return {
    add(key) {
      if (memory.size < limit) return memory.add(key);
      if (memory.has(key)) return false;
      spill ??= openSpill();
      return spill.insert(key, '');
    },
    close: () => spill?.close(),
  };
}

const WORDS = 4;

/** Open addressing in one array of numbers: nothing for the garbage collector to walk through. */
class FingerprintSet {
  #slots = new Uint32Array(WORDS * 2 ** 12);
  #size = 0;
  readonly #print = new Uint32Array(WORDS);

  get size(): number {
    return this.#size;
  }

  has(key: string): boolean {
    fingerprint(key, this.#print);
    return this.#find(this.#slots, this.#print) < 0;
  }

  add(key: string): boolean {
    fingerprint(key, this.#print);
    const slot = this.#find(this.#slots, this.#print);
    if (slot < 0) return false;
    this.#slots.set(this.#print, slot);
    this.#size += 1;
    if (this.#size * WORDS * 2 > this.#slots.length) this.#grow();
    return true;
  }

  /** Where it belongs, or -1 when it is there. A slot whose first word is 0 is free. */
  #find(slots: Uint32Array, print: Uint32Array): number {
    const mask = slots.length - 1;
    for (let at = ((print[1] ?? 0) * WORDS) & mask; ; at = (at + WORDS) & mask) {
      if (slots[at] === 0) return at;
      if (
        slots[at] === print[0] &&
        slots[at + 1] === print[1] &&
        slots[at + 2] === print[2] &&
        slots[at + 3] === print[3]
      )
        return -1;
    }
  }

  #grow(): void {
    const next = new Uint32Array(this.#slots.length * 2);
    for (let at = 0; at < this.#slots.length; at += WORDS) {
      if (this.#slots[at] === 0) continue;
      const print = this.#slots.subarray(at, at + WORDS);
      next.set(print, this.#find(next, print));
    }
    this.#slots = next;
  }
}

/** MurmurHash3 (x86, 128 bits) over the UTF-16 code units, two to a word. https://github.com/aappleby/smhasher */
function fingerprint(key: string, into: Uint32Array): void {
  let [h1, h2, h3, h4] = [0x9747b28c, 0x5bd1e995, 0x1b873593, 0x38b34ae5];
  const { length } = key;
  for (let at = 0; at < length; at += 8) {
    h1 = step(h1 ^ scramble(word(key, at, length), 0x239b961b, 15, 0xab0e9789), 19, h2, 0x561ccd1b);
    h2 = step(h2 ^ scramble(word(key, at + 2, length), 0xab0e9789, 16, 0x38b34ae5), 17, h3, 0x0bcaa747);
    h3 = step(h3 ^ scramble(word(key, at + 4, length), 0x38b34ae5, 17, 0xa1e38b93), 15, h4, 0x96cd1c35);
    h4 = step(h4 ^ scramble(word(key, at + 6, length), 0xa1e38b93, 18, 0x239b961b), 13, h1, 0x32ac3b17);
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
  into[0] = h1 === 0 ? 1 : h1;
  into[1] = h2 + h1;
  into[2] = h3 + h1;
  into[3] = h4 + h1;
}

function word(key: string, at: number, length: number): number {
  return at + 1 < length ? key.charCodeAt(at) | (key.charCodeAt(at + 1) << 16) : at < length ? key.charCodeAt(at) : 0;
}

function scramble(value: number, first: number, bits: number, second: number): number {
  const product = Math.imul(value, first);
  return Math.imul((product << bits) | (product >>> (32 - bits)), second);
}

function step(value: number, bits: number, other: number, constant: number): number {
  return (Math.imul(((value << bits) | (value >>> (32 - bits))) + other, 5) + constant) | 0;
}

function mixed(value: number): number {
  let hash = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
