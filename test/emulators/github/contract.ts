import type { EmulatorBase } from '../_kit/contract.ts';
import type {
  GithubAccount,
  GithubAlert,
  GithubCodeScanningAlert,
  GithubDependabotAlert,
  GithubRepository,
  GithubSecretScanningAlert,
} from './types.ts';

export interface GithubEmulatorOptions {
  /** Same seed, same data, byte for byte. Default 1. */
  readonly seed?: number;
  /** Organisations: `acme`, `umbrella`, `initech`, … Default 1. The user `octocat` has repositories as well. */
  readonly orgs?: number;
  /** For each organisation. Default 4. */
  readonly repositoriesPerOrg?: number;
  /** Default 2. */
  readonly repositoriesOfUser?: number;
  /** Of each of the three kinds, for each repository that has the feature on. Default 20. */
  readonly alertsPerRepository?: number;
  /** Default 12. */
  readonly membersPerOrg?: number;
  /** Accepted as `Bearer` and `token`. Default `emulator-token`. */
  readonly token?: string;
  /** What a classic token's answers say it has; null for a fine-grained one. Default `repo, read:org`. */
  readonly scopes?: string | null;
  /** Lets a GitHub App log in besides. */
  readonly app?: GithubEmulatorApp;
  /** Default: any free port. */
  readonly port?: number;
  readonly rateLimit?: GithubRateLimit;
  /** Waited before each answer, faults included. Default 0. */
  readonly latencyMs?: number;
  /** The present of the data's world. */
  readonly now?: string;
}

export interface GithubEmulatorApp {
  readonly id: string;
  readonly installationId: string;
  /** PEM. */
  readonly publicKey: string;
  /** How many requests an installation token is good for before it is refused as expired. Default: any number. */
  readonly requestsPerToken?: number;
}

/** The primary limit: so many requests per fixed window, then refusals with `x-ratelimit-remaining: 0`. */
export interface GithubRateLimit {
  readonly requests: number;
  readonly windowMs: number;
  /** GitHub answers both. Default 403. */
  readonly status?: 403 | 429;
}

/** What the server serves right now; resources are never changed in place. */
export interface GithubTruth {
  readonly accounts: readonly GithubAccount[];
  /** Organisation → its people. */
  readonly members: Readonly<Record<string, readonly GithubAccount[]>>;
  readonly repositories: readonly GithubRepository[];
  readonly dependabotAlerts: readonly GithubDependabotAlert[];
  readonly codeScanningAlerts: readonly GithubCodeScanningAlert[];
  readonly secretScanningAlerts: readonly GithubSecretScanningAlert[];
  /** Lists of alerts that a repository refuses, as `acme/api dependabot`. */
  readonly off: readonly string[];
}

/** The log has the requests for installation tokens as well. */
export interface GithubEmulator extends EmulatorBase {
  readonly token: string;
  readonly truth: GithubTruth;
  /** Changes `count` alerts, spread over kinds and repositories; their `updated_at` is later than anything before. */
  changeAlerts(count: number): readonly GithubAlert[];
  addAlerts(count: number): readonly GithubAlert[];
  /** The repository and its alerts vanish. */
  removeRepository(fullName: string): void;
  /** Asked for by its old name, a renamed repository answers 301. Its alerts have new URLs. */
  renameRepository(fullName: string, name: string): void;
}
