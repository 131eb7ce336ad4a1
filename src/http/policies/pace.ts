import type { Policy } from '../../model/http.ts';
import type { HttpEvents } from '../events.ts';
import { limitsFromHeaders } from './limit-headers.ts';
import type { RateBudget } from './rate-budget.ts';

export interface PaceOptions {
  readonly events?: HttpEvents;
}

/** Sends when the budget allows it, and lets the budget learn from each answer. */
export function pace(budget: RateBudget, { events }: PaceOptions): Policy {
  return (next) => async (request) => {
    const sentMs = await budget.take(
      (reason, ms) => {
        if (request.trace !== undefined) request.trace.waitedMs += ms;
        events?.({ type: 'wait', reason, ms });
      },
      request.signal,
      request.url,
    );
    try {
      const response = await next(request);
      budget.learn(limitsFromHeaders(response.headers), sentMs, request.url);
      return response;
    } finally {
      budget.done(request.url);
    }
  };
}
