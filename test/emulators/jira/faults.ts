import type { JiraFault, JiraFaultMatch } from './contract.ts';

interface Planned {
  readonly path: RegExp | undefined;
  skip: number;
  times: number;
  readonly fault: JiraFault;
}

/** The answers that a test ordered in place of true ones, first come first served. */
export class FaultPlan {
  readonly #planned: Planned[] = [];

  add({ path, skip = 0, times = 1 }: JiraFaultMatch, fault: JiraFault): void {
    this.#planned.push({ path, skip, times, fault });
  }

  /** The fault for a request to this path, or undefined; counts the request. */
  take(path: string): JiraFault | undefined {
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
