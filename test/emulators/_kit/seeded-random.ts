const uint32Range = 2 ** 32;

/**
 * A stream of random numbers that depends on its seed parts alone (sfc32: its 128 bits of state keep the streams of
 * one emulator from running into each other, which the 32 bits of smaller generators do not).
 */
export class SeededRandom {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(...parts: readonly (string | number)[]) {
    const text = parts.join('/');
    this.#a = hash(text, 0x9e3779b9);
    this.#b = hash(text, 0x243f6a88);
    this.#c = hash(text, 0xb7e15162);
    for (let i = 0; i < 15; i += 1) this.uint32();
  }

  uint32(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
    return sum >>> 0;
  }

  /** From 0 up to and without 1. */
  fraction(): number {
    return this.uint32() / uint32Range;
  }

  /** Both ends included. */
  int(min: number, max: number): number {
    return min + Math.floor(this.fraction() * (max - min + 1));
  }

  chance(probability: number): boolean {
    return this.fraction() < probability;
  }

  pick<T>(items: readonly T[]): T {
    const index = this.int(0, items.length - 1);
    const item = items[index];
    if (item === undefined) throw new RangeError('nothing to pick from');
    return item;
  }

  /** Picks by weight; the weights need not add up to anything. */
  weighted<T>(entries: readonly (readonly [T, number])[]): T {
    let left = this.fraction() * entries.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [item, weight] of entries) {
      left -= weight;
      if (left < 0) return item;
    }
    return this.pick(entries)[0];
  }

  /** `count` different items (all when there are fewer), in random order. */
  sample<T>(items: readonly T[], count: number): T[] {
    const rest = [...items];
    const size = Math.min(count, rest.length);
    const taken: T[] = [];
    while (taken.length < size) taken.push(...rest.splice(this.int(0, rest.length - 1), 1));
    return taken;
  }

  hex(digits: number): string {
    let text = '';
    while (text.length < digits) text += this.uint32().toString(16).padStart(8, '0');
    return text.slice(0, digits);
  }

  /** A version 4 UUID. */
  uuid(): string {
    const hex = this.hex(30);
    const variant = '89ab'.charAt(this.int(0, 3));
    const head = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(12, 15)}`;
    return `${head}-${variant}${hex.slice(15, 18)}-${hex.slice(18, 30)}`;
  }
}

function hash(text: string, start: number): number {
  let value = start;
  for (let i = 0; i < text.length; i += 1) {
    value = Math.imul(value ^ text.charCodeAt(i), 0x85ebca6b);
    value = (value << 13) | (value >>> 19);
  }
  value = Math.imul(value ^ (value >>> 16), 0xc2b2ae35);
  return value ^ (value >>> 15);
}
