import { ApiError } from './api-error.ts';
import type { JiraRateLimit } from './contract.ts';

/** So many requests, then a pause, then as many again: by count, so that slow machines meet the limit as fast ones do. */
export class Limiter {
  readonly #limit: JiraRateLimit;
  #count = 0;
  #closedUntil: number | undefined;

  constructor(limit: JiraRateLimit) {
    this.#limit = limit;
  }

  /** Throws a 429 as Jira writes it; `date` is the answer's own `Date`, whole seconds. */
  take(date: number): void {
    const { requests, pauseMs, tell, reason = 'jira-burst-based' } = this.#limit;
    const now = performance.now();
    if (this.#closedUntil !== undefined && now >= this.#closedUntil) {
      this.#closedUntil = undefined;
      this.#count = 0;
    }
    this.#count += 1;
    if (this.#count <= requests) return;
    this.#closedUntil ??= now + pauseMs;
    const seconds = Math.max(1, Math.ceil((this.#closedUntil - now) / 1000));
    const reset = date + seconds * 1000;
    throw new ApiError(
      429,
      { errorMessages: ['Rate limit exceeded.'], errors: {} },
      {
        'x-ratelimit-limit': String(requests),
        'x-ratelimit-remaining': '0',
        'ratelimit-reason': reason,
        ...(tell === 'retry-after' ? { 'retry-after': String(seconds) } : {}),
        ...(tell === 'reset-iso' ? { 'x-ratelimit-reset': new Date(reset).toISOString().replace('.000Z', 'Z') } : {}),
        ...(tell === 'reset-epoch' ? { 'x-ratelimit-reset': String(reset / 1000) } : {}),
      },
    );
  }
}
