import type { StoredPage } from '../../model/page.ts';
import type { StreamDefinition } from '../../model/stream.ts';
import { listWalk } from '../../util/json-list.ts';
import { parsePointer } from '../../util/json-pointer.ts';
import { skipValue } from '../../util/json-skip.ts';
import { type BytesReader, bytesReader } from './bytes-reader.ts';
import { NOT_PLAIN } from './plain-schema.ts';

/** Reads the records of stored pages of one stream right out of their bytes. */
export interface PageReader {
  /**
   * For each record of the page what the stream's schema gives for it, or NOT_PLAIN where only the long way can tell;
   * undefined where the whole page is to be read that way.
   */
  read(page: StoredPage): readonly unknown[] | undefined;
}

/** Deeper than any API nests: what is deeper goes the long way. */
const DEEPEST = 512;
/** After so many records it is told whether they are worth looking at in this way: one that is not is read twice. */
const TRIAL = 1_000;

/**
 * Undefined for streams whose records do not lie at a pointer as they are, whose schemas are no plain objects, or which have
 * something else in the place of one of the values `pointers` point at: who looks there must see what the API sent.
 */
export function pageReader(definition: StreamDefinition, pointers: readonly string[]): PageReader | undefined {
  const { recordsPointer, selectsAsIs, format } = definition.source;
  if (recordsPointer === undefined || selectsAsIs !== true || format?.isJson === false) return undefined;
  const reader = bytesReader(definition.record);
  if (reader === undefined || !pointers.every((pointer) => reader.keeps(parsePointer(pointer)))) return undefined;
  const { cursor, asksZod } = reader;
  const walk = listWalk(parsePointer(recordsPointer), DEEPEST);
  let seen = 0;
  let read = 0;
  return {
    read({ body }) {
      if (body.kind !== 'json' || (seen >= TRIAL && read * 2 < seen)) return undefined;
      // What zod is asked of comes without fields of that name, which the long way puts back.
      if (asksZod && body.bytes.includes('__proto__"')) return undefined;
      cursor.open(body.bytes);
      const records: unknown[] = [];
      const place = walk(cursor, (at, depth) => {
        const record = tried(reader, at, depth);
        records.push(record);
        seen += 1;
        if (record === NOT_PLAIN) return skipValue(cursor, at, depth);
        read += 1;
        return cursor.end;
      });
      return place === undefined ? undefined : records;
    },
  };
}

/** A schema that throws when it is asked is asked once more, by who tells what it threw. */
function tried(reader: BytesReader, at: number, depth: number): unknown {
  try {
    return reader.read(at, depth);
  } catch {
    return NOT_PLAIN;
  }
}
