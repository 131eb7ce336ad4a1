import type { StoredRecord } from './page-records.ts';

/** The record that a parser was handed last. */
export interface Held {
  readonly stream: string;
  readonly stored: StoredRecord;
}

/**
 * What a parser has in its hands while it runs: for quarantine, for provenance, and for seeing that it does not go on.
 * A parser that reads ahead and yields later is at the record that it read last: nothing better can be known from outside.
 */
export class Trail {
  #held: Held | undefined;
  #reading = 0;
  #moved = true;

  get held(): Held | undefined {
    return this.#held;
  }

  /** True once after each sign of life, and as long as a dataset is being read for the parser. */
  takeMoved(): boolean {
    const moved = this.#moved || this.#reading > 0;
    this.#moved = false;
    return moved;
  }

  hold(stream: string, stored: StoredRecord): void {
    this.#held = { stream, stored };
  }

  move(): void {
    this.#moved = true;
  }

  readingStarts(): void {
    this.#reading += 1;
  }

  readingEnds(): void {
    this.#reading -= 1;
    this.#moved = true;
  }
}
