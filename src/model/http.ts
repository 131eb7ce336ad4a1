/** One HTTP request, whole. `url` is absolute. Header names are lower case. */
export interface HttpRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal;
  /** True when sending it twice does no harm. Default: true for GET, HEAD and OPTIONS, false for all else. */
  readonly idempotent?: boolean;
  /** Notes of the policies about this request, for the log alone. */
  readonly trace?: RequestTrace;
}

/** Written by the policies that send again and that wait; read and set back by the log with each attempt. */
export interface RequestTrace {
  /** 1 for the first attempt. */
  attempt: number;
  /** Milliseconds waited for pacing, limits and backoff since the attempt before. */
  waitedMs: number;
}

/** One HTTP response, whole. `body` is what the server sent, decompressed. Header names are lower case. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** Sends one request and resolves with any response, whatever its status. Rejects when there is no whole response. */
export type Send = (request: HttpRequest) => Promise<HttpResponse>;

/** One concern of HTTP (retrying, pacing, logging in, recording) wrapped around a Send. */
export type Policy = (next: Send) => Send;

/** What an author asks for: a path below the integration's base URL, and what is peculiar to this request. */
export interface PageRequest {
  /** Starts with `/`; appended to the base URL's path. */
  readonly path: string;
  /** `undefined` values are left out. */
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  /** Default GET. */
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** POST as a query (GraphQL, search): may be sent again after a failure. Default: true for GET only. */
  readonly idempotent?: boolean;
}

/** A response whose body was read as JSON. */
export interface JsonResponse {
  readonly request: HttpRequest;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** The vendor's bytes as they came. */
  readonly bytes: Buffer;
  readonly json: unknown;
}

/** The client handed to checks and streams: logged in, paced, retried, limited to the integration's origin. */
export interface HttpClient {
  /** Resolves with a response that the integration counts as ok; throws a SassyError otherwise. */
  send(request: PageRequest): Promise<JsonResponse>;
  /** The JSON body of a GET. */
  getJson(path: string, query?: PageRequest['query']): Promise<unknown>;
}

/** How an integration speaks HTTP: values, composed by the framework in one order. */
export interface HttpSettings<Config> {
  /** The service's own base URL, e.g. `https://api.snyk.io/rest`. The config field `baseUrl` replaces its origin. */
  readonly baseUrl: string;
  readonly auth?: Auth<Config>;
  /** Sent with each request. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  /** The service's published limits. Pacing keeps below all of them. */
  readonly limits?: readonly RateLimit[];
  /** Tried in order before the defaults; the first rule that gives a verdict decides. */
  readonly verdicts?: readonly VerdictRule[];
}

/** Adds credentials to requests. Only ever applied to the integration's own origin. */
export interface Auth<Config> {
  policy(config: Config): Policy;
}

/** At most `requests` in any `windowMs`. */
export interface RateLimit {
  readonly requests: number;
  readonly windowMs: number;
}

/** What a response means. */
export type Verdict =
  | { readonly kind: 'ok' }
  /** Passing trouble: send again. `afterMs` when the server said how long to wait. */
  | { readonly kind: 'retry'; readonly reason: string; readonly afterMs?: number; readonly limited?: boolean }
  /** This part may not be read, or is gone: leave it out, count it, go on. */
  | { readonly kind: 'skip'; readonly reason: string }
  /** Login or permission: no retry helps. */
  | { readonly kind: 'denied'; readonly reason: string }
  /** The API refused or answered wrong: no retry helps. */
  | { readonly kind: 'fail'; readonly reason: string };

export type VerdictRule = (response: HttpResponse, request: HttpRequest) => Verdict | undefined;
