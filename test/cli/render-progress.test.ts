import { describe, expect, test } from 'vitest';
import { progress } from '../../src/cli/render/progress.ts';

/** A clock that the test moves, with the timers that hang on it. */
function stage(options: { readonly animated: boolean; readonly width?: number; readonly height?: number }) {
  let now = 0;
  let timers: { run: () => void; at: number }[] = [];
  const written: string[] = [];
  const shown = progress(
    { write: (text) => written.push(text) },
    {
      ...options,
      now: () => now,
      later(run, ms) {
        const timer = { run, at: now + ms };
        timers.push(timer);
        return () => {
          timers = timers.filter((item) => item !== timer);
        };
      },
    },
  );
  return {
    shown,
    written,
    pending: () => timers.length,
    pass(ms: number) {
      for (const end = now + ms; ;) {
        const [next] = timers.filter(({ at }) => at <= end).toSorted((a, b) => a.at - b.at);
        now = next?.at ?? end;
        if (next === undefined) return;
        timers = timers.filter((item) => item !== next);
        next.run();
      }
    },
  };
}

describe('without a terminal', () => {
  test('a stream has a line every ten seconds and one at its end, with no escape sequence', () => {
    const { shown, written, pass } = stage({ animated: false });
    for (let pages = 1; pages <= 250; pages += 1) {
      shown.update('issues', { pages, records: pages * 100 });
      pass(100);
    }
    shown.update('issues', { waitingFor: 'rate limit \u001B[31m' });
    shown.note('hello');
    shown.end('issues');
    shown.end('orgs', 'failed');
    expect(written).toEqual([
      'issues  101 pages  10,100 records\n',
      'issues  201 pages  20,100 records\n',
      'hello\n',
      'issues  250 pages  25,000 records  done\n',
      'orgs  …  failed\n',
    ]);
  });
});

describe('on a terminal', () => {
  test('lines are drawn over, at most ten times a second, and the last state is always shown', () => {
    const { shown, written, pass } = stage({ animated: true });
    for (let pages = 1; pages <= 1000; pages += 1) {
      shown.update('issues', { pages });
      pass(1);
    }
    pass(200);
    expect(written.length).toBeLessThanOrEqual(12);
    expect(written[0]).toBe('issues  1 page\n');
    expect(written.at(-1)).toBe('\u001B[1A\u001B[0Jissues  1,000 pages\n');
  });

  test('a wait counts down by itself, and a stream that ends leaves its line', () => {
    const { shown, written, pass } = stage({ animated: true });
    shown.update('orgs', { pages: 1 });
    shown.update('issues', { waitingFor: 'rate limit', waitsUntil: 41_000 });
    pass(1100);
    expect(written.at(-1)).toContain('issues  …  waiting: rate limit, 40 s left\n');
    pass(10_000);
    expect(written.at(-1)).toContain('waiting: rate limit, 30 s left');
    shown.end('issues');
    expect(written.at(-1)).toBe('\u001B[2A\u001B[0Jissues  …  done\norgs  1 page\n');
  });

  test('lines are never wider than the terminal nor more than fit', () => {
    const { shown, written, pass } = stage({ animated: true, width: 20, height: 3 });
    for (let at = 0; at < 9; at += 1) shown.update(`stream_with_a_long_name_${at}`, { pages: at });
    pass(1000);
    const lines = (written.at(-1) ?? '').slice('\u001B[2A\u001B[0J'.length).split('\n');
    expect(lines).toEqual(['stream_with_a_long…', 'stream_with_a_long…', '… 7 more', '']);
  });

  test('after stop nothing is left, on the screen or running', () => {
    const { shown, written, pass, pending } = stage({ animated: true });
    shown.update('issues', { waitingFor: 'x', waitsUntil: 99_000 });
    shown.note('a note');
    expect(written.at(-1)?.startsWith('\u001B[1A\u001B[0Ja note\nissues')).toBe(true);
    shown.stop();
    expect(written.at(-1)).toBe('\u001B[1A\u001B[0J');
    expect(pending()).toBe(0);
    const before = written.length;
    pass(10_000);
    expect(written.length).toBe(before);
  });
});
