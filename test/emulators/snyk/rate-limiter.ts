import type { SnykRateLimit } from './contract.ts';

interface Refusal {
  readonly retryAfter: number | undefined;
}

/** Fixed windows that begin with the first request in them. */
export class RateLimiter {
  readonly #limit: SnykRateLimit;
  readonly #now: () => number;
  #windowStart = -Infinity;
  #count = 0;

  constructor(limit: SnykRateLimit, now: () => number) {
    this.#limit = limit;
    this.#now = now;
  }

  /** Counts a request; a refusal when it is one too many. Refused requests do not lengthen the window. */
  take(): Refusal | undefined {
    const now = this.#now();
    if (now - this.#windowStart >= this.#limit.windowMs) {
      this.#windowStart = now;
      this.#count = 0;
    }
    this.#count += 1;
    if (this.#count <= this.#limit.requests) return undefined;
    const { retryAfter } = this.#limit;
    if (retryAfter === false) return { retryAfter: undefined };
    const leftMs = this.#windowStart + this.#limit.windowMs - now;
    return { retryAfter: retryAfter ?? Math.max(1, Math.ceil(leftMs / 1_000)) };
  }
}
