/** What the commands answer: the shapes of `--json`, kept to the letter of the command line's contract. */

export interface ErrorReport {
  readonly code: string;
  readonly message: string;
  /** Why, in the API's own words where it gave some. */
  readonly why?: string;
  readonly hint?: string;
}

interface CommandResult {
  readonly integration: string;
  /** `snyk` for the default connection of snyk, else the connection's own name. */
  readonly connection: string;
  readonly ok: boolean;
  readonly exitCode: number;
  /** True when the same command may succeed later. */
  readonly retryable: boolean;
  /** When to come back, ISO 8601, where the API said so. */
  readonly resumeAfter?: string;
  readonly error?: ErrorReport;
}

export type StreamStatus = 'complete' | 'partial' | 'failed' | 'skipped';

/** Milliseconds: our own pacing below a known limit, a limit that was met, backing off from trouble, a job of the API's. */
export type WaitedMsBy = Readonly<Partial<Record<'pacing' | 'limit' | 'backoff' | 'job', number>>>;

export interface StreamResult {
  readonly name: string;
  readonly status: StreamStatus;
  readonly slices: number;
  /** Pages fetched. */
  readonly pages: number;
  /** Of these, the pages that the API did not send again because they are as they were (304). */
  readonly unchangedPages?: number;
  /** Records committed that were not stored before. */
  readonly records: number;
  /** The vendor's bytes committed. */
  readonly bytes: number;
  readonly requests: number;
  readonly retries: number;
  readonly waitedMs: number;
  /** The same by what the waiting was for, where there was any. */
  readonly waitedMsBy?: WaitedMsBy;
  /** Records that do not match the stream's schema. They are stored all the same; parse will quarantine them. */
  readonly invalid?: number;
  /** Slices left out because the API says they may not be read, or are gone. */
  readonly skippedSlices?: number;
  /** Why they were, in different words: a few of the reasons, never all of many. */
  readonly skipReasons?: readonly string[];
  readonly error?: ErrorReport;
}

export interface StreamRunResult extends CommandResult {
  readonly command: 'stream';
  readonly runId: string;
  readonly streams: readonly StreamResult[];
}

export interface ParserResult {
  readonly name: string;
  readonly generation: number;
  /** Stream → records read. */
  readonly inputs: Readonly<Record<string, number>>;
  readonly entities: {
    readonly added: number;
    readonly changed: number;
    readonly unchanged: number;
    readonly archived: number;
  };
  readonly quarantined: number;
  /** Where the quarantined records lie, when there are any. */
  readonly quarantine?: string;
  /** The integration's code changed since the present generation was made: restream brings it up to date. */
  readonly codeChanged?: boolean;
  /** restream with `--diff` or `--dry-run`, and `parse --verify`. */
  readonly diff?: ParserDiff;
  /** Keys that the parser has yielded more than once with different values; the last one was kept. */
  readonly repeatedKeys?: { readonly count: number; readonly examples: readonly string[] };
  /** Fields made with `ref()` that point to an entity which is not there. */
  readonly orphans?: readonly { readonly field: string; readonly to: string; readonly count: number }[];
  /** quarantine retry: what was in quarantine before, and how much of it came home. */
  readonly retried?: { readonly before: number; readonly home: number };
  readonly error?: ErrorReport;
}

export interface ParserDiff {
  readonly added: number;
  readonly gone: number;
  readonly changed: number;
  readonly unchanged: number;
  readonly fields: Readonly<Record<string, number>>;
  readonly examples: readonly {
    readonly kind: 'added' | 'gone' | 'changed';
    readonly key: string;
    readonly fields: Readonly<Record<string, { readonly before: unknown; readonly after: unknown }>>;
  }[];
}

export interface DriftFinding {
  readonly stream: string;
  /** JSON pointer in the record. */
  readonly path: string;
  readonly problem: string;
  readonly count: number;
}

export interface ParseRunResult extends CommandResult {
  readonly command: 'parse' | 'restream';
  readonly runId: string;
  readonly parsers: readonly ParserResult[];
  readonly drift: readonly DriftFinding[];
}

export interface SyncRunResult extends CommandResult {
  readonly command: 'sync';
  readonly runId: string;
  readonly streams: readonly StreamResult[];
  readonly parsers: readonly ParserResult[];
  readonly drift: readonly DriftFinding[];
}

export interface CheckRunResult extends CommandResult {
  readonly command: 'check';
  readonly checks: readonly { readonly name: string; readonly ok: boolean; readonly error?: ErrorReport }[];
  readonly streams: readonly {
    readonly name: string;
    readonly readable: boolean;
    readonly error?: ErrorReport;
    /** Why it could not be probed. */
    readonly note?: string;
  }[];
}

export interface TestCase {
  readonly name: string;
  readonly outcome: 'passed' | 'failed' | 'skipped';
  /** Why it failed or was skipped. */
  readonly reason?: string;
}

export interface TestRunResult extends CommandResult {
  readonly command: 'test';
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly cases: readonly TestCase[];
}

export interface RecordRunResult extends CommandResult {
  readonly command: 'record';
  readonly scenario: string;
  readonly file: string;
  readonly interactions: number;
  readonly streams: readonly StreamResult[];
  readonly entities: Readonly<Record<string, number>>;
}

export interface StatusResult extends CommandResult {
  readonly command: 'status';
  readonly lock?: { readonly pid: number; readonly hostname: string; readonly since: string; readonly command: string };
  readonly streams: readonly {
    readonly name: string;
    readonly commits: number;
    readonly committedAt?: string;
    readonly pages: number;
    readonly records: number;
    readonly bytes: number;
    readonly slices: number;
    readonly openSlices: number;
    readonly cursor?: string;
  }[];
  readonly parsers: readonly {
    readonly name: string;
    readonly generation?: number;
    /** Stream → commits not read yet. */
    readonly behind: Readonly<Record<string, number>>;
    readonly codeChanged: boolean;
  }[];
  /** How far each sink is; the first is what `parsers` speaks of. One that could not be looked at has an error. */
  readonly sinks?: readonly {
    readonly name: string;
    /** Parser → its present generation. */
    readonly generations: Readonly<Record<string, number>>;
    readonly error?: ErrorReport;
  }[];
}
