import type { HttpRequest, HttpResponse, Policy } from '../model/http.ts';
import { snapshotBody } from './body.ts';
import { isKeptRequestHeader, isKeptResponseHeader } from './kept-headers.ts';
import { originRewriter } from './origin-rewriter.ts';
import type { Interaction } from './snapshot-file.ts';

export interface RecorderOptions {
  readonly origin: {
    /** Where the requests really go, e.g. `http://127.0.0.1:4010` or an EU host. Only the origin of a longer URL counts. */
    readonly effective: string;
    /** What stands in the snapshot: the origin of the integration's own base URL. */
    readonly canonical: string;
  };
}

export interface Recorder {
  /** Sits just above the transport, below retrying: it sees every attempt, 429 and 5xx included. */
  readonly policy: Policy;
  /** All answered attempts so far, in the order in which their requests were sent. Not scrubbed yet. */
  interactions(): Interaction[];
  /** Attempts that got no whole answer (a reset, a timeout). A snapshot cannot hold them. */
  failedAttempts(): number;
}

/** Keeps what passes through it, seen as if it had gone to the canonical origin. */
export function recorder(options: RecorderOptions): Recorder {
  const rewrite = originRewriter(options.origin.effective, options.origin.canonical);
  const answered: (Interaction | undefined)[] = [];
  let failed = 0;

  const policy: Policy = (next) => async (request) => {
    // The slot is taken before the answer comes, so that the order is that of the requests.
    const slot = answered.push(undefined) - 1;
    try {
      const response = await next(request);
      answered[slot] = { request: storedRequest(request, rewrite), response: storedResponse(response, rewrite) };
      return response;
    } catch (error) {
      failed++;
      throw error;
    }
  };

  return {
    policy,
    interactions: () => answered.filter((interaction) => interaction !== undefined),
    failedAttempts: () => failed,
  };
}

function storedRequest(request: HttpRequest, rewrite: (text: string) => string): Interaction['request'] {
  const headers = storedHeaders(request.headers, isKeptRequestHeader, rewrite);
  return {
    method: request.method,
    url: rewrite(new URL(request.url).href),
    ...(Object.keys(headers).length === 0 ? {} : { headers }),
    ...(request.body === undefined ? {} : { body: rewrite(request.body) }),
    ...(request.as === undefined ? {} : { as: request.as }),
  };
}

function storedResponse(response: HttpResponse, rewrite: (text: string) => string): Interaction['response'] {
  const headers = storedHeaders(response.headers, isKeptResponseHeader, rewrite);
  const body = snapshotBody(response.body);
  if ('base64' in body) return { status: response.status, headers, ...body };
  const text = response.body.toString('utf8');
  const rewritten = rewrite(text);
  return { status: response.status, headers, ...(rewritten === text ? body : snapshotBody(Buffer.from(rewritten))) };
}

function storedHeaders(
  headers: Readonly<Record<string, string>>,
  isKept: (name: string) => boolean,
  rewrite: (text: string) => string,
): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    const lowerCase = name.toLowerCase();
    if (isKept(lowerCase)) kept[lowerCase] = rewrite(value);
  }
  return kept;
}
