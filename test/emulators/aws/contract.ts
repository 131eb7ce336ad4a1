export interface AwsEmulatorOptions {
  /** Same seed, same data. Default 1. */
  readonly seed?: number;
  /** The first is the access key's own, the others are reached by roles. Default 2. */
  readonly accounts?: number;
  /** Default 10. */
  readonly bucketsPerAccount?: number;
  /** Default 12. */
  readonly usersPerAccount?: number;
  /** Besides the one that is assumed. Default 8. */
  readonly rolesPerAccount?: number;
  /** Default: any free port. */
  readonly port?: number;
  /** Requests beyond `requests` per fixed window: 503 SlowDown by S3, 400 Throttling by all others. Default: no limit. */
  readonly rateLimit?: { readonly requests: number; readonly windowMs: number };
  /** How long the credentials of an assumed role live. Default 3600. */
  readonly sessionSeconds?: number;
  /** What the trust policies of the roles ask for. Default: nothing. */
  readonly externalId?: string;
  /** False: ListBuckets names no regions, as it did before 2024, so that they have to be found. Default true. */
  readonly namesRegions?: boolean;
  /** Lists hold at most so many items a page, whatever is asked for. Default: what each list allows. */
  readonly mostPerPage?: number;
  /** The service's clock. Default: ours. */
  readonly now?: () => number;
}

export interface AwsTag {
  readonly key: string;
  readonly value: string;
}

/** A bucket as the service knows it; what is undefined was never configured. */
export interface AwsBucket {
  readonly name: string;
  readonly accountId: string;
  readonly region: string;
  readonly createdAt: string;
  readonly tags: readonly AwsTag[] | undefined;
  readonly encryption: { readonly algorithm: string; readonly key: string | undefined } | undefined;
  /** Names of the four settings that are on. */
  readonly blocks: readonly string[] | undefined;
  /** Undefined: it has no policy. */
  readonly policy: 'public' | 'private' | undefined;
  readonly isAclOpen: boolean;
  readonly versioning: 'Enabled' | 'Suspended' | undefined;
  readonly logsTo: string | undefined;
  /** Ids of the rules. */
  readonly lifecycle: readonly string[] | undefined;
}

export interface AwsUser {
  readonly accountId: string;
  readonly name: string;
  readonly id: string;
  readonly arn: string;
  readonly createdAt: string;
  readonly passwordLastUsed: string | undefined;
}

export interface AwsRole {
  readonly accountId: string;
  readonly name: string;
  readonly id: string;
  readonly arn: string;
  readonly createdAt: string;
  readonly description: string | undefined;
  /** The trust policy, as JSON. */
  readonly trust: string;
}

export interface AwsAccount {
  readonly id: string;
  /** Undefined for the access key's own. */
  readonly role: string | undefined;
}

/** What the service holds right now; each read gives a new view. */
export interface AwsTruth {
  readonly accounts: readonly AwsAccount[];
  readonly buckets: readonly AwsBucket[];
  readonly users: readonly AwsUser[];
  readonly roles: readonly AwsRole[];
}

export interface AwsRequestLog {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** Of the form; '' for S3. */
  readonly action: string;
  readonly service: string;
  readonly region: string;
  /** Whose credentials signed it; undefined where the signature is none. */
  readonly accountId: string | undefined;
  /** 0 for a request whose socket was reset. */
  readonly status: number;
}

/** What answers in place of the service. `match` is tested against `s3 GET /bucket?tagging`, `iam ListUsers`. */
export type AwsFault =
  | { readonly status: number; readonly code: string; readonly headers?: Readonly<Record<string, string>> }
  | { readonly status: number; readonly rawBody: string; readonly headers?: Readonly<Record<string, string>> }
  | { readonly reset: true }
  | { readonly truncate: number };

export interface AwsFaultMatch {
  readonly match?: RegExp;
  readonly times?: number;
  readonly skip?: number;
}

export interface AwsEmulator {
  /** Serves all hosts of all regions: the scope of each signature says which one is meant. */
  readonly url: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** ARNs of the roles by which the other accounts are reached. */
  readonly roles: readonly string[];
  readonly truth: AwsTruth;
  readonly requests: readonly AwsRequestLog[];
  clearRequests(): void;
  /** Other tags and another versioning for so many buckets. */
  changeBuckets(count: number): readonly AwsBucket[];
  addBuckets(count: number, accountIndex?: number): readonly AwsBucket[];
  removeBucket(name: string): void;
  addUsers(count: number, accountIndex?: number): readonly AwsUser[];
  removeUser(arn: string): void;
  /** From now on 403 AccessDenied, for all that the account asks: `iam:ListUsers`, `s3:ListAllMyBuckets`, `sts:AssumeRole`. */
  deny(accountId: string, action: string): void;
  /** From now on 403 AccessDenied: for one sub-resource of a bucket, or for all of them. */
  denyBucket(name: string, subResource?: string): void;
  allowAll(): void;
  /** The temporary credentials given so far have run out. */
  expireSessions(): void;
  failNext(match: AwsFaultMatch, fault: AwsFault): void;
  close(): Promise<void>;
}
