import { describe, expect, it } from 'vitest';
import { WaitingLines } from '../../src/sink/jsonl/jsonl-waiting.ts';

describe('WaitingLines', () => {
  it('gives up the lines that are wanted, in order, and begins anew', () => {
    const waiting = new WaitingLines();
    const places = ['aa', 'b', 'cc', 'd'].map((line, key) => waiting.add(key, line.length));
    waiting.push(Buffer.from('aab'));
    waiting.push(Buffer.from('ccd'));
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
    expect(waiting.take(() => undefined)).toEqual({ rows: 0, chunks: [] });
  });
});
