/** An error in the API's own words; how it is written depends on the format that the emulator was asked for. */
export class ApiError extends Error {
  readonly code: string | undefined;
  readonly statusCode: number | undefined;
  readonly path: readonly (string | number)[] | undefined;
  readonly retryInSeconds: number | undefined;
  /** The status of the HTTP answer; 200 for what the application itself refuses. */
  readonly httpStatus: number;

  constructor(
    message: string,
    options: {
      readonly code?: string;
      readonly statusCode?: number;
      readonly path?: readonly (string | number)[];
      readonly retryInSeconds?: number;
      readonly httpStatus?: number;
    } = {},
  ) {
    super(message);
    this.code = options.code;
    this.statusCode = options.statusCode;
    this.path = options.path;
    this.retryInSeconds = options.retryInSeconds;
    this.httpStatus = options.httpStatus ?? 200;
  }
}

/**
 * `new`: since 2025-01; `old`: before (https://developer.monday.com/api-reference/docs/error-handling, and the bodies that
 * were recorded of both).
 */
export type ErrorFormat = 'new' | 'old';

export function errorBody(error: ApiError, format: ErrorFormat, requestId: string): object {
  const { code, statusCode, path, retryInSeconds, message } = error;
  if (error.httpStatus === 401) {
    return format === 'old' ? { errors: ['Not Authenticated'] } : { errors: [{ message, extensions: { code } }] };
  }
  const wait = retryInSeconds === undefined ? {} : { retry_in_seconds: retryInSeconds };
  if (format === 'old' && code !== undefined) {
    return {
      error_code: code,
      status_code: statusCode ?? 200,
      error_message: message,
      error_data: wait,
      errors: [message],
      account_id: 24_308_083,
    };
  }
  const extensions = {
    code,
    ...(statusCode === undefined ? {} : { status_code: statusCode }),
    ...wait,
    error_data: {},
  };
  return {
    data: null,
    errors: [
      {
        message,
        locations: [{ line: 1, column: 8 }],
        ...(path === undefined ? {} : { path }),
        ...(code === undefined ? {} : { extensions }),
      },
    ],
    extensions: { request_id: requestId },
  };
}
