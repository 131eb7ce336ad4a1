import type { Host } from '../../src/util/host.ts';
import type { SeededRandom } from './seeded-random.ts';
import type { SimProcess } from './sim-fs.ts';

/** A machine: who runs on it, and how often it was started. */
export interface SimMachine {
  readonly hostname: string;
  /** The host that a new process on this machine sees. */
  host(process: SimProcess): Host;
  /** After a power failure. */
  reboot(): void;
}

export function simMachine(hostname: string, random: SeededRandom): SimMachine {
  const running = new Map<number, SimProcess>();
  const started = new Map<SimProcess, string>();
  let boots = 0;
  let starts = 0;
  return {
    hostname,
    reboot: () => (boots += 1),
    host(process) {
      starts += 1;
      // Pids are used again soon, as on a machine with many processes.
      let pid = 100 + (starts % 7);
      while (running.get(pid)?.isAlive === true) pid += 1;
      running.set(pid, process);
      started.set(process, `${boots}.${starts}`);
      let now = Date.UTC(2026, 0, 1) + starts * 1000;
      return {
        clock: { now: () => (now += 1), monotonicMs: () => now, sleep: () => Promise.resolve() },
        random: random.next,
        fs: process.fs,
        process: {
          pid,
          hostname,
          bootId: `boot-${boots}`,
          startTime(other) {
            const found = running.get(other);
            return found?.isAlive === true ? started.get(found) : undefined;
          },
        },
      };
    },
  };
}
