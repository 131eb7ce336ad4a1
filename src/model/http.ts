import type { Host } from '../util/host.ts';
import type { BodyFormat } from './body-format.ts';
import type { PageOrigin } from './page.ts';
import type { Secret } from '../util/secret.ts';

/** One HTTP request, whole. `url` is absolute. Header names are lower case. */
export interface HttpRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal;
  /** True when sending it twice does no harm. Default: true for GET, HEAD and OPTIONS, false for all else. */
  readonly idempotent?: boolean;
  /** The host that the page named, also where the user's base URL stands in for it: what a signature is made for. */
  readonly host?: string;
  /** The service's own origin, where the user's base URL stands in for it: what links in its answers may name. */
  readonly serviceOrigin?: string;
  /** With which of the connection's identities it goes; see PageRequest. */
  readonly as?: string;
  /** How often it may fail for passing trouble; default: what the client says. */
  readonly attempts?: number;
  /** True for a page that another led to; see PageRequest. */
  readonly continues?: boolean;
  /** True when it goes without login whatever its origin: after a redirect has left the service once. */
  readonly anonymous?: boolean;
  /** True when the user named this origin: its address may be private. Set by the egress policy. */
  readonly mayBePrivate?: boolean;
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
  /** Sent as form fields, where there is no `json`; `undefined` values are left out. */
  readonly form?: Readonly<Record<string, string | number | boolean | undefined>>;
  /**
   * With which of the connection's identities it goes, where its login has several: `awsSigV4` takes the ARN of a role here.
   * Usually a field of the slice. Default: the connection's own.
   */
  readonly as?: string;
  /** POST as a query (GraphQL, search): may be sent again after a failure. Default: true for GET only. */
  readonly idempotent?: boolean;
  /**
   * Another host of the service, declared in `hosts`: `storage.googleapis.com`. The path then starts at its root, https.
   * When the user has set a base URL, that serves it.
   */
  readonly host?: string;
  /**
   * In place of all of these: an absolute URL that the API gave, taken as it is, without the integration's own query. On
   * the base URL's origin or a declared host; `path` is its path, for messages.
   */
  readonly url?: string;
  /** How often it may fail for passing trouble before that is an error. Default 5. */
  readonly attempts?: number;
  /** True for a page that another led to: when the API no longer takes it, the list is read again from its start. */
  readonly continues?: boolean;
  /** Notes of the paginator to itself: kept in the state with the request, never sent. */
  readonly memo?: PageMemo;
}

/** What a paginator must remember from one page to the next. */
export type PageMemo = Readonly<Record<string, string | number>>;

/** A response whose body was read: as JSON, where nothing else was said. */
export interface JsonResponse {
  readonly request: HttpRequest;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** The vendor's bytes as they came. */
  readonly bytes: Buffer;
  /** The body as the format gives it. Undefined for a 304, the answer to `if-none-match` or `if-modified-since`: it has no body. */
  readonly json: unknown;
}

/** The client handed to checks and streams: logged in, paced, retried, limited to the integration's origin. */
export interface HttpClient {
  /** Resolves with a response that the integration counts as ok; throws a SassyError otherwise. `format`: default JSON. */
  send(request: PageRequest, format?: BodyFormat): Promise<JsonResponse>;
  /** What `send` would ask for, without credentials: as it is kept with a page. */
  originOf(request: PageRequest): PageOrigin;
  /**
   * The request without what a server has put into its query or form of this connection's own credentials: they belong to
   * the login, and requests are kept in the state.
   */
  withoutSecrets(request: PageRequest): PageRequest;
  /** Waits for something that the API does in its own time; counted, and told as what is waited for. */
  wait(ms: number, what: string): Promise<void>;
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
  /**
   * Other hosts that requests and redirects may go to, https alone: `['files.example.com']` without the login,
   * `{ host: 'storage.googleapis.com', login: true }` with it. Default: none.
   */
  readonly hosts?: readonly (string | DeclaredHost)[];
  /** For services that are slow by nature; what is not named stays as it is. */
  readonly timeouts?: HttpTimeouts;
  /**
   * The most bytes that one answer may have when it is decompressed. Default: 64 MiB. At most 500 MiB: a text of more
   * cannot be held in one piece.
   */
  readonly maxBodyBytes?: number;
}

/** How long one attempt may take, in milliseconds. */
export interface HttpTimeouts {
  /** From the request's last byte to the response's headers. Default 30 s. */
  readonly headersMs?: number;
  /** Without any byte. Default 60 s. */
  readonly idleMs?: number;
  /** The whole attempt. Default 10 minutes. */
  readonly totalMs?: number;
}

/** A host besides the base URL's. */
export interface DeclaredHost {
  /** A name, with `:port` where it is not 443. A name in braces stands for one label: `s3.{region}.amazonaws.com`. */
  readonly host: string;
  /** True when it is the same service: it gets the credentials too. */
  readonly login?: boolean;
}

/** Adds credentials to requests. Only ever applied to the integration's own origin. */
export interface Auth<Config> {
  /**
   * Called once for a connection, whose clients share the policy. `context` is there whenever a client makes the call;
   * credentials that stand in the config do without it.
   */
  policy(config: Config, context?: AuthContext): Policy;
  /** How a person logs in with a browser. Absent, or undefined for this config: the config is all there is. */
  browserLogin?(config: Config, context: AuthContext): BrowserLogin | undefined;
}

/** What credentials that are got over the network need of the connection they belong to. */
export interface AuthContext {
  readonly host: Host;
  /** The service's name, for messages. */
  readonly title: string;
  /** Sends to token endpoints. No policy of the integration is around it, so nothing but the request itself goes there. */
  readonly transport: Send;
  readonly store: TokenStore;
  /** Runs `work` while no other process works on the login `name` of this connection. Rejects with LOCK_HELD after a while. */
  exclusively<T>(name: string, work: () => Promise<T>): Promise<T>;
  /** Awaited with every credential before it is used: from then on no text shows it. */
  learnSecret(secret: Secret): Promise<void>;
  readonly redact: (text: string) => string;
  /** Where a URL of the service really is: the config's `baseUrl` replaces its origin. `/path` is below the base URL. */
  locate(url: string): string;
  /** `sassy run acme login` */
  readonly loginCommand: string;
  /** True while a snapshot is replayed: nothing is sent to token endpoints, and any text serves as a token. */
  readonly isReplay: boolean;
  /** Ends waits. A request that spends a single-use token is never cut off by it. */
  readonly signal?: AbortSignal;
}

/** Where logins are kept between runs. Names are `a-z`, `0-9`, `-` and `_`. */
export interface TokenStore {
  /** Undefined when nothing was stored. Rejects with LOGIN_REFUSED when what is stored cannot be opened. */
  read(name: string): Promise<StoredToken | undefined>;
  /** Resolves when the token is safe on the disk. */
  write(name: string, token: StoredToken): Promise<void>;
}

/** A login as it is kept. */
export interface StoredToken {
  /** A fingerprint of what the chain of tokens began with; a token of another beginning is not used. */
  readonly seed: string;
  readonly access: string;
  readonly refresh: string | undefined;
  /** ISO 8601, by the clock of this machine. */
  readonly obtainedAt: string;
  /** How long `access` was said to live when it was obtained. */
  readonly lifetimeMs: number | undefined;
  /** 1 for the first token of the chain. */
  readonly generation: number;
}

/** A login that a person has to allow in a browser. */
export interface BrowserLogin {
  /** 0: any free port of the loopback address. */
  readonly port: number;
  /** The path that the service sends the browser back to. */
  readonly path: string;
  begin(redirectUri: string): LoginAttempt;
}

export interface LoginAttempt {
  /** Where the person goes. */
  readonly url: string;
  /** Must come back with the answer. */
  readonly state: string;
  /** Must come back as `iss`, where the service names itself (RFC 9207). */
  readonly issuer: string | undefined;
  /** Turns the code into a stored login. Resolves with what the person should know about it, if anything. */
  finish(code: string): Promise<string | undefined>;
}

/** At most `requests` in any `windowMs`. */
export interface RateLimit {
  readonly requests: number;
  readonly windowMs: number;
  /**
   * Only requests at or below this path, which is given below the base URL: `/search`, `/orgs/{org}/issues`. A name in
   * braces stands for any one part. Default: all requests.
   */
  readonly path?: string;
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
  | { readonly kind: 'fail'; readonly reason: string }
  /** The API no longer goes on with this list (its cursor has expired): read the slice again from its first page. */
  | { readonly kind: 'restart'; readonly reason: string }
  /** The login has run out: the login policy renews it and sends once more; refused again, it is a refused login. */
  | { readonly kind: 'refresh'; readonly reason: string };

export type VerdictRule = (response: HttpResponse, request: HttpRequest) => Verdict | undefined;
