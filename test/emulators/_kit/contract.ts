// What the emulators have in common, as tests see it.

/** What answers instead of the API: a status, a destroyed socket, or the true answer cut off after so many bytes. */
export type Fault =
  | {
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      /** Sent as JSON. Default: the vendor's error document for the status. */
      readonly body?: unknown;
      /** Sent as it is; may be empty. */
      readonly rawBody?: string;
    }
  | { readonly reset: true }
  | { readonly truncate: number };

export interface FaultTimes {
  /** How many matching requests get the fault. Default 1. */
  readonly times?: number;
  /** How many matching requests pass before. Default 0. */
  readonly skip?: number;
}

export interface FaultMatch extends FaultTimes {
  /** Tested against the path without the query. Default: every path. */
  readonly path?: RegExp;
}

/** What is known of a request once it was answered. */
export interface LogStatus {
  /** 0 until answered, and for a request whose socket was reset. */
  readonly status: number;
  /** Counts all requests since the start from 1; clearing the log does not set it back. */
  readonly at: number;
  /** The ordered fault that it met. */
  readonly fault?: 'status' | 'reset' | 'truncate';
}

export interface RequestLog extends LogStatus {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
}

export interface RateLimit {
  readonly requests: number;
  readonly windowMs: number;
  /** Seconds for Retry-After; `false` sends none. Default: what is left of the window. */
  readonly retryAfter?: number | false;
}

/** The part of an emulator that is the same for all. */
export interface EmulatorBase<Log extends LogStatus = RequestLog> {
  /** Scheme, host and port. */
  readonly url: string;
  /** Every API request in the order of arrival. */
  readonly requests: readonly Log[];
  clearRequests(): void;
  /** The next matching requests get this answer instead; of several calls the earliest that still applies wins. */
  failNext(match: FaultMatch, answer: Fault): void;
  close(): Promise<void>;
}
