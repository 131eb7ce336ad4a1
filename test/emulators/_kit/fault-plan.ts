import type { Fault, FaultTimes } from './contract.ts';

interface PlannedFault {
  readonly pattern: RegExp | undefined;
  skip: number;
  times: number;
  readonly fault: Fault;
}

/** The answers that a test ordered in place of true ones, first come first served. */
export class FaultPlan {
  readonly #planned: PlannedFault[] = [];

  add(pattern: RegExp | undefined, { times = 1, skip = 0 }: FaultTimes, fault: Fault): void {
    // Without the flags that make `test` remember where it stopped.
    const stateless = pattern && new RegExp(pattern.source, pattern.flags.replaceAll(/[gy]/g, ''));
    this.#planned.push({ pattern: stateless, skip, times, fault });
  }

  /** The fault for a request that is known by this text, or undefined; counts the request. */
  take(text: string): Fault | undefined {
    for (const planned of this.#planned) {
      if (planned.times <= 0 || planned.pattern?.test(text) === false) continue;
      if (planned.skip > 0) {
        planned.skip -= 1;
        continue;
      }
      planned.times -= 1;
      return planned.fault;
    }
    return undefined;
  }
}
