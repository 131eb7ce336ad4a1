import { PRINT_WORDS } from './fingerprint.ts';

/** Entries of one block. Blocks are never copied: the table grows by as much as comes in. */
const BLOCK = 2 ** 14;
const FIRST_BITS = 12;
/** Numbers of entries have to fit into a slot. */
const MOST_BITS = 31;

/**
 * Fingerprints, numbered in the order in which they came, each with a few words of its own. 16 bytes for a fingerprint, 4 for
 * each word, and about 8 to find it by; nothing for the garbage collector to walk through.
 */
export class FingerprintTable {
  readonly #stride: number;
  readonly #blocks: Uint32Array[] = [];
  /**
   * Open addressing. 0 is free; else the lower bits are the number of an entry plus one, and what is left above them is the
   * upper bits of its fingerprint's third word: most entries that are not the one looked for are told by them, without a look at a block that is in no
   * cache.
   */
  #slots = new Uint32Array(2 ** FIRST_BITS);
  /** How many bits of a slot are the number. As many as it takes to number the slots. */
  #bits = FIRST_BITS;
  #size = 0;

  /** `words`: of each entry, beside its fingerprint. */
  constructor(words: number) {
    this.#stride = PRINT_WORDS + words;
  }

  get size(): number {
    return this.#size;
  }

  /** The number of a fingerprint that stands in `prints` from `at` on; -1 when it is not there. */
  find(prints: Uint32Array, at: number): number {
    return this.#entryIn(this.#slotOf(prints, at));
  }

  /** The same; it is entered, with words of 0, when it is not there: its number is then the size of before. */
  enter(prints: Uint32Array, at: number): number {
    const slot = this.#slotOf(prints, at);
    const found = this.#entryIn(slot);
    if (found >= 0) return found;
    const entry = this.#size;
    if (entry % BLOCK === 0) this.#blocks.push(new Uint32Array(BLOCK * this.#stride));
    this.#size += 1;
    this.#slots[slot] = this.#slotFor(entry, prints[at + 2] ?? 0);
    const block = this.#blockOf(entry);
    const place = (entry % BLOCK) * this.#stride;
    for (let word = 0; word < PRINT_WORDS; word += 1) block[place + word] = prints[at + word] ?? 0;
    if (this.#size * 4 > this.#slots.length * 3) this.#grow();
    return entry;
  }

  word(entry: number, word: number): number {
    return this.#blockOf(entry)[(entry % BLOCK) * this.#stride + PRINT_WORDS + word] ?? 0;
  }

  setWord(entry: number, word: number, value: number): void {
    this.#blockOf(entry)[(entry % BLOCK) * this.#stride + PRINT_WORDS + word] = value;
  }

  #blockOf(entry: number): Uint32Array {
    return this.#blocks[Math.floor(entry / BLOCK)] ?? NOTHING;
  }

  #entryIn(slot: number): number {
    return ((this.#slots[slot] ?? 0) & (2 ** this.#bits - 1)) - 1;
  }

  #slotFor(entry: number, third: number): number {
    const bits = this.#bits;
    return ((third >>> bits) << bits) | (entry + 1);
  }

  /** Where it is, or where it belongs. */
  #slotOf(prints: Uint32Array, at: number): number {
    const slots = this.#slots;
    const bits = this.#bits;
    const mask = slots.length - 1;
    const [p0, p1, p2, p3] = [prints[at], prints[at + 1] ?? 0, prints[at + 2] ?? 0, prints[at + 3]];
    for (let slot = p1 & mask; ; slot = (slot + 1) & mask) {
      const value = slots[slot] ?? 0;
      if (value === 0) return slot;
      if ((value ^ p2) >>> bits !== 0) continue;
      const entry = (value & mask) - 1;
      const block = this.#blockOf(entry);
      const place = (entry % BLOCK) * this.#stride;
      if (block[place + 1] === p1 && block[place] === p0 && block[place + 2] === p2 && block[place + 3] === p3)
        return slot;
    }
  }

  #grow(): void {
    if (this.#bits === MOST_BITS) throw new RangeError('more fingerprints than a table holds');
    this.#bits += 1;
    const slots = new Uint32Array(2 ** this.#bits);
    const mask = slots.length - 1;
    for (let entry = 0; entry < this.#size; entry += 1) {
      const block = this.#blockOf(entry);
      const place = (entry % BLOCK) * this.#stride;
      let slot = (block[place + 1] ?? 0) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = this.#slotFor(entry, block[place + 2] ?? 0);
    }
    this.#slots = slots;
  }
}

const NOTHING = new Uint32Array(0);
