/** SASSY_SEED chooses others; each test prints the seed with what fails. */
export const SEED = Number(process.env['SASSY_SEED'] ?? 20_261_122);

/** mulberry32: numbers in [0, 1), the same for the same seed. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** `count` of the items, spread over the list, in its order; all of them when `count` is undefined. */
export function sample<T>(items: readonly T[], count: number | undefined, random: () => number): readonly T[] {
  if (count === undefined || count >= items.length) return items;
  const width = items.length / count;
  return Array.from({ length: count }, (_, index) => items[Math.floor((index + random()) * width)]).filter(
    (item) => item !== undefined,
  );
}
