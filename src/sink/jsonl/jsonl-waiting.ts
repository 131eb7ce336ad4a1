import { releaseBytes } from '../../util/release.ts';

export interface TakenLines {
  readonly rows: number;
  readonly chunks: readonly Uint8Array[];
  /** Gives back their memory once they are written. */
  readonly release: () => void;
}

/** Lines that wait to be written as one part. */
export class WaitingLines {
  /** Of each line its key's number, or -1 when it is no longer wanted, and its length. */
  #keys: number[] = [];
  #lengths: number[] = [];
  /** All lines one after the other; none lies in two pieces. */
  #pieces: Uint8Array[] = [];
  /** Pieces that nobody else looks at. */
  #own: Uint8Array[] = [];
  #bytes = 0;
  #unwanted = 0;

  /** Of all that came, wanted or not. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Announces a line, whose bytes come with the next `push`. Gives its number, from 1 on. */
  add(key: number, length: number): number {
    this.#lengths.push(length);
    this.#bytes += length;
    return this.#keys.push(key);
  }

  /**
   * The bytes of the lines that were announced since the last ones: a part of what was handed over to us. It is copied where
   * the part would keep more in memory than it is.
   */
  push(bytes: Uint8Array, from: number, to: number): void {
    // All of it was written, and given back, when its last line made a part full.
    if (from >= to || bytes.length === 0) return;
    // Not `slice`: of a Buffer it is no copy, and this one is given back by itself.
    const piece = from === 0 && to === bytes.length ? bytes : new Uint8Array(bytes.subarray(from, to));
    this.#pieces.push(piece);
    this.#own.push(piece);
  }

  /** The same, of what somebody else goes on looking at. */
  pushShared(piece: Uint8Array): void {
    this.#pieces.push(piece);
  }

  leaveOut(line: number): void {
    if ((this.#keys[line - 1] ?? -1) < 0) return;
    this.#keys[line - 1] = -1;
    this.#unwanted += 1;
  }

  /** Gives up the lines that are wanted; those that lie side by side in one chunk. `each`: called with the key of every one. */
  take(each: (key: number) => void): TakenLines {
    const chunks: Uint8Array[] = [];
    let line = 0;
    for (const piece of this.#pieces) {
      let from = 0;
      let at = 0;
      while (at < piece.length) {
        const key = this.#keys[line] ?? -1;
        const end = at + (this.#lengths[line] ?? 0);
        line += 1;
        if (key >= 0) each(key);
        else {
          if (at > from) chunks.push(piece.subarray(from, at));
          from = end;
        }
        at = end;
      }
      if (piece.length > from) chunks.push(piece.subarray(from));
    }
    const rows = this.#keys.length - this.#unwanted;
    this.#keys = [];
    this.#lengths = [];
    this.#pieces = [];
    const own = this.#own;
    this.#own = [];
    this.#bytes = 0;
    this.#unwanted = 0;
    return { rows, chunks, release: () => own.forEach(releaseBytes) };
  }
}
