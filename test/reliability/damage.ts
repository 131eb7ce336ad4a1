import { readFileSync, rmSync, writeFileSync } from 'node:fs';

/** One kind of damage to a file at rest. */
export interface Damage {
  readonly what: string;
  readonly inflict: (path: string) => void;
}

const ZEROED = 4096;

/** `flips` single bits, and what truncation, a zeroed block and a removal do. */
export function damages(flips: number, random: () => number): readonly Damage[] {
  const change = (what: string, change: (bytes: Buffer) => Buffer): Damage => ({
    what,
    inflict: (path) => writeFileSync(path, change(readFileSync(path))),
  });
  const cut = (bytes: number): Damage => change(`cut by ${bytes}`, (all) => all.subarray(0, all.length - bytes));
  return [
    ...Array.from({ length: flips }, () => {
      const [at, bit] = [random(), Math.floor(random() * 8)];
      return change(`bit ${bit} at ${(at * 100).toFixed(2)} % flipped`, (bytes) => {
        const index = Math.floor(at * bytes.length);
        bytes.writeUInt8((bytes[index] ?? 0) ^ (1 << bit), index);
        return bytes;
      });
    }),
    cut(1),
    cut(17),
    change('cut to half', (bytes) => bytes.subarray(0, bytes.length >> 1)),
    change('emptied', () => Buffer.alloc(0)),
    change('a block zeroed', (bytes) => {
      const start = Math.floor(random() * Math.max(1, bytes.length - ZEROED));
      return bytes.fill(0, start, Math.min(bytes.length, start + ZEROED));
    }),
    { what: 'removed', inflict: (path) => rmSync(path) },
  ];
}

/** Damages the file for the time of `work`. */
export async function damaged<T>(path: string, { inflict }: Damage, work: () => Promise<T>): Promise<T> {
  const whole = readFileSync(path);
  inflict(path);
  try {
    return await work();
  } finally {
    writeFileSync(path, whole);
  }
}
