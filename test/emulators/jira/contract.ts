import type { EmulatorBase } from '../_kit/contract.ts';

/** A JSON object of the vendor's, served as it is. */
export type Json = Readonly<Record<string, unknown>>;

export interface JiraEmulatorOptions {
  /** Same seed, same data, byte for byte. Default 1. */
  readonly seed?: number;
  /** Which product answers: Cloud's version 3 or Data Center's version 2. Default `cloud`. */
  readonly deployment?: 'cloud' | 'datacenter';
  /** Default 5. */
  readonly projects?: number;
  /** Default 30. */
  readonly users?: number;
  /** Default 250. */
  readonly issues?: number;
  /** Summaries of the first issues, in place of invented ones. */
  readonly summaries?: readonly string[];
  /** Taken as Basic together with `apiToken`. */
  readonly email?: string;
  readonly apiToken?: string;
  /** Taken as Bearer: on Cloud below `/ex/jira/{cloudId}` alone, on Data Center everywhere. */
  readonly accessToken?: string;
  readonly cloudId?: string;
  /** The time zone of the login's profile, in which times are shown and JQL is read; null hides it. */
  readonly timeZone?: string | null;
  /** Permissions that the login does not have: BROWSE_PROJECTS, USER_PICKER. */
  readonly without?: readonly string[];
  /** A wrong login gets what the public may see, with status 200, as Cloud does. Default false: 401. */
  readonly anonymousAccess?: boolean;
  /** The most issues that one page holds, whatever is asked for. Default 100. */
  readonly pageCap?: number;
  readonly rateLimit?: JiraRateLimit;
  /** Default: any free port. */
  readonly port?: number;
  /** Waited before each answer. Default 0. */
  readonly latencyMs?: number;
  /** The present of the data's world. */
  readonly now?: string;
}

export interface JiraRateLimit {
  /** Answered before the pause. */
  readonly requests: number;
  /** Everything is refused for so long, then `requests` are answered again. */
  readonly pauseMs: number;
  /** How the end of the wait is told: seconds in Retry-After, or X-RateLimit-Reset in either form that Jira uses. */
  readonly tell: 'retry-after' | 'reset-iso' | 'reset-epoch';
  /** Default `jira-burst-based`. */
  readonly reason?: string;
}

/** What the server serves right now, with all fields; each read gives a new view. */
export interface JiraTruth {
  readonly projects: readonly Json[];
  readonly users: readonly Json[];
  /** In the order of their ids. */
  readonly issues: readonly Json[];
  /** Issue id → the plain text of its description, as it was written before it became a document; null for none. */
  readonly texts: ReadonlyMap<string, string | null>;
}

/** The log shows the query of the URL, or a POST's body as one. */
export interface JiraEmulator extends EmulatorBase {
  readonly email: string;
  readonly apiToken: string;
  readonly accessToken: string;
  /** Good once, at `/oauth/token`, for the access token and a refresh token to go on with. Client: `client`, `client-secret`. */
  readonly refreshToken: string;
  readonly cloudId: string;
  readonly truth: JiraTruth;
  /** Changes issues, spread over all (all when there are fewer), and returns their ids. */
  changeIssues(count: number): readonly string[];
  addIssues(count: number): readonly string[];
  removeIssue(id: string): void;
  removeUser(index: number): void;
}
