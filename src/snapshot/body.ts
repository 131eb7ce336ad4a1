import { isUtf8 } from 'node:buffer';
import type { SnapshotResponse } from './snapshot-file.ts';

/** How a snapshot holds a body: one of the three, see SnapshotResponse. */
export type SnapshotBody = { readonly json: unknown } | { readonly text: string } | { readonly base64: string };

/**
 * The readable form that still gives back the very same bytes. JSON whose text JavaScript would write otherwise (spaces,
 * `1.0`, numbers beyond 2^53, escapes) is kept as text.
 */
export function snapshotBody(bytes: Buffer): SnapshotBody {
  if (!isUtf8(bytes)) return { base64: bytes.toString('base64') };
  return textBody(bytes.toString('utf8'));
}

/** As `snapshotBody`, for a body that is known to be text. */
export function textBody(text: string): SnapshotBody {
  try {
    const json: unknown = JSON.parse(text);
    if (JSON.stringify(json) === text) return { json };
  } catch {
    // Not JSON: text it is.
  }
  return { text };
}

/** The body's bytes, as the server sent them (after scrubbing). */
export function bodyBytes(response: SnapshotResponse): Buffer {
  if ('base64' in response) return Buffer.from(response.base64, 'base64');
  return Buffer.from('text' in response ? response.text : JSON.stringify(response.json));
}
