import type { GcpAsset, GcpBucket, GcpBucketPolicy, GcpContainer, GcpProject, GcpSearchResult } from './types.ts';

export interface GcpEmulatorOptions {
  /** Same seed, same data, byte for byte. Default 1. */
  readonly seed?: number;
  /** Active projects, spread over the folders. Default 3. */
  readonly projects?: number;
  /** Projects more that wait for their deletion. Default 1. */
  readonly deletedProjects?: number;
  /** Default 10. */
  readonly bucketsPerProject?: number;
  /** Assets besides the project's own and its buckets'. Default 40. */
  readonly assetsPerProject?: number;
  /** Default: any free port. */
  readonly port?: number;
  /** Requests beyond `requests` per fixed window are refused: 403 by Storage, 429 by all others. Default: no limit. */
  readonly rateLimit?: { readonly requests: number; readonly windowMs: number; readonly retryAfter?: number | false };
  /** How long a token is said to live. Default 3599. */
  readonly tokenSeconds?: number;
  /** Pages hold fewer items than asked for, now and then none. Default true. */
  readonly shortPages?: boolean;
  /** Pages hold at most so many items, whatever is asked for. Default: what each list allows. */
  readonly mostPerPage?: number;
  /** The present of the data's world. */
  readonly now?: string;
}

export interface GcpRequestLog {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** Of `x-goog-user-project`. */
  readonly quotaProject: string | undefined;
  /** 0 until answered, and for a request whose socket was reset. */
  readonly status: number;
  /** Counts all requests since the start from 1. */
  readonly at: number;
}

/** What answers in place of the API: a status with a body, a destroyed socket, or a body cut off after so many bytes. */
export type GcpFault =
  | {
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      /** Sent as JSON. Default: an error body for the status. */
      readonly body?: unknown;
      /** Sent as it is. */
      readonly rawBody?: string;
    }
  | { readonly reset: true }
  | { readonly truncate: number };

export interface GcpFaultMatch {
  /** Tested against the path with its query. Default: every request. */
  readonly path?: RegExp;
  /** How many matching requests get the fault. Default 1. */
  readonly times?: number;
  /** How many matching requests pass before. Default 0. */
  readonly skip?: number;
}

/** What the server serves right now; each read gives a new view, and resources are never changed in place. */
export interface GcpTruth {
  readonly organizations: readonly GcpContainer[];
  readonly folders: readonly GcpContainer[];
  /** The active ones first, then those that wait for their deletion. */
  readonly projects: readonly GcpProject[];
  readonly buckets: readonly GcpBucket[];
  readonly policies: readonly GcpBucketPolicy[];
  readonly assets: readonly GcpAsset[];
  readonly resources: readonly GcpSearchResult[];
}

export interface GcpEmulator {
  /** Serves the paths of all hosts. */
  readonly url: string;
  /** A key file whose key the token endpoint accepts, as one line of JSON. */
  readonly serviceAccount: string;
  readonly truth: GcpTruth;
  /** Every request in the order of arrival, those for tokens included. */
  readonly requests: readonly GcpRequestLog[];
  clearRequests(): void;
  /** Gives other labels to so many assets (not buckets, not projects), with a later update time than anything before. */
  changeAssets(count: number): readonly GcpAsset[];
  addAssets(count: number, projectIndex?: number): readonly GcpAsset[];
  removeAsset(name: string): void;
  changeBuckets(count: number): readonly GcpBucket[];
  removeBucket(name: string): void;
  /** From now on these answer 403 for Storage and Cloud Asset: the service, or the billing, is off. */
  switchOff(projectId: string, what: 'service' | 'billing'): void;
  /** The tokens given so far are refused with 401. */
  expireTokens(): void;
  /** The next matching requests get this answer instead; of several calls the earliest that still applies wins. */
  failNext(match: GcpFaultMatch, answer: GcpFault): void;
  close(): Promise<void>;
}
