import { HASH_WORDS } from '../line-hash.ts';
import { fingerprint, PRINT_WORDS } from '../../util/fingerprint.ts';
import { FingerprintTable } from '../../util/fingerprint-table.ts';
import type { LineChange } from './jsonl-diff.ts';

/** Of each key: a hash, and in one word its flags and, above them, where its line waits. */
const [HASH, FLAGS] = [0, HASH_WORDS];
const [ARCHIVED_BEFORE, ARCHIVED_NOW, IN_PARTS, HAS_BASE, HAS_LAST] = [1, 2, 4, 8, 16];
const ALL_FLAGS = 31;
const PLACE_SHIFT = 5;
/** Hashes of one block. */
const BLOCK = 2 ** 12;

/**
 * What a batch remembers of each key, in 36 bytes and about 8 to find them. Most entities have one hash: that of the present
 * generation, which is that of the batch too, or that of the batch alone. Those that
 * have changed take some 60 more.
 */
export class JsonlKeys {
  readonly #table = new FingerprintTable(FLAGS + 1);
  /** The hashes of the batch, of keys that have another one in the present generation. */
  readonly #others: Uint32Array[] = [];
  /** Key → which of them is its own. */
  readonly #otherOf = new Map<number, number>();
  readonly #print = new Uint32Array(PRINT_WORDS);
  #otherCount = 0;
  #base = 0;
  #archivedBefore = 0;

  get size(): number {
    return this.#table.size;
  }

  /** Entities of the present generation. */
  get baseSize(): number {
    return this.#base;
  }

  get archivedBefore(): number {
    return this.#archivedBefore;
  }

  enter(keys: Uint32Array, at: number): number {
    return this.#table.enter(keys, at);
  }

  /** The newest line of the present generation. */
  setBase(key: number, hashes: Uint32Array, at: number, isArchived: boolean): void {
    const hasLast = this.hasLast(key);
    const last = hasLast ? this.#lastOf(key) : undefined;
    if (!this.hasBase(key)) this.#base += 1;
    this.#flag(key, HAS_BASE, true);
    for (let word = 0; word < HASH_WORDS; word += 1) this.#table.setWord(key, HASH + word, hashes[at + word] ?? 0);
    if (last !== undefined) this.#setLast(key, last, 0);
    if (isArchived === this.#has(key, ARCHIVED_BEFORE)) return;
    this.#archivedBefore += isArchived ? 1 : -1;
    this.#flag(key, ARCHIVED_BEFORE, isArchived);
  }

  hasBase(key: number): boolean {
    return this.#has(key, HAS_BASE);
  }

  isBase(key: number, hashes: Uint32Array, at: number): boolean {
    return this.hasBase(key) && this.#isHash(key, hashes, at);
  }

  /** The last line of this batch. */
  setLast(key: number, hashes: Uint32Array, at: number, isArchived: boolean): void {
    this.#setLast(key, hashes, at);
    this.#flag(key, HAS_LAST, true);
    this.#flag(key, ARCHIVED_NOW, isArchived);
  }

  hasLast(key: number): boolean {
    return this.#has(key, HAS_LAST);
  }

  isLast(key: number, hashes: Uint32Array, at: number): boolean {
    if (!this.hasLast(key)) return false;
    const other = this.#otherOf.get(key);
    if (other === undefined) return this.#isHash(key, hashes, at);
    const [block, place] = this.#otherAt(other);
    for (let word = 0; word < HASH_WORDS; word += 1) if (block[place + word] !== hashes[at + word]) return false;
    return true;
  }

  changeOf(key: number): LineChange {
    if (!this.hasLast(key)) return 'gone';
    if (!this.hasBase(key)) return 'added';
    return this.#otherOf.has(key) ? 'changed' : 'unchanged';
  }

  /** The same for the text of a key. */
  changeOfText(text: string): LineChange {
    fingerprint(text, this.#print);
    return this.changeOf(this.#table.find(this.#print, 0));
  }

  changes(): Record<LineChange, number> {
    const counts = { added: 0, gone: 0, changed: 0, unchanged: 0 };
    for (let key = 0; key < this.size; key += 1) counts[this.changeOf(key)] += 1;
    return counts;
  }

  /** It was not archived before, and is now. */
  isBuried(key: number): boolean {
    return this.#has(key, ARCHIVED_NOW) && !this.#has(key, ARCHIVED_BEFORE);
  }

  /** The number of the line that waits to be written, from 1 on; 0 for none. */
  place(key: number): number {
    return this.#table.word(key, FLAGS) >>> PLACE_SHIFT;
  }

  setPlace(key: number, place: number): void {
    this.#table.setWord(key, FLAGS, (this.#table.word(key, FLAGS) & ALL_FLAGS) | (place << PLACE_SHIFT));
  }

  /** A part of this batch has a line of it. */
  isInParts(key: number): boolean {
    return this.#has(key, IN_PARTS);
  }

  setInParts(key: number): void {
    this.#flag(key, IN_PARTS, true);
  }

  #has(key: number, flag: number): boolean {
    return (this.#table.word(key, FLAGS) & flag) !== 0;
  }

  #flag(key: number, flag: number, isSet: boolean): void {
    const flags = this.#table.word(key, FLAGS);
    const next = isSet ? flags | flag : flags & ~flag;
    if (next !== flags) this.#table.setWord(key, FLAGS, next);
  }

  #setLast(key: number, hashes: Uint32Array, at: number): void {
    if (!this.hasBase(key)) {
      for (let word = 0; word < HASH_WORDS; word += 1) this.#table.setWord(key, HASH + word, hashes[at + word] ?? 0);
      return;
    }
    if (this.#isHash(key, hashes, at)) {
      this.#otherOf.delete(key);
      return;
    }
    const other = this.#otherOf.get(key) ?? this.#newOther(key);
    const [block, place] = this.#otherAt(other);
    for (let word = 0; word < HASH_WORDS; word += 1) block[place + word] = hashes[at + word] ?? 0;
  }

  #lastOf(key: number): Uint32Array {
    const other = this.#otherOf.get(key);
    if (other === undefined)
      return Uint32Array.from({ length: HASH_WORDS }, (_, word) => this.#table.word(key, HASH + word));
    const [block, place] = this.#otherAt(other);
    return block.slice(place, place + HASH_WORDS);
  }

  #newOther(key: number): number {
    const other = this.#otherCount;
    if (other % BLOCK === 0) this.#others.push(new Uint32Array(BLOCK * HASH_WORDS));
    this.#otherCount += 1;
    this.#otherOf.set(key, other);
    return other;
  }

  #otherAt(number: number): readonly [Uint32Array, number] {
    return [this.#others[Math.floor(number / BLOCK)] ?? NOTHING, (number % BLOCK) * HASH_WORDS];
  }

  #isHash(key: number, hashes: Uint32Array, at: number): boolean {
    for (let word = 0; word < HASH_WORDS; word += 1)
      if (this.#table.word(key, HASH + word) !== hashes[at + word]) return false;
    return true;
  }
}

const NOTHING = new Uint32Array(0);
