import { FixedWindow } from '../_kit/fixed-window.ts';
import { ApiError } from './api-error.ts';
import type { MondayEmulatorOptions } from './contract.ts';

const MINUTE_MS = 60_000;

/** The limits of an account (https://developer.monday.com/api-reference/docs/rate-limits), on the given clock. */
export class Limits {
  readonly #options: MondayEmulatorOptions;
  readonly #points: FixedWindow;
  readonly #requests: FixedWindow | undefined;
  #today = 0;

  constructor(options: MondayEmulatorOptions, nowMs: () => number) {
    this.#options = options;
    const { points, windowMs } = options.complexity ?? { points: 10_000_000, windowMs: MINUTE_MS };
    this.#points = new FixedWindow(points, windowMs, nowMs);
    const { minuteLimit } = options;
    this.#requests =
      minuteLimit === undefined ? undefined : new FixedWindow(minuteLimit.requests, minuteLimit.windowMs, nowMs);
  }

  /** Counts a request before it is looked at. */
  request(): void {
    this.#today += 1;
    if (this.#options.dailyLimit !== undefined && this.#today > this.#options.dailyLimit) {
      throw new ApiError('Daily limit exceeded', { code: 'DAILY_LIMIT_EXCEEDED', statusCode: 429 });
    }
    if (this.#requests === undefined || this.#requests.take()) return;
    const retryInSeconds = this.#requests.secondsLeft;
    throw new ApiError('Rate limit exceeded', {
      code: 'RATE_LIMIT_EXCEEDED',
      httpStatus: 429,
      statusCode: 429,
      retryInSeconds,
    });
  }

  /** Pays for a query; what `complexity { … }` says of it. */
  pay(query: number): Readonly<Record<string, number>> {
    const before = this.#points.left;
    if (!this.#points.take(query)) {
      throw new ApiError('Complexity budget exhausted', {
        code: this.#options.errorFormat === 'old' ? 'ComplexityException' : 'COMPLEXITY_BUDGET_EXHAUSTED',
        statusCode: 429,
        retryInSeconds: this.#points.secondsLeft,
      });
    }
    return { before, after: before - query, query, reset_in_x_seconds: this.#points.secondsLeft };
  }

  /** As seen on answers of 2026. */
  headers(): Readonly<Record<string, string>> {
    const minute = this.#requests === undefined ? '"minuteRate";r=1334' : `"minuteRate";r=${this.#requests.left}`;
    return {
      ratelimit: `${minute}, "concurrency";r=79, "complexityMinute";r=${this.#points.left};t=${this.#points.secondsLeft}`,
      'ratelimit-policy': '"minuteRate";q=1334;w=60, "concurrency";q=80, "complexityMinute";q=10000000;w=60',
    };
  }
}
