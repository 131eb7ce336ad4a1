import type { DiffExample } from './sink.ts';

/** At most `limit` examples, of each kind in turn, so that a thousand added ones do not hide the one that is gone. */
export function inTurns(kinds: readonly (readonly DiffExample[])[], limit: number): readonly DiffExample[] {
  const longest = Math.max(0, ...kinds.map((kind) => kind.length));
  const turns = Array.from({ length: longest }, (_, index) => kinds.flatMap((kind) => kind.slice(index, index + 1)));
  const taken = new Set(turns.flat().slice(0, limit));
  return kinds.flat().filter((example) => taken.has(example));
}
