import { ApiError } from './api-error.ts';
import type { MondayEmulatorOptions } from './contract.ts';

const MINUTE_MS = 60_000;

/** The limits of an account (https://developer.monday.com/api-reference/docs/rate-limits), on the given clock. */
export class Limits {
  readonly #options: MondayEmulatorOptions;
  readonly #nowMs: () => number;
  readonly #points: Window;
  readonly #requests: Window | undefined;
  #today = 0;

  constructor(options: MondayEmulatorOptions, nowMs: () => number) {
    this.#options = options;
    this.#nowMs = nowMs;
    const { points, windowMs } = options.complexity ?? { points: 10_000_000, windowMs: MINUTE_MS };
    this.#points = new Window(points, windowMs);
    const { minuteLimit } = options;
    this.#requests = minuteLimit === undefined ? undefined : new Window(minuteLimit.requests, minuteLimit.windowMs);
  }

  /** Counts a request before it is looked at. */
  request(): void {
    this.#today += 1;
    if (this.#options.dailyLimit !== undefined && this.#today > this.#options.dailyLimit) {
      throw new ApiError('Daily limit exceeded', { code: 'DAILY_LIMIT_EXCEEDED', statusCode: 429 });
    }
    if (this.#requests === undefined || this.#requests.take(1, this.#nowMs())) return;
    const retryInSeconds = this.#requests.secondsLeft(this.#nowMs());
    throw new ApiError('Rate limit exceeded', {
      code: 'RATE_LIMIT_EXCEEDED',
      httpStatus: 429,
      statusCode: 429,
      retryInSeconds,
    });
  }

  /** Pays for a query; what `complexity { … }` says of it. */
  pay(query: number): Readonly<Record<string, number>> {
    const now = this.#nowMs();
    const before = this.#points.left(now);
    if (!this.#points.take(query, now)) {
      throw new ApiError('Complexity budget exhausted', {
        code: this.#options.errorFormat === 'old' ? 'ComplexityException' : 'COMPLEXITY_BUDGET_EXHAUSTED',
        statusCode: 429,
        retryInSeconds: this.#points.secondsLeft(now),
      });
    }
    return { before, after: before - query, query, reset_in_x_seconds: this.#points.secondsLeft(now) };
  }

  /** As seen on answers of 2026. */
  headers(): Readonly<Record<string, string>> {
    const now = this.#nowMs();
    const minute = this.#requests === undefined ? '"minuteRate";r=1334' : `"minuteRate";r=${this.#requests.left(now)}`;
    return {
      ratelimit: `${minute}, "concurrency";r=79, "complexityMinute";r=${this.#points.left(now)};t=${this.#points.secondsLeft(now)}`,
      'ratelimit-policy': '"minuteRate";q=1334;w=60, "concurrency";q=80, "complexityMinute";q=10000000;w=60',
    };
  }
}

/** A fixed window that begins with the first use in it. */
class Window {
  readonly #size: number;
  readonly #windowMs: number;
  #startMs = -Infinity;
  #used = 0;

  constructor(size: number, windowMs: number) {
    this.#size = size;
    this.#windowMs = windowMs;
  }

  left(nowMs: number): number {
    return nowMs - this.#startMs >= this.#windowMs ? this.#size : this.#size - this.#used;
  }

  take(count: number, nowMs: number): boolean {
    if (this.left(nowMs) < count) return false;
    if (nowMs - this.#startMs >= this.#windowMs) {
      this.#startMs = nowMs;
      this.#used = 0;
    }
    this.#used += count;
    return true;
  }

  secondsLeft(nowMs: number): number {
    const leftMs = this.#startMs + this.#windowMs - nowMs;
    return Math.max(1, Math.ceil((Number.isFinite(leftMs) ? leftMs : this.#windowMs) / 1000));
  }
}
