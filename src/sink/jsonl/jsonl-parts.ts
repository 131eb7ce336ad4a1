import { createHash, hash } from 'node:crypto';
import { join } from 'node:path';
import { SassyError } from '../../errors/sassy-error.ts';
import type { Host } from '../../util/host.ts';
import { isObject } from '../../util/json.ts';
import type { StoredEntity, StoredValue } from '../entity-encoder.ts';
import { keyText, type KeyValue } from '../entity-key.ts';
import type { Part } from './jsonl-manifest.ts';
import type { Column, EntityRow } from '../sink.ts';
import { integerJson } from '../stored-json.ts';

/** One line of a part, as text and parsed. */
export interface JsonlLine {
  readonly key: string;
  readonly text: string;
  readonly row: EntityRow;
}

/**
 * The entity as one line of JSON, fields in the order of the generation's columns, null fields left out: a field that
 * is added to the entity later changes no line that does not have it.
 */
export function lineEncoder(stored: readonly Column[], given: readonly Column[]): (entity: StoredEntity) => string {
  const places = stored.flatMap((column) => {
    const index = given.findIndex((candidate) => candidate.name === column.name);
    return index === -1 ? [] : [{ index, label: `${JSON.stringify(column.name)}:`, type: column.type }];
  });
  return ({ values }) => {
    let text = '{';
    for (const { index, label, type } of places) {
      const value = values[index] ?? null;
      if (value !== null) text += (text === '{' ? '' : ',') + label + jsonOf(value, type);
    }
    return `${text}}`;
  };
}

function jsonOf(value: Exclude<StoredValue, null>, type: Column['type']): string {
  if (type === 'json') return String(value);
  return JSON.stringify(typeof value === 'bigint' ? integerJson(value) : value);
}

/** 128 bits: enough to tell versions of an entity apart, small enough to hold one for each key. */
export function lineHash(text: string): string {
  return hash('sha256', text, 'base64url').slice(0, 22);
}

/** Writes a part and makes it durable. It is visible only when a manifest names it. */
export async function writePart(host: Host, folder: string, name: string, lines: readonly string[]): Promise<Part> {
  const bytes = Buffer.from(`${lines.join('\n')}\n`);
  await host.fs.mkdir(folder);
  await host.fs.writeNew(join(folder, name), [bytes]);
  await host.fs.syncFolder(folder);
  return { name, rows: lines.length, bytes: bytes.length, sha256: sha256(bytes) };
}

/** The lines of parts, oldest first: of a key that comes twice the later one holds. @throws SassyError STORE_CORRUPT */
export async function* readParts(
  host: Host,
  folder: string,
  parts: readonly Part[],
  key: readonly string[],
): AsyncIterable<JsonlLine> {
  for (const part of parts) {
    const path = join(folder, part.name);
    const bytes = await host.fs.readFile(path).catch((error: unknown) => {
      throw corrupt(path, error);
    });
    if (bytes.length !== part.bytes || sha256(bytes) !== part.sha256) throw corrupt(path);
    for (const text of bytes.toString('utf8').split('\n')) {
      if (text === '') continue;
      const row: unknown = JSON.parse(text);
      if (isObject(row)) yield { key: keyText(key.map((name) => keyPart(row[name]))), text, row };
    }
  }
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
