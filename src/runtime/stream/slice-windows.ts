import { SassyError } from '../../errors/sassy-error.ts';
import { holesIn } from '../../model/coverage.ts';
import type { SliceState } from '../../model/state.ts';
import type { CursorDefinition, StreamDefinition } from '../../model/stream.ts';
import { toInstant } from '../../util/instant.ts';
import { coveredOf, provenUpTo } from './look-back.ts';
import { isResumable } from './open-pass.ts';
import type { StreamOptions } from './stream-work.ts';
import type { WindowSpan } from './window-pass.ts';
import { lastEdge, planWindows, type WindowPlanOptions } from './window-plan.ts';

const END_OF_TIME = '9999-12-31T23:59:59.000000000Z';

export interface Clocks {
  /** Undefined before the server told it in this run. */
  readonly serverTimeMs: number | undefined;
  readonly ourTimeMs: number;
  /** When the run began, by our clock. */
  readonly beganMs: number;
}

/** How the slices of a stream are read in windows by one run: what an author declared, or what a historical load asks for. */
export interface SliceWindows {
  /** The windows of a slice that are to be read, oldest first; a portion of them where they are many. */
  plan(state: SliceState, clocks: Clocks, most: number): readonly WindowSpan[];
  /** Where the reading without an end begins; undefined when this run reads windows alone. */
  begin(state: SliceState): string | undefined;
}

/** Undefined for a run that reads no windows. DEFINITION when the config gives no time to begin at. */
export function sliceWindows(
  definition: StreamDefinition,
  options: StreamOptions,
  config: unknown,
): SliceWindows | undefined {
  const { cursor, windows, historyMs } = definition;
  const sizeMs = windows?.sizeMs ?? historyMs;
  if (cursor === undefined || sizeMs === undefined) return undefined;
  const since = options.since === undefined ? undefined : toInstant(options.since);
  const until = options.until === undefined ? undefined : toInstant(options.until);
  const precisionMs = cursor.precisionMs ?? 1;
  if (until !== undefined) {
    const from = since ?? originOf(definition, config);
    return {
      plan(state, { serverTimeMs, beganMs }, most) {
        // A window that is not over shows itself by the server's time; our own may be wrong by years.
        const to = serverTimeMs === undefined ? until : earlier(until, ripe(cursor, serverTimeMs));
        const asked = spans(state, cursor, { from, to, sizeMs, precisionMs, most }, beganMs);
        return asked.filter((span) => isWithin(span, from, until));
      },
      begin: () => undefined,
    };
  }
  if (windows === undefined) return undefined;
  const origin = originOf(definition, config);
  const from = since === undefined ? origin : earlier(since, origin);
  return {
    plan(state, { serverTimeMs, ourTimeMs, beganMs }, most) {
      const edge = lastEdge({ from, sizeMs, precisionMs }, ripe(cursor, serverTimeMs ?? ourTimeMs));
      // What a pass without an end has begun, it also ends.
      const open = isResumable(state.open, beganMs) ? toInstant(state.open.since ?? '') : undefined;
      // What lies below something that was read is over, whatever the clocks say.
      const read = coveredOf(state, cursor).at(-1)?.to ?? from;
      const over = edge === undefined ? read : later(read, toInstant(edge) ?? edge);
      const to = earlier(over, open ?? END_OF_TIME);
      return spans(state, cursor, { from, to, sizeMs, precisionMs, most }, beganMs);
    },
    begin(state) {
      const start = holesIn(coveredOf(state, cursor), from, END_OF_TIME).at(-1)?.from ?? from;
      return `${start.slice(0, 23)}Z`;
    },
  };
}

/** The first time that a stream with windows asks for. */
export function originOf({ name, windows }: StreamDefinition, config: unknown): string {
  const from = typeof windows?.from === 'function' ? windows.from({ config }) : windows?.from;
  const instant = typeof from === 'string' ? toInstant(from) : undefined;
  if (instant !== undefined) return instant;
  throw new SassyError('DEFINITION', {
    message: `the windows of ${name} begin at ${JSON.stringify(from)}, which is no time with a zone`,
    fix: "let windows({ from }) give a time like '2020-01-01T00:00:00Z'",
  });
}

function spans(
  state: SliceState,
  cursor: CursorDefinition,
  where: Omit<WindowPlanOptions, 'covered' | 'open'>,
  beganMs: number,
): readonly WindowSpan[] {
  const open = (state.windows ?? []).filter((pass) => isResumable(pass, beganMs));
  return planWindows({ ...where, covered: coveredOf(state, cursor), open });
}

function isWithin({ since, until }: WindowSpan, from: string, to: string): boolean {
  return (toInstant(since) ?? since) >= from && (toInstant(until) ?? until) <= to;
}

/** Up to here nothing can still appear. */
function ripe(cursor: CursorDefinition, nowMs: number): string {
  return provenUpTo(cursor, toInstant(new Date(nowMs).toISOString()) ?? '');
}

function later(a: string, b: string): string {
  return a < b ? b : a;
}

function earlier(a: string, b: string): string {
  return a < b ? a : b;
}
