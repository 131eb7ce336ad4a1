import type { SnykGroup, SnykIssue, SnykOrg, SnykProject, SnykTarget } from './types.ts';

export interface SnykEmulatorOptions {
  /** Same seed, same data, byte for byte. Default 1. */
  readonly seed?: number;
  /** Default 3. */
  readonly orgs?: number;
  /** One number for all, or one per organisation in the order of their ids (a missing entry is 0). Default 20. */
  readonly projectsPerOrg?: number | readonly number[];
  /** As `projectsPerOrg`. Default 100. */
  readonly issuesPerOrg?: number | readonly number[];
  /** Accepted as `Authorization: token <token>` and as `Bearer <token>`. Default `emulator-token`. */
  readonly token?: string;
  /** Default: any free port. */
  readonly port?: number;
  /** Requests beyond `requests` per fixed window answer 429. Default: no limit. */
  readonly rateLimit?: SnykRateLimit;
  /** Waited before each answer, faults included. Default 0. */
  readonly latencyMs?: number;
  /** The present of the data's world: what it holds was updated in the two years before. */
  readonly now?: string;
}

export interface SnykRateLimit {
  readonly requests: number;
  readonly windowMs: number;
  /** Seconds for Retry-After; `false` sends none (Snyk promises none). Default: what is left of the window. */
  readonly retryAfter?: number | false;
}

export interface SnykRequestLog {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** 0 until answered, and for a request whose socket was reset. */
  readonly status: number;
  /** Counts all requests since the start from 1; `clearRequests` does not set it back. */
  readonly at: number;
}

/**
 * What answers instead of the API: a status (with an error document when neither body is given and an empty body when
 * `rawBody` is ''), a destroyed socket, or the true answer cut off after `truncate` bytes of its body.
 */
export type SnykFault =
  | {
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      /** Sent as JSON. */
      readonly body?: unknown;
      /** Sent as it is. */
      readonly rawBody?: string;
    }
  | { readonly reset: true }
  | { readonly truncate: number };

export interface SnykFaultMatch {
  /** Tested against the path without the query, `/rest` included. Default: every path. */
  readonly path?: RegExp;
  /** How many matching requests get the fault. Default 1. */
  readonly times?: number;
  /** How many matching requests pass before. Default 0. */
  readonly skip?: number;
}

/** What the server serves right now; each read gives a new view, and resources are never changed in place. */
export interface SnykTruth {
  readonly groups: readonly SnykGroup[];
  readonly orgs: readonly SnykOrg[];
  readonly targets: readonly SnykTarget[];
  readonly projects: readonly SnykProject[];
  readonly issues: readonly SnykIssue[];
}

export interface SnykEmulator {
  /** Scheme, host and port; the API lives under `/rest`. */
  readonly url: string;
  readonly token: string;
  readonly truth: SnykTruth;
  /** Every API request in the order of arrival. */
  readonly requests: readonly SnykRequestLog[];
  clearRequests(): void;
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
  /** The next matching requests get this answer instead; of several calls the earliest that still applies wins. */
  failNext(match: SnykFaultMatch, answer: SnykFault): void;
  close(): Promise<void>;
}
