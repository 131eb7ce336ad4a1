import { openSpill, type Spill } from './spill.ts';

/** About 40 MB of short keys; more goes to a temporary file. */
const KEYS_IN_MEMORY = 500_000;

export interface KeySet {
  /** True when the key was not in the set. */
  add(key: string): boolean;
  close(): void;
}

/** A set of strings that is bounded in memory. */
export function keySet(limit = KEYS_IN_MEMORY): KeySet {
  const memory = new Set<string>();
  let spill: Spill | undefined;
  return {
    add(key) {
      if (memory.has(key)) return false;
      if (memory.size < limit) {
        memory.add(key);
        return true;
      }
      spill ??= openSpill();
      return spill.insert(key, '');
    },
    close: () => spill?.close(),
  };
}
