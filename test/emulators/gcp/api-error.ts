/** Names of google.rpc.Code by HTTP status: https://cloud.google.com/apis/design/errors */
const codes: ReadonlyMap<number, string> = new Map([
  [400, 'INVALID_ARGUMENT'],
  [401, 'UNAUTHENTICATED'],
  [403, 'PERMISSION_DENIED'],
  [404, 'NOT_FOUND'],
  [429, 'RESOURCE_EXHAUSTED'],
  [500, 'INTERNAL'],
  [503, 'UNAVAILABLE'],
]);

/** Reasons of Storage's older error format, where a refusal names none of its own. */
const reasons: ReadonlyMap<number, string> = new Map([
  [400, 'invalid'],
  [401, 'authError'],
  [403, 'forbidden'],
  [404, 'notFound'],
  [429, 'rateLimitExceeded'],
  [500, 'backendError'],
  [503, 'backendError'],
]);

export interface ErrorInfo {
  readonly reason: string;
  readonly domain: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

/** A refusal; thrown by handlers. */
export class ApiError extends Error {
  readonly status: number;
  /** google.rpc.ErrorInfo of the newer services, and the reason of the older ones. */
  readonly info: ErrorInfo | undefined;

  constructor(status: number, message: string, info?: ErrorInfo) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
    this.info = info;
  }
}

/** The body of an error answer: Storage has kept the older format. */
export function errorBody(error: ApiError, path: string): object {
  const { status, message, info } = error;
  if (path.startsWith('/storage/')) {
    const item = {
      message,
      domain: info?.domain ?? 'global',
      reason: info?.reason ?? reasons.get(status) ?? 'invalid',
    };
    return { error: { code: status, message, errors: [item] } };
  }
  const details =
    info === undefined ? {} : { details: [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', ...info }] };
  return { error: { code: status, message, status: codes.get(status) ?? 'UNKNOWN', ...details } };
}
