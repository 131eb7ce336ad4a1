import type { Policy } from '../../model/http.ts';
import type { Host } from '../../util/host.ts';
import type { HttpEvents } from '../events.ts';
import { limitFromHeaders } from './limit-headers.ts';
import type { RateBudget } from './rate-budget.ts';

export interface PaceOptions {
  readonly host: Host;
  readonly events?: HttpEvents;
}

/** A reset told in whole seconds may lie up to one after the time told. */
const AFTER_RESET_MS = 1000;

/**
 * Sends when the budget allows it, and learns from each answer: no requests left means that everybody waits for the
 * reset.
 */
export function pace(budget: RateBudget, { host, events }: PaceOptions): Policy {
  return (next) => async (request) => {
    await budget.take((reason, ms) => {
      if (request.trace !== undefined) request.trace.waitedMs += ms;
      events?.({ type: 'wait', reason, ms });
    }, request.signal);
    const response = await next(request);
    const learned = limitFromHeaders(response.headers);
    if (learned?.remaining === 0 && learned.resetMs !== undefined) {
      budget.hold(host.clock.monotonicMs() + learned.resetMs + AFTER_RESET_MS);
    }
    return response;
  };
}
