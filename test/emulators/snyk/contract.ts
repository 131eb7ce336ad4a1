import type { EmulatorBase, RateLimit } from '../_kit/contract.ts';
import type { SnykGroup, SnykIssue, SnykMembership, SnykOrg, SnykProject, SnykTarget } from './types.ts';

export interface SnykEmulatorOptions {
  /** Same seed, same data, byte for byte. Default 1. */
  readonly seed?: number;
  /** Default 3. */
  readonly orgs?: number;
  /** One number for all, or one per organisation in the order of their ids (a missing entry is 0). Default 20. */
  readonly projectsPerOrg?: number | readonly number[];
  /** As `projectsPerOrg`. Default 100. */
  readonly issuesPerOrg?: number | readonly number[];
  /** Members of each organisation; every second one is of its group as well. Default 6. */
  readonly membersPerOrg?: number;
  /** False: groups and members are refused with 403, as for the token of an ordinary user. Default true. */
  readonly groupRights?: boolean;
  /** URLs that targets of repositories have in place of invented ones, in turn. */
  readonly repositories?: readonly string[];
  /** Accepted as `Authorization: token <token>` and as `Bearer <token>`. Default `emulator-token`. */
  readonly token?: string;
  /** Default: any free port. */
  readonly port?: number;
  /** Requests beyond `requests` per fixed window answer 429. Default: no limit. */
  readonly rateLimit?: RateLimit;
  /** Waited before each answer, faults included. Default 0. */
  readonly latencyMs?: number;
  /** The present of the data's world: what it holds was updated in the two years before. */
  readonly now?: string;
}

/** What the server serves right now; each read gives a new view, and resources are never changed in place. */
export interface SnykTruth {
  readonly groups: readonly SnykGroup[];
  readonly orgs: readonly SnykOrg[];
  readonly targets: readonly SnykTarget[];
  readonly orgMemberships: readonly SnykMembership[];
  readonly groupMemberships: readonly SnykMembership[];
  readonly projects: readonly SnykProject[];
  readonly issues: readonly SnykIssue[];
}

/** The API lives under `/rest` of its URL; faults' paths include that. */
export interface SnykEmulator extends EmulatorBase {
  readonly token: string;
  readonly truth: SnykTruth;
  /**
   * Changes `count` issues, spread over the organisations (all of them when there are fewer), and returns them. Their
   * `updated_at` is later than anything served before; some of them share one.
   */
  changeIssues(count: number): readonly SnykIssue[];
  /** Adds issues to one organisation (its place in `truth.orgs`), or to all in turn. */
  addIssues(count: number, orgIndex?: number): readonly SnykIssue[];
  /** The project and its issues vanish; its target stays. */
  removeProject(id: string): void;
  changeProjects(count: number): readonly SnykProject[];
}
