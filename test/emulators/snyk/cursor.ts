import { ApiError } from './api-error.ts';
import { isUuid } from './query-reader.ts';

/** Where a page begins or ends: beside a record, whether that still exists or not. */
export interface Cursor {
  readonly id: string;
  /** Number of the page that the cursor leads to; the form of `links.next` depends on it. */
  readonly page: number;
}

/** Means the end of the collection in `ending_before`, as in the recorded `links.last`. */
export const endOfCollection = 'end';

/**
 * Snyk's form: `v1.` and the base64 of `{"id":"…"}` with its padding. The id is opaque there too; ours is as long as
 * it must be for the two padding signs that recorded cursors have.
 */
export function encodeCursor(cursor: Cursor): string {
  const text = JSON.stringify({ id: `${cursor.id}.${String(cursor.page).padStart(3, '0')}` });
  const base64 = Buffer.from(text, 'utf8').toString('base64url');
  return `v1.${base64.padEnd(Math.ceil(base64.length / 4) * 4, '=')}`;
}

/** Accepts exactly what `encodeCursor` makes. */
export function decodeCursor(text: string, parameter: string): Cursor {
  const json = Buffer.from(text.replace(/^v1\./, ''), 'base64url').toString('utf8');
  const [, id, page] = /^\{"id":"([^".]+)\.(\d+)"\}$/.exec(json) ?? [];
  if (id !== undefined && isUuid(id)) {
    const cursor = { id, page: Number(page) };
    if (encodeCursor(cursor) === text) return cursor;
  }
  throw new ApiError(400, `The cursor in ${parameter} is not valid.`, parameter);
}
