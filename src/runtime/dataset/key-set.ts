import { fingerprint, PRINT_WORDS } from '../../util/fingerprint.ts';
import { FingerprintTable } from '../../util/fingerprint-table.ts';
import { openSpill, type Spill } from './spill.ts';

/** 16 MiB of fingerprints and 8 to find them by; more keys go to a temporary file. */
const KEYS_IN_MEMORY = 2 ** 20;

export interface KeySet {
  /** True when the key was not in the set. */
  add(key: string): boolean;
  /** The same for a key whose fingerprint stands in `prints` from `at` on. */
  addPrint(prints: Uint32Array, at: number): boolean;
  close(): void;
}

/**
 * A set of strings that is bounded in memory. It holds fingerprints of 128 bits, not the strings: two keys of
 * ten million are taken for one with a chance of 1 in 10^24.
 */
export function keySet(limit = KEYS_IN_MEMORY): KeySet {
  const memory = new FingerprintTable(0);
  const own = new Uint32Array(PRINT_WORDS);
  let spill: Spill | undefined;
  const addPrint: KeySet['addPrint'] = (prints, at) => {
    if (memory.size < limit) {
      const before = memory.size;
      return memory.enter(prints, at) === before;
    }
    if (memory.find(prints, at) >= 0) return false;
    spill ??= openSpill();
    return spill.insert(prints.subarray(at, at + PRINT_WORDS).join('.'), '');
  };
  return {
    add(key) {
      fingerprint(key, own);
      return addPrint(own, 0);
    },
    addPrint,
    close: () => spill?.close(),
  };
}
