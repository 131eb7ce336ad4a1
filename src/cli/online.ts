import { adaptiveGate } from '../http/adaptive-gate.ts';
import { httpClient } from '../http/client.ts';
import { trusting } from '../http/egress.ts';
import type { HttpEvent } from '../http/events.ts';
import { connectionBudget } from '../http/connection-budget.ts';
import { gotTransport } from '../http/got-transport.ts';
import { nodeTransport } from '../http/node-transport.ts';
import { openTelemetry } from '../http/open-telemetry.ts';
import { givenBase } from '../http/request-url.ts';
import type { Policy } from '../model/http.ts';
import type { OnlineContext, ProgressEvent, RequestCounters } from '../runtime/run-context.ts';
import { type ReplayProblem, startReplay } from '../snapshot/replay.ts';
import { readSnapshot, type Snapshot } from '../snapshot/snapshot-file.ts';
import { fastClock } from '../util/fast-clock.ts';
import type { Host } from '../util/host.ts';
import type { Secret } from '../util/secret.ts';
import { CONCURRENCY, MOST_CONCURRENCY } from './concurrency.ts';
import { sharedLogin } from './connection-login.ts';
import { loginEvents } from './login-events.ts';
import { networkSettings } from './network-settings.ts';
import { replayConfig, type SessionConfig, sessionConfig } from './resolve-session-config.ts';
import { runContext, type Session } from './session.ts';
import { snapshotFile } from './snapshots.ts';

export interface OnlineOptions {
  /** Sees each attempt as it goes out: the recorder. */
  readonly wrapTransport?: Policy;
  /** Told every token that the login gets, before it is used: what is recorded must not hold it. */
  readonly onSecret?: (secret: Secret) => void;
  /** Serve the answers of this snapshot in place of the network. */
  readonly replay?: { readonly snapshot: Snapshot; readonly onProblem: (problem: string) => void };
}

type Report = (event: ProgressEvent) => void;

/** Config, secrets and a way to the API, or to a snapshot of it, for the time of `work`. */
export async function goOnline<T>(
  session: Session,
  report: Report,
  work: (context: OnlineContext) => Promise<T>,
  options: OnlineOptions = {},
): Promise<T> {
  const replay = options.replay ?? (await askedReplay(session, report));
  if (replay !== undefined) return replayed(session, report, work, replay);
  const resolved = sessionConfig(session);
  return connected(session, report, work, resolved, { ...options, host: session.environment.host });
}

async function askedReplay(session: Session, report: Report): Promise<OnlineOptions['replay']> {
  const { replay } = session.options;
  if (replay === undefined) return undefined;
  const snapshot = await readSnapshot(session.environment.host, snapshotFile(session, replay));
  return { snapshot, onProblem: (text) => report({ type: 'note', text }) };
}

async function replayed<T>(
  session: Session,
  report: Report,
  work: (context: OnlineContext) => Promise<T>,
  { snapshot, onProblem }: NonNullable<OnlineOptions['replay']>,
): Promise<T> {
  const { host } = session.environment;
  const replay = await startReplay(snapshot);
  try {
    const fast = { ...host, clock: fastClock(host.clock) };
    const way = { host: fast, wrapTransport: replay.guard, isReplay: true };
    const answer = await connected(session, report, work, replayConfig(session, snapshot), way);
    for (const problem of replay.problems()) onProblem(problemText(problem));
    return answer;
  } finally {
    await replay.stop();
  }
}

function problemText(problem: ReplayProblem): string {
  const what = `${problem.method} ${problem.url}`;
  if (problem.kind === 'unused') return `recorded, but not asked for: ${what}`;
  return `not in the snapshot: ${what}${problem.differences.map((line) => `; ${line}`).join('')}`;
}

/** How requests get to where the answers are. */
interface Way extends Pick<OnlineOptions, 'wrapTransport' | 'onSecret'> {
  readonly host: Host;
  readonly isReplay?: boolean;
}

async function connected<T>(
  session: Session,
  report: Report,
  work: (context: OnlineContext) => Promise<T>,
  { config, secrets, warnings }: SessionConfig,
  { host, wrapTransport, isReplay = false, onSecret }: Way,
): Promise<T> {
  const { environment, manifest, options } = session;
  await environment.redaction.add(secrets);
  for (const text of warnings) report({ type: 'note', text });
  const { title, http: settings } = manifest;
  const network = await networkSettings(environment.variables, environment.host.fs);
  const { maxBodyBytes: maxBytes } = settings;
  const patience = settings.timeouts === undefined ? {} : { timeouts: settings.timeouts };
  const room = maxBytes === undefined ? {} : { maxBytes };
  const pages = nodeTransport({ maxSockets: MOST_CONCURRENCY, ...network, ...room, ...patience });
  const logins = gotTransport({ maxSockets: 4, ...network });
  const gate = adaptiveGate({ clock: host.clock, start: CONCURRENCY, most: MOST_CONCURRENCY });
  const budget = connectionBudget(settings, config, host, title);
  const telemetry = await openTelemetry();
  const { redact } = environment.redaction;
  const loginTells = loginEvents(trusting(givenBase(config), logins.send), host);
  const login = await sharedLogin(session, {
    config,
    host,
    isReplay,
    transport: loginTells.send,
    ...(onSecret === undefined ? {} : { onSecret }),
  });
  const client: OnlineContext['client'] = (counters) => {
    const events = (event: HttpEvent): void => {
      count(counters, event);
      telemetry?.(event);
      if (options.verbose) report({ type: 'note', text: requestLine(event) });
    };
    const plain = httpClient({
      settings,
      title,
      config,
      host,
      transport: (request) => gate.run(() => pages.send(request)),
      budget,
      redact,
      ...login(),
      events,
      ...(wrapTransport === undefined ? {} : { wrapTransport }),
      signal: environment.signal,
    });
    return loginTells.around(plain, events);
  };
  try {
    return await work({ ...runContext(session, report), host, config, client });
  } finally {
    pages.close();
    logins.close();
  }
}

const WAITING_FOR = {
  pacing: 'the rate limit',
  limit: 'the rate limit',
  backoff: 'the API to recover',
  job: 'the export job',
} as const;

function count(counters: RequestCounters, event: HttpEvent): void {
  if (event.type === 'wait') {
    counters.waitedMs += event.ms;
    counters.waitedMsBy = {
      ...counters.waitedMsBy,
      [event.reason]: (counters.waitedMsBy?.[event.reason] ?? 0) + event.ms,
    };
    counters.waitingFor = WAITING_FOR[event.reason];
    return;
  }
  counters.waitingFor = undefined;
  counters.requests += 1;
  if (event.attempt > 1) counters.retries += 1;
}

/** One line for `--verbose`: no query value, no credential. */
function requestLine(event: HttpEvent): string {
  if (event.type === 'wait') return `wait ${Math.round(event.ms)} ms: ${event.reason} ${event.detail ?? ''}`.trimEnd();
  const outcome = event.status ?? event.error ?? 'no answer';
  const attempt = event.attempt > 1 ? ` (attempt ${event.attempt})` : '';
  return `${event.method} ${event.url} ${outcome} ${event.bytes} bytes in ${Math.round(event.durationMs)} ms${attempt}`;
}
