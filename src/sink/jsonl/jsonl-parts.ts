import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { SassyError } from '../../errors/sassy-error.ts';
import type { Host } from '../../util/host.ts';
import { isObject } from '../../util/json.ts';
import { keyText, type KeyValue } from '../entity-key.ts';
import type { Part } from './jsonl-manifest.ts';
import { linePlaces } from './jsonl-places.ts';
import { ARCHIVED_AT, type Column, type EntityRow, type LineForm } from '../sink.ts';

/** One line of a part. Its text and its row are made when somebody asks. */
export interface JsonlLine {
  readonly key: string;
  readonly text: string;
  readonly row: EntityRow;
  /** It is that of an archived entity. */
  readonly isArchived: boolean;
  /** Where it lies in its part, its line feed included. */
  readonly start: number;
  readonly end: number;
}

export interface PartLines {
  readonly bytes: Buffer;
  readonly lines: () => Iterable<JsonlLine>;
}

/** The lines of a generation: fields in the order of its columns. A field that is added later changes no line that does not have it. */
export function lineForm(stored: readonly Column[]): LineForm {
  return { fields: stored.map((column) => ({ name: column.name, column })), values: 'plain', hashed: true };
}

/** Writes a part and makes it durable. It is visible only when a manifest names it. */
export async function writePart(
  host: Host,
  folder: string,
  name: string,
  { rows, chunks }: { readonly rows: number; readonly chunks: readonly Uint8Array[] },
): Promise<Part> {
  const sum = createHash('sha256');
  let bytes = 0;
  for (const chunk of chunks) {
    sum.update(chunk);
    bytes += chunk.length;
  }
  await host.fs.mkdir(folder);
  await host.fs.writeNew(join(folder, name), chunks);
  await host.fs.syncFolder(folder);
  return { name, rows, bytes, sha256: sum.digest('base64url') };
}

/** The lines of parts, oldest first: of a key that comes twice the later one holds. @throws SassyError STORE_CORRUPT */
export async function* readParts(
  host: Host,
  folder: string,
  parts: readonly Part[],
  key: readonly string[],
): AsyncIterable<JsonlLine> {
  for await (const { lines } of partsOf(host, folder, parts, key)) yield* lines();
}

/** The same, part by part: a step of an async iterator for each line would take as long as reading it. */
export async function* partsOf(
  host: Host,
  folder: string,
  parts: readonly Part[],
  key: readonly string[],
): AsyncIterable<PartLines> {
  for (const part of parts) {
    const path = join(folder, part.name);
    const bytes = await host.fs.readFile(path).catch((error: unknown) => {
      throw corrupt(path, error);
    });
    if (bytes.length !== part.bytes || sha256(bytes) !== part.sha256) throw corrupt(path);
    yield { bytes, lines: () => linesOf(bytes, key) };
  }
}

function* linesOf(bytes: Buffer, key: readonly string[]): Generator<JsonlLine> {
  for (const { key: values, hasMark, start, end } of linePlaces(bytes, key, ARCHIVED_AT.name)) {
    if (values === undefined) {
      const line = new PartLine(bytes, start, end, '', false);
      const { row } = line;
      yield new PartLine(bytes, start, end, lineKey(row, key), Object.hasOwn(row, ARCHIVED_AT.name));
    } else yield new PartLine(bytes, start, end, keyText(values.map(keyPart)), hasMark);
  }
}

class PartLine implements JsonlLine {
  readonly #bytes: Buffer;
  readonly start: number;
  readonly end: number;
  readonly key: string;
  readonly isArchived: boolean;

  constructor(bytes: Buffer, start: number, end: number, key: string, isArchived: boolean) {
    this.#bytes = bytes;
    this.start = start;
    this.end = end;
    this.key = key;
    this.isArchived = isArchived;
  }

  get text(): string {
    return this.#bytes.toString('utf8', this.start, this.end - 1);
  }

  get row(): EntityRow {
    const row: unknown = JSON.parse(this.text);
    return isObject(row) ? row : {};
  }
}

/** The text of an entity's key, read from its line. */
export function lineKey(row: EntityRow, key: readonly string[]): string {
  return keyText(key.map((name) => keyPart(row[name])));
}

function keyPart(value: unknown): KeyValue {
  return typeof value === 'number' || typeof value === 'boolean' ? value : String(value);
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('base64url');
}

function corrupt(path: string, cause?: unknown): SassyError {
  return new SassyError('STORE_CORRUPT', {
    message: `${path} is missing or not what was written`,
    fix: 'make the entities again from the raw data: sassy run <integration> restream',
    cause,
  });
}
