/** The keys of the raw store, relative to the folder of a connection. */

const COMMIT_NAME = /\/(\d{8,})\.json$/;
const SEGMENT_NAME = /\/(\d{8,})-[0-9a-z]+\.jsonl\.zst$/;

export function commitPrefix(stream: string): string {
  return `raw/${stream}/commits/`;
}

export function commitKey(stream: string, number: number): string {
  return `${commitPrefix(stream)}${paddedNumber(number)}.json`;
}

export function segmentPrefix(stream: string): string {
  return `raw/${stream}/segments/`;
}

export function segmentKey(stream: string, id: string): string {
  return `${segmentPrefix(stream)}${id}.jsonl.zst`;
}

/**
 * A segment's id begins with the number of the commit that it was written for. Recovery can so tell, without reading
 * the whole history, which segments can still be named by a writer that was thought dead.
 */
export function segmentId(commitNumber: number, unique: string): string {
  return `${paddedNumber(commitNumber)}-${unique}`;
}

/** The id in a segment's key. */
export function segmentIdOf(key: string): string {
  return key.slice(key.lastIndexOf('/') + 1).replace('.jsonl.zst', '');
}

/** The number of a commit by its key; undefined for files that are not ours. */
export function commitNumberOf(key: string): number | undefined {
  return numberIn(COMMIT_NAME, key);
}

/** The number of the commit that a segment was written for; undefined for files that are not ours. */
export function segmentTargetOf(key: string): number | undefined {
  return numberIn(SEGMENT_NAME, key);
}

/** Sorts as text like the number sorts, up to 99 999 999. */
export function paddedNumber(number: number): string {
  return String(number).padStart(8, '0');
}

function numberIn(pattern: RegExp, key: string): number | undefined {
  const digits = pattern.exec(key)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
