import { isSassyError } from '../../errors/sassy-error.ts';
import type { HttpResponse } from '../../model/http.ts';
import type { Host } from '../../util/host.ts';

/** A token and how long it may be used. */
export interface LiveToken {
  readonly value: string;
  /** By the monotonic clock; Infinity when nobody said, so that only a refusal ends it. */
  readonly goodUntilMs: number;
}

/** What is known about the token that is to be replaced. */
export interface Replaced {
  /** The value that has expired or was refused. */
  readonly value: string | undefined;
  /** The answer that refused it. */
  readonly answer: HttpResponse | undefined;
}

export interface TokenSource {
  /** A token that has not expired, as far as we know. */
  current(): Promise<string>;
  /** A token other than `refused`. All who ask at the same time get the same one. */
  after(refused: string, answer: HttpResponse): Promise<string>;
}

/** A refused login is not tried again for so long: services lock accounts out that knock too often. */
const REFUSED_FOR_MS = 60_000;

/** Part of a lifetime that is used: the rest is for requests on their way and for clocks that run at unlike speeds. */
const USED_PART = 0.9;

/** Holds one token in memory and calls `obtain` when there is none that will do; never twice at the same time. */
export function tokenSource(host: Host, obtain: (replaced: Replaced) => Promise<LiveToken>): TokenSource {
  let held: LiveToken | undefined;
  let pending: Promise<LiveToken> | undefined;
  let refusal: { readonly error: unknown; readonly untilMs: number } | undefined;

  async function renewed(replaced: Replaced): Promise<LiveToken> {
    if (refusal !== undefined && host.clock.monotonicMs() < refusal.untilMs) throw refusal.error;
    try {
      held = await obtain(replaced);
      refusal = undefined;
      return held;
    } catch (error) {
      if (isSassyError(error, 'LOGIN_REFUSED')) {
        refusal = { error, untilMs: host.clock.monotonicMs() + REFUSED_FOR_MS };
      }
      throw error;
    }
  }

  async function shared(replaced: Replaced): Promise<string> {
    pending ??= renewed(replaced).finally(() => {
      pending = undefined;
    });
    return (await pending).value;
  }

  const usable = (): string | undefined =>
    held !== undefined && host.clock.monotonicMs() < held.goodUntilMs ? held.value : undefined;

  return {
    current: async () => usable() ?? shared({ value: held?.value, answer: undefined }),
    async after(refused, answer) {
      const other = usable();
      return other !== undefined && other !== refused ? other : shared({ value: refused, answer });
    },
  };
}

/** When a token that was asked for at `askedMs` and lives for `lifetimeMs` is to be replaced. */
export function goodUntil(askedMs: number, lifetimeMs: number | undefined): number {
  return lifetimeMs === undefined ? Number.POSITIVE_INFINITY : askedMs + lifetimeMs * USED_PART;
}
