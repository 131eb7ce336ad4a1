import { join } from 'node:path';
import type { Host } from '../../util/host.ts';
import type { Part } from './jsonl-manifest.ts';
import { writePart } from './jsonl-parts.ts';
import type { TakenLines } from './jsonl-waiting.ts';

/** Writes the parts of a batch, one while the lines of the next come together: making one durable takes as long as filling one. */
export class PartWriter {
  readonly #host: Host;
  readonly #folder: string;
  readonly #first: number;
  readonly #parts: Part[] = [];
  #count = 0;
  #writing: Promise<void> = Promise.resolve();

  /** `first`: the number of the first part. */
  constructor(host: Host, folder: string, first: number) {
    this.#host = host;
    this.#folder = folder;
    this.#first = first;
  }

  /** Begins with the next part once the one before it is written, and throws what that one threw. */
  async write(lines: TakenLines): Promise<void> {
    await this.#writing;
    if (lines.rows === 0) return;
    const name = `part-${String(this.#first + this.#count).padStart(8, '0')}.jsonl`;
    this.#count += 1;
    this.#writing = this.#write(name, lines);
    // Its error is thrown when the next part comes, or at the end.
    this.#writing.catch(() => undefined);
  }

  /** All parts, each durable. */
  async written(): Promise<readonly Part[]> {
    await this.#writing;
    return this.#parts;
  }

  /** Removes what was written. */
  async remove(): Promise<void> {
    await this.#writing.catch(() => undefined);
    // A part that could not be written may be another run's.
    for (const { name } of this.#parts) await this.#host.fs.unlink(join(this.#folder, name));
  }

  async #write(name: string, lines: TakenLines): Promise<void> {
    this.#parts.push(await writePart(this.#host, this.#folder, name, lines));
    lines.release();
  }
}
