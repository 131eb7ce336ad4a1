import { codeOf } from '../errors/error-code.ts';
import { SassyError } from '../errors/sassy-error.ts';
import type { HttpRequest, Policy } from '../model/http.ts';
import { bodyBytes } from './body.ts';
import { type Fault, withFault } from './faults.ts';
import { interactionQueue } from './interaction-queue.ts';
import { nearest } from './nearest.ts';
import type { KeyedRequest } from './request-key.ts';
import { isSecretName } from './secret-names.ts';
import type { Snapshot, SnapshotRequest } from './snapshot-file.ts';

/** A request that the snapshot does not hold, or an interaction that no request asked for. */
export type ReplayProblem =
  | {
      readonly kind: 'unmatched';
      readonly method: string;
      /** Without the values of parameters that hold credentials. */
      readonly url: string;
      /** The recorded request that shares most with it. */
      readonly nearest?: SnapshotRequest;
      /** How it differs from `nearest`; one line for each part. */
      readonly differences: readonly string[];
    }
  | { readonly kind: 'unused'; readonly method: string; readonly url: string };

export interface Replay {
  /**
   * Stands just above the transport. Turns a request that is not in the snapshot into REPLAY_UNMATCHED at once, so that no
   * retry and no verdict about 5xx hides it.
   */
  readonly guard: Policy;
  /** Everything that is wrong so far; after a whole run it must be empty. */
  problems(): readonly ReplayProblem[];
  /** Opens the network again and takes every trace of the replay away. A second call does nothing. */
  stop(): Promise<void>;
}

export interface ReplayOptions {
  /** Troubles to put before the recorded answers; a run must end as without them. */
  readonly faults?: readonly Fault[];
  /** Chooses where the faults go. Default 1. */
  readonly seed?: number;
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
/** Marks the answer to a request that was not found; no recorded answer has it, headers are an allow-list. */
const UNMATCHED = 'x-sassy-replay-unmatched';
/** Tells the interceptor with which identity a request goes: within this process alone. */
const AS = 'x-sassy-replay-as';

/**
 * Serves the answers of a snapshot in place of the network of this whole process (got, fetch, node:http), and lets nothing
 * else out. Requests match by method, path, query and body; equal ones get their answers in the order recorded. Only one
 * replay at a time.
 *
 * One persistent interceptor for each method asks our own queue: nock's own matching answers an unknown request with a
 * plain 501, knows no placeholders, and cannot say what is nearest.
 */
export async function startReplay(snapshot: Snapshot, options: ReplayOptions = {}): Promise<Replay> {
  // Loading nock takes about 100 ms and replaces node:http, so it happens for a replay only.
  const { default: nock } = await import('nock');
  if (nock.activeMocks().length > 0) {
    throw new SassyError('INTERNAL', { message: 'a replay is already running in this process', fix: 'stop it first' });
  }
  const seed = options.seed ?? 1;
  const served = (options.faults ?? []).reduce((changed, fault) => withFault(changed, fault, seed), snapshot);
  const recorded = snapshot.interactions.map(({ request }) => request);
  const queue = interactionQueue(served.interactions);
  const unmatched: ReplayProblem[] = [];
  const { origin } = new URL(snapshot.baseUrl);
  let running = true;

  const report = (asked: KeyedRequest): void => {
    const answers = queue.recordedFor(asked);
    const found = nearest(asked, recorded);
    const again = `recorded ${answers} ${answers === 1 ? 'answer' : 'answers'} for it, asked once more`;
    const foreign =
      new URL(asked.url).origin === origin ? [] : [`origin: recorded ${origin}, asked ${new URL(asked.url).origin}`];
    unmatched.push({
      kind: 'unmatched',
      method: asked.method,
      url: shownUrl(asked.url),
      ...(found === undefined ? {} : { nearest: found.request }),
      differences: answers > 0 && foreign.length === 0 ? [again] : [...foreign, ...(found?.differences ?? [])],
    });
  };
  const onNoMatch = (request: Request): void => report({ method: request.method, url: request.url });

  if (!nock.isActive()) nock.activate();
  nock.disableNetConnect();
  nock.emitter.on('no match', onNoMatch);
  const scope = nock(origin).persist();
  for (const method of METHODS) {
    scope
      .intercept(() => true, method)
      .reply(async (request: Request) => {
        const asked = await askedRequest(request, nock.getGetRequestBody);
        const interaction = queue.take(asked);
        if (interaction === undefined) {
          report(asked);
          return [501, '', { [UNMATCHED]: String(unmatched.length - 1) }];
        }
        const { status, headers } = interaction.response;
        return [status, bodyBytes(interaction.response), headers];
      });
  }

  return {
    guard: (next) => async (request) => {
      if (new URL(request.url).origin !== origin) {
        report(request);
        throw unmatchedError(snapshot, request, unmatched.at(-1));
      }
      try {
        const { as } = request;
        const marked = as === undefined ? request : { ...request, headers: { ...request.headers, [AS]: as } };
        const response = await next(marked);
        const index = response.headers[UNMATCHED];
        if (index === undefined) return response;
        throw unmatchedError(snapshot, request, unmatched[Number(index)]);
      } catch (error) {
        // The network is closed, so this is no trouble on the way: something went round the origin above, e.g. a redirect.
        if (codeOf(error) === 'ENETUNREACH') throw unmatchedError(snapshot, request, unmatched.at(-1), error);
        throw error;
      }
    },
    problems: () => [
      ...unmatched,
      ...queue.unused().map(({ request }) => ({ kind: 'unused' as const, method: request.method, url: request.url })),
    ],
    async stop() {
      if (!running) return;
      running = false;
      nock.emitter.off('no match', onNoMatch);
      nock.abortPendingRequests();
      nock.cleanAll();
      nock.enableNetConnect();
      nock.restore();
    },
  };
}

async function askedRequest(
  request: Request,
  bodyOfGet: (request: Request) => NodeJS.ReadableStream | ReadableStream,
): Promise<KeyedRequest> {
  const { method, url } = request;
  const as = request.headers.get(AS) ?? undefined;
  const headers = { 'content-type': request.headers.get('content-type') ?? '' };
  // fetch knows no GET with a body, some APIs do (a search with a JSON filter): nock keeps it elsewhere.
  const hasBody = method === 'GET' && Number(request.headers.get('content-length') ?? 0) > 0;
  if (!hasBody) return { method, url, headers, as, body: await request.text() };
  const chunks: Uint8Array[] = [];
  for await (const chunk of bodyOfGet(request)) chunks.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
  return { method, url, headers, as, body: Buffer.concat(chunks).toString('utf8') };
}

function unmatchedError(
  snapshot: Snapshot,
  request: HttpRequest,
  problem: ReplayProblem | undefined,
  cause?: unknown,
): SassyError {
  const { integration, scenario } = snapshot;
  const differences = problem?.kind === 'unmatched' ? problem.differences : [];
  const near = problem?.kind === 'unmatched' ? problem.nearest : undefined;
  const nearestText = near === undefined ? 'nothing is recorded' : `nearest is ${near.method} ${near.url}`;
  return new SassyError('REPLAY_UNMATCHED', {
    message: `${request.method} ${shownUrl(request.url)} is not in the snapshot ${integration}/${scenario}`,
    why: [nearestText, ...differences].join('; '),
    fix: `sassy run ${integration} record ${scenario}`,
    cause,
  });
}

function shownUrl(url: string): string {
  const shown = new URL(url);
  shown.username = '';
  shown.password = '';
  for (const name of new Set(shown.searchParams.keys())) {
    if (isSecretName(name)) shown.searchParams.set(name, '<secret>');
  }
  return shown.href.replaceAll('%3Csecret%3E', '<secret>');
}
