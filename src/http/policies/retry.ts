import { codeOf } from '../../errors/error-code.ts';
import { SassyError } from '../../errors/sassy-error.ts';
import type { HttpRequest, HttpResponse, Policy, Send, Verdict } from '../../model/http.ts';
import type { Host } from '../../util/host.ts';
import { backoffMs, lateness } from '../backoff.ts';
import { readableError } from '../error-body.ts';
import type { HttpEvents, WaitReason } from '../events.ts';
import { networkTrouble } from '../network-error.ts';
import { nameOf, timeAfter, type Voice } from '../refusal.ts';
import type { Classify } from '../verdict.ts';

export interface RetryLimits {
  /** Tries of one request that may fail, waits for a rate limit not counted. Default 5. */
  readonly attempts?: number;
  /** The shortest wait of our own choosing. Default 1 s. */
  readonly baseMs?: number;
  /** The longest wait of our own choosing. Default 60 s. */
  readonly maxMs?: number;
  /** All waits of one request for passing trouble. Default 10 minutes. */
  readonly maxTotalWaitMs?: number;
  /** All waits of one request for a rate limit. Default 15 minutes. */
  readonly maxLimitWaitMs?: number;
}

export interface RetryOptions extends RetryLimits, Voice {
  readonly classify: Classify;
  readonly host: Host;
  readonly events?: HttpEvents;
  /** Ends waits when the request carries no signal of its own. */
  readonly signal?: AbortSignal;
  /** Told when a rate limit was met: nobody should send before this time on the monotonic clock. */
  readonly hold?: (untilMs: number, request: HttpRequest) => void;
}

const REPEATABLE = new Set(['GET', 'HEAD', 'OPTIONS']);

/** True when sending the request twice does no harm. */
export function isIdempotent(request: HttpRequest): boolean {
  return request.idempotent ?? REPEATABLE.has(request.method);
}

/** Why one attempt brought nothing. `lasting`: no further attempt helps. */
interface Trouble {
  readonly reason: string;
  readonly told: string;
  readonly afterMs: number | undefined;
  readonly limited: boolean;
  readonly lasting: boolean;
  readonly cause?: unknown;
  /** Of the answer, where there was one. */
  readonly status?: number;
}

/**
 * Sends again while the classifier says `retry` or the network fails. Resolves with the first response of any other
 * verdict. A wait that the server asks for is kept exactly, plus a little lateness; else it grows with each failure.
 * Gives up with RATE_LIMITED when a limit asks for more time than the budget, with API_UNAVAILABLE otherwise. A
 * request that is not idempotent is sent once.
 */
export function retry(options: RetryOptions): Policy {
  const { host, events, hold, title } = options;
  const { attempts = 5, baseMs = 1000, maxMs = 60_000 } = options;
  const { maxTotalWaitMs = 10 * 60_000, maxLimitWaitMs = 15 * 60_000 } = options;

  async function pause(request: HttpRequest, reason: WaitReason, ms: number, detail: string): Promise<void> {
    if (request.trace !== undefined) request.trace.waitedMs += ms;
    events?.({ type: 'wait', reason, ms, detail });
    await host.clock.sleep(ms, request.signal ?? options.signal);
  }

  /** Our own waits are spread already; those that the server sets come to all workers alike. */
  function late({ afterMs }: Trouble, asked: number): number {
    return afterMs === undefined ? asked : asked + lateness(asked, host.random());
  }

  function unavailable(request: HttpRequest, trouble: Trouble, tries: number): SassyError {
    const count = tries === 1 ? 'sent once' : `${tries} attempts`;
    const once = isIdempotent(request) || trouble.lasting ? '' : '; it may have been done, so it is not sent again';
    return new SassyError('API_UNAVAILABLE', {
      message: `${title} cannot be reached or is failing (${trouble.reason})`,
      why: `${nameOf(request)}: ${trouble.told} (${count}${once})`,
      ...(trouble.cause === undefined ? {} : { cause: trouble.cause }),
      ...(trouble.status === undefined ? {} : { status: trouble.status }),
      ...(trouble.afterMs === undefined ? {} : timeAfter(host, trouble.afterMs)),
    });
  }

  function limited(request: HttpRequest, trouble: Trouble, waitMs: number): SassyError {
    return new SassyError('RATE_LIMITED', {
      message: `The rate limit of ${title} is used up`,
      why: `${nameOf(request)}: ${trouble.told} (wait ${Math.round(waitMs / 1000)} s; the longest wait is ${Math.round(maxLimitWaitMs / 1000)} s)`,
      ...timeAfter(host, waitMs),
    });
  }

  return (next) => async (request) => {
    let tries = 0;
    let failures = 0;
    let limits = 0;
    let troubleWaitMs = 0;
    let limitWaitMs = 0;
    for (;;) {
      if (request.trace !== undefined) request.trace.attempt += 1;
      tries += 1;
      const outcome = await attempt(next, request, options);
      if (outcome.response !== undefined) return outcome.response;
      const { trouble } = outcome;
      if (trouble.limited) {
        limits += 1;
        const asked = trouble.afterMs ?? backoffMs(limits, baseMs, maxMs, host.random());
        hold?.(host.clock.monotonicMs() + asked, request);
        if (!isIdempotent(request) || limitWaitMs + asked > maxLimitWaitMs) throw limited(request, trouble, asked);
        const wait = late(trouble, asked);
        limitWaitMs += wait;
        await pause(request, 'limit', wait, trouble.reason);
      } else {
        failures += 1;
        const asked = trouble.afterMs ?? backoffMs(failures, baseMs, maxMs, host.random());
        const over = failures >= (request.attempts ?? attempts) || troubleWaitMs + asked > maxTotalWaitMs;
        if (trouble.lasting || over || !isIdempotent(request)) throw unavailable(request, trouble, tries);
        const wait = late(trouble, asked);
        troubleWaitMs += wait;
        await pause(request, 'backoff', wait, trouble.reason);
      }
    }
  };
}

type Outcome = { readonly response: HttpResponse } | { readonly response?: undefined; readonly trouble: Trouble };

async function attempt(next: Send, request: HttpRequest, options: RetryOptions): Promise<Outcome> {
  let response: HttpResponse;
  try {
    response = await next(request);
  } catch (error) {
    const kind = networkTrouble(error);
    if (kind === undefined) throw error;
    const told = options.redact(error instanceof Error ? error.message : String(error));
    const reason = codeOf(error) ?? 'network';
    return { trouble: { reason, told, afterMs: undefined, limited: false, lasting: kind === 'lasting', cause: error } };
  }
  const verdict = options.classify(response, request);
  return verdict.kind === 'retry' ? { trouble: troubleOf(verdict, response, options) } : { response };
}

function troubleOf(verdict: Extract<Verdict, { kind: 'retry' }>, response: HttpResponse, voice: Voice): Trouble {
  const told = `${response.status}: ${readableError(response, voice.redact)}`;
  return {
    reason: voice.redact(verdict.reason),
    told,
    afterMs: verdict.afterMs,
    limited: verdict.limited ?? false,
    lasting: false,
    status: response.status,
  };
}
