import { nodeHost } from '../../src/util/node-host.ts';
import type { Host } from '../../src/util/host.ts';

export interface VirtualClock {
  readonly host: Host;
  /** All sleeps so far, in milliseconds, in the order they began. */
  readonly sleeps: readonly number[];
  /** Milliseconds since the start. */
  now(): number;
  /** Moves on without anybody sleeping, e.g. while a request is on its way. */
  advance(ms: number): void;
}

const START = Date.UTC(2026, 0, 1);

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

/**
 * A host whose time stands still until everybody sleeps: then it jumps to the earliest sleeper. Real I/O may go on in
 * between, so time only moves after the event loop has had a few turns without a new sleeper.
 */
export function virtualClock(random: () => number = () => 0): VirtualClock {
  let time = 0;
  let sleepers: Sleeper[] = [];
  let ticking = false;
  const sleeps: number[] = [];

  function tick(): void {
    if (ticking) return;
    ticking = true;
    setImmediate(() =>
      setImmediate(() => {
        ticking = false;
        const earliest = Math.min(...sleepers.map((sleeper) => sleeper.at));
        if (!Number.isFinite(earliest)) return;
        time = Math.max(time, earliest);
        const due = sleepers.filter((sleeper) => sleeper.at <= time);
        sleepers = sleepers.filter((sleeper) => sleeper.at > time);
        for (const sleeper of due) sleeper.wake();
        if (sleepers.length > 0) tick();
      }),
    );
  }

  const host: Host = {
    ...nodeHost(),
    random,
    clock: {
      now: () => START + time,
      monotonicMs: () => time,
      async sleep(ms, signal) {
        signal?.throwIfAborted();
        sleeps.push(ms);
        const { promise, resolve, reject } = Promise.withResolvers<void>();
        const sleeper: Sleeper = { at: time + Math.max(0, ms), wake: resolve };
        sleepers.push(sleeper);
        const onAbort = (): void => {
          sleepers = sleepers.filter((other) => other !== sleeper);
          reject(signal?.reason);
        };
        signal?.addEventListener('abort', onAbort, { once: true });
        tick();
        try {
          await promise;
        } finally {
          signal?.removeEventListener('abort', onAbort);
        }
      },
    },
  };
  return { host, sleeps, now: () => time, advance: (ms) => (time += ms) };
}
