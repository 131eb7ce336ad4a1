/** The parts of an error that depend on its status: code and title of Snyk's error catalogue. */
const catalogue: ReadonlyMap<number, { readonly code: string; readonly title: string }> = new Map([
  [400, { code: 'SNYK-OPENAPI-0001', title: 'Bad request' }],
  [401, { code: 'SNYK-0005', title: 'Authentication error' }],
  [403, { code: 'SNYK-OPENAPI-0002', title: 'Forbidden' }],
  [404, { code: 'SNYK-OPENAPI-0004', title: 'Not found' }],
  [405, { code: 'SNYK-OPENAPI-0005', title: 'Method not allowed' }],
  [429, { code: 'SNYK-0001', title: 'Service temporarily throttled' }],
  [500, { code: 'SNYK-9999', title: 'Unable to process request' }],
  [502, { code: 'SNYK-0008', title: 'Unable to fulfill the request' }],
  [503, { code: 'SNYK-0009', title: 'Unable to fulfill the request' }],
  [504, { code: 'SNYK-0004', title: 'Server communication error' }],
]);

/** A refusal; thrown by handlers, answered as an error document. `detail` must hold nothing that the client sent. */
export class ApiError extends Error {
  readonly status: number;
  /** The query or path parameter that is wrong. */
  readonly parameter: string | undefined;

  constructor(status: number, detail: string, parameter?: string) {
    super(detail);
    this.name = 'ApiError';
    this.status = status;
    this.parameter = parameter;
  }
}

/** The body of an error answer, to the schema `ErrorDocument`. */
export function errorDocument(error: ApiError, id: string): object {
  const known = catalogue.get(error.status);
  return {
    jsonapi: { version: '1.0' },
    errors: [
      {
        id,
        status: String(error.status),
        ...(known ? { code: known.code, title: known.title } : {}),
        detail: error.message,
        ...(error.parameter === undefined ? {} : { source: { parameter: error.parameter } }),
      },
    ],
  };
}
