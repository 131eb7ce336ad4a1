import type { RateLimit } from './contract.ts';

/** A budget per fixed window, which begins with the first use in it. What is refused does not lengthen the window. */
export class FixedWindow {
  readonly #size: number;
  readonly #windowMs: number;
  readonly #now: () => number;
  #startMs = -Infinity;
  #used = 0;

  constructor(size: number, windowMs: number, now: () => number) {
    this.#size = size;
    this.#windowMs = windowMs;
    this.#now = now;
  }

  get left(): number {
    return this.#isOver() ? this.#size : this.#size - this.#used;
  }

  /** When the window ends, on the given clock. */
  get endMs(): number {
    return (Number.isFinite(this.#startMs) ? this.#startMs : this.#now()) + this.#windowMs;
  }

  get secondsLeft(): number {
    return Math.max(1, Math.ceil((this.endMs - this.#now()) / 1000));
  }

  /** False when less is left: nothing is taken then. */
  take(count = 1): boolean {
    if (this.left < count) return false;
    if (this.#isOver()) {
      this.#startMs = this.#now();
      this.#used = 0;
    }
    this.#used += count;
    return true;
  }

  giveBack(count = 1): void {
    this.#used -= count;
  }

  #isOver(): boolean {
    return this.#now() - this.#startMs >= this.#windowMs;
  }
}

/** Requests per window, with what Retry-After says. */
export class RateLimiter {
  readonly #window: FixedWindow;
  readonly #retryAfter: number | false | undefined;

  constructor({ requests, windowMs, retryAfter }: RateLimit, now: () => number) {
    this.#window = new FixedWindow(requests, windowMs, now);
    this.#retryAfter = retryAfter;
  }

  /** Counts a request; a refusal when it is one too many. */
  take(): { readonly retryAfter: number | undefined } | undefined {
    if (this.#window.take()) return undefined;
    if (this.#retryAfter === false) return { retryAfter: undefined };
    return { retryAfter: this.#retryAfter ?? this.#window.secondsLeft };
  }
}
