import type { SnykFault, SnykFaultMatch } from './contract.ts';

interface PlannedFault {
  readonly path: RegExp | undefined;
  skip: number;
  times: number;
  readonly fault: SnykFault;
}

/** The answers that a test ordered in place of true ones, first come first served. */
export class FaultPlan {
  readonly #planned: PlannedFault[] = [];

  add(match: SnykFaultMatch, fault: SnykFault): void {
    // Without the flags that make `test` remember where it stopped.
    const path = match.path && new RegExp(match.path.source, match.path.flags.replaceAll(/[gy]/g, ''));
    this.#planned.push({ path, skip: match.skip ?? 0, times: match.times ?? 1, fault });
  }

  /** The fault for a request to this path, or undefined; counts the request. */
  take(path: string): SnykFault | undefined {
    for (const planned of this.#planned) {
      if (planned.times <= 0 || planned.path?.test(path) === false) continue;
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
