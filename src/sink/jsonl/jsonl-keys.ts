import { HASH_WORDS } from '../line-hash.ts';
import { fingerprint, PRINT_WORDS } from '../../util/fingerprint.ts';
import { FingerprintTable } from '../../util/fingerprint-table.ts';
import type { LineChange } from './jsonl-diff.ts';

const [BASE, LAST, FLAGS, PLACE] = [0, HASH_WORDS, 2 * HASH_WORDS, 2 * HASH_WORDS + 1];
const [ARCHIVED_BEFORE, ARCHIVED_NOW, IN_PARTS] = [1, 2, 4];

/** What a batch remembers of each key: two hashes and where its line waits, in 56 bytes and about 8 to find them. */
export class JsonlKeys {
  readonly #table = new FingerprintTable(PLACE + 1);
  readonly #print = new Uint32Array(PRINT_WORDS);
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
    if (!this.hasBase(key)) this.#base += 1;
    this.#setHash(key, BASE, hashes, at);
    if (isArchived === this.#has(key, ARCHIVED_BEFORE)) return;
    this.#archivedBefore += isArchived ? 1 : -1;
    this.#flag(key, ARCHIVED_BEFORE, isArchived);
  }

  hasBase(key: number): boolean {
    return this.#table.word(key, BASE) !== 0;
  }

  isBase(key: number, hashes: Uint32Array, at: number): boolean {
    return this.#isHash(key, BASE, hashes, at);
  }

  /** The last line of this batch. */
  setLast(key: number, hashes: Uint32Array, at: number, isArchived: boolean): void {
    this.#setHash(key, LAST, hashes, at);
    this.#flag(key, ARCHIVED_NOW, isArchived);
  }

  hasLast(key: number): boolean {
    return this.#table.word(key, LAST) !== 0;
  }

  isLast(key: number, hashes: Uint32Array, at: number): boolean {
    return this.#isHash(key, LAST, hashes, at);
  }

  changeOf(key: number): LineChange {
    if (!this.hasLast(key)) return 'gone';
    if (!this.hasBase(key)) return 'added';
    for (let word = 0; word < HASH_WORDS; word += 1)
      if (this.#table.word(key, BASE + word) !== this.#table.word(key, LAST + word)) return 'changed';
    return 'unchanged';
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
    return this.#table.word(key, PLACE);
  }

  setPlace(key: number, place: number): void {
    this.#table.setWord(key, PLACE, place);
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

  #setHash(key: number, place: number, hashes: Uint32Array, at: number): void {
    for (let word = 0; word < HASH_WORDS; word += 1) this.#table.setWord(key, place + word, hashes[at + word] ?? 0);
  }

  #isHash(key: number, place: number, hashes: Uint32Array, at: number): boolean {
    for (let word = 0; word < HASH_WORDS; word += 1)
      if (this.#table.word(key, place + word) !== hashes[at + word]) return false;
    return true;
  }
}
