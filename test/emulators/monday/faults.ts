import type { MondayFault, MondayFaultMatch } from './contract.ts';

interface PlannedFault {
  readonly query: RegExp | undefined;
  skip: number;
  times: number;
  readonly fault: MondayFault;
}

/** The answers that a test ordered in place of true ones, first come first served. */
export class FaultPlan {
  readonly #planned: PlannedFault[] = [];

  add(match: MondayFaultMatch, fault: MondayFault): void {
    const query = match.query && new RegExp(match.query.source, match.query.flags.replaceAll(/[gy]/g, ''));
    this.#planned.push({ query, skip: match.skip ?? 0, times: match.times ?? 1, fault });
  }

  /** The fault for a query, or undefined; counts the request. */
  take(query: string): MondayFault | undefined {
    for (const planned of this.#planned) {
      if (planned.times <= 0 || planned.query?.test(query) === false) continue;
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
