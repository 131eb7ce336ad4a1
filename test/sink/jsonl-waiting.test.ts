import { describe, expect, it } from 'vitest';
import { WaitingLines } from '../../src/sink/jsonl/jsonl-waiting.ts';

describe('WaitingLines', () => {
  it('gives up the lines that are wanted, in order, and begins anew', () => {
    const waiting = new WaitingLines();
    const places = ['aa', 'b', 'cc', 'd'].map((line, key) => waiting.add(key, line.length));
    waiting.push(Buffer.from('aab'), 0, 3);
    waiting.push(Buffer.from('.ccd'), 1, 4);
    expect(waiting.bytes).toBe(6);
    waiting.leaveOut(places[1] ?? 0);
    waiting.leaveOut(places[1] ?? 0);
    waiting.leaveOut(0);
    const keys: number[] = [];
    const { rows, chunks } = waiting.take((key) => keys.push(key));
    expect(rows).toBe(3);
    expect(keys).toEqual([0, 2, 3]);
    expect(Buffer.concat(chunks).toString()).toBe('aaccd');
    expect(waiting.bytes).toBe(0);
    expect(waiting.take(() => undefined)).toMatchObject({ rows: 0, chunks: [] });
  });

  it('gives back the memory of what was handed over, and of nothing else', () => {
    const waiting = new WaitingLines();
    const [own, others, small] = [new Uint8Array(100_000), new Uint8Array(100_000), Buffer.from('a small one')];
    for (const [piece, isOwn] of [
      [own, true],
      [others, false],
      [small, true],
    ] as const) {
      waiting.add(1, piece.length);
      if (isOwn) waiting.push(piece, 0, piece.length);
      else waiting.pushShared(piece);
    }
    const { chunks, release } = waiting.take(() => undefined);
    expect(chunks.map(({ length }) => length)).toEqual([100_000, 100_000, 11]);
    release();
    release();
    expect([own.length, others.length, small.toString()]).toEqual([0, 100_000, 'a small one']);
  });
});
