/** A refusal, in the forms that Jira has for it: `{ errorMessages, errors }`, or a text. */
export class ApiError extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;

  constructor(status: number, message: string | object, headers: Readonly<Record<string, string>> = {}) {
    super(typeof message === 'string' ? message : JSON.stringify(message));
    this.name = 'ApiError';
    this.status = status;
    this.headers = headers;
    this.body =
      typeof message === 'string' ? JSON.stringify({ errorMessages: [message], errors: {} }) : JSON.stringify(message);
  }
}
