/** Which page each fingerprint of 64 bits was first seen on. About 25 bytes a page, and nothing for the garbage collector. */
export interface PagePrints {
  /** The page that had it before; undefined when it is new, and then it is this one's. Pages count from 1. */
  add(print: bigint, page: number): number | undefined;
  readonly size: number;
}

const FIRST_SLOTS = 64;

/** An open-addressing table, at most two thirds full: a Map of bigints takes five times as much, and a pass may have 10^7 pages. */
export function pagePrints(): PagePrints {
  let slots = FIRST_SLOTS;
  let prints = new BigUint64Array(slots);
  let pages = new Uint32Array(slots);
  let size = 0;

  /** The slot of the print, or the free one where it belongs. */
  function slotOf(print: bigint): number {
    let slot = Number(BigInt.asUintN(32, print)) & (slots - 1);
    while (pages[slot] !== 0 && prints[slot] !== print) slot = (slot + 1) & (slots - 1);
    return slot;
  }

  function grow(): void {
    const [oldPrints, oldPages] = [prints, pages];
    slots *= 2;
    prints = new BigUint64Array(slots);
    pages = new Uint32Array(slots);
    for (const [index, page] of oldPages.entries()) {
      if (page === 0) continue;
      const print = oldPrints[index] ?? 0n;
      const slot = slotOf(print);
      prints[slot] = print;
      pages[slot] = page;
    }
  }

  return {
    add(print, page) {
      const slot = slotOf(print);
      const before = pages[slot];
      if (before !== undefined && before !== 0) return before;
      prints[slot] = print;
      pages[slot] = page;
      size += 1;
      if (size * 3 > slots * 2) grow();
      return undefined;
    },
    get size() {
      return size;
    },
  };
}
