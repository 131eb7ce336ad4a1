import type { EmulatorBase, RateLimit, RequestLog } from '../_kit/contract.ts';
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
  readonly rateLimit?: RateLimit;
  /** How long a token is said to live. Default 3599. */
  readonly tokenSeconds?: number;
  /** Pages hold fewer items than asked for, now and then none. Default true. */
  readonly shortPages?: boolean;
  /** Pages hold at most so many items, whatever is asked for. Default: what each list allows. */
  readonly mostPerPage?: number;
  /** The present of the data's world. */
  readonly now?: string;
}

export interface GcpRequestLog extends RequestLog {
  /** Of `x-goog-user-project`. */
  readonly quotaProject: string | undefined;
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

/** Serves the paths of all hosts. The patterns of faults are tested against the path with its query. */
export interface GcpEmulator extends EmulatorBase<GcpRequestLog> {
  /** A key file whose key the token endpoint accepts, as one line of JSON. */
  readonly serviceAccount: string;
  readonly truth: GcpTruth;
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
}
