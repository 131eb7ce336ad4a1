import { ERROR_CODES, type ErrorCode, type ErrorKind } from './registry.ts';

export interface ErrorDetails {
  /** What happened, in one line, with the names the user knows. Never a secret's value. */
  readonly message: string;
  /** Why, where it is known. */
  readonly why?: string;
  /** What is true of the data now. Default: the registry's. */
  readonly state?: string;
  /** The command or the edit that mends it. Default: the registry's. */
  readonly fix?: string;
  readonly cause?: unknown;
  /** Temporary errors: when to come back, ISO 8601. */
  readonly resumeAfter?: string;
  /** The HTTP status that it comes from, where the code alone does not say enough. */
  readonly status?: number;
}

/**
 * Every error that sassy raises on purpose. `code` is stable; what a caller does next (which exit code, whether a
 * scheduler retries) is read from the registry, never from the message.
 */
export class SassyError extends Error {
  override readonly name = 'SassyError';
  readonly code: ErrorCode;
  readonly why: string | undefined;
  readonly state: string | undefined;
  readonly fix: string | undefined;
  readonly resumeAfter: string | undefined;
  readonly status: number | undefined;

  constructor(code: ErrorCode, details: ErrorDetails) {
    super(details.message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.why = details.why;
    const kind: ErrorKind = ERROR_CODES[code];
    this.state = details.state ?? kind.state;
    this.fix = details.fix ?? kind.fix;
    this.resumeAfter = details.resumeAfter;
    this.status = details.status;
  }

  get exitCode(): number {
    return ERROR_CODES[this.code].exitCode;
  }

  /** True when the same command, run again later, may succeed. */
  get retryable(): boolean {
    return this.exitCode === 75;
  }
}

/** True for a SassyError of any copy of the package, of this code when one is given. */
export function isSassyError(error: unknown, code?: ErrorCode): error is SassyError {
  return (
    error instanceof Error &&
    error.name === 'SassyError' &&
    'code' in error &&
    (code === undefined || error.code === code)
  );
}
