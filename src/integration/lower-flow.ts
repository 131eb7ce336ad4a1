import type { CursorDefinition, StreamDefinition } from '../model/stream.ts';
import { pointerProblem } from './check-pointer.ts';
import type { StreamValue } from './define-stream.ts';
import type { Problem } from './definition-problem.ts';
import { durationMs } from './duration.ts';
import { wholePointer } from './record-selector.ts';

const LOOK_BACK_MS = 10 * 60_000;

/** The parts of a definition that say how a stream goes on from run to run. */
export type LoweredFlow = Pick<StreamDefinition, 'cursor' | 'historyMs' | 'immutable' | 'fullEvery'>;

/** What an author said about the cursor and the flow of a stream, as plain data. What is wrong is left out of it. */
export function lowerFlow(value: StreamValue): LoweredFlow {
  const { flow, history } = value;
  const pointers = cursorsOf(value);
  const [pointer, ...fallbacks] = pointers;
  if (pointer === undefined || flow === 'full') return {};
  const precisionMs = msOf(value.precision);
  const historyMs = msOf(history);
  const cursor: CursorDefinition = {
    pointer: wholePointer(pointer),
    ...(fallbacks.length === 0 ? {} : { fallbacks: fallbacks.map(wholePointer) }),
    lookBackMs: msOf(value.lookBack) ?? LOOK_BACK_MS,
    ...(precisionMs === undefined ? {} : { precisionMs }),
    ...(value.sorted === undefined ? {} : { sorted: value.sorted }),
  };
  const every = everyOf(flow);
  return {
    cursor,
    ...(historyMs === undefined ? {} : { historyMs }),
    ...(flow === 'immutable' ? { immutable: true } : {}),
    ...(every === undefined ? {} : { fullEvery: every }),
  };
}

/** What is wrong with the cursor and the flow of a stream. */
export function flowProblems(value: StreamValue): readonly Problem[] {
  const { name, lookBack, sorted, precision, history, flow } = value;
  const hasCursor = value.cursor !== undefined;
  const problems: (Problem | undefined)[] = cursorsOf(value).map((pointer) =>
    pointerProblem(`stream ${name}`, 'cursor', pointer),
  );
  const add = (what: string, fix: string): unknown => problems.push({ what: `stream ${name}: ${what}`, fix });
  if (hasCursor && cursorsOf(value).length === 0)
    add('its list of cursors is empty', 'name the field that orders its records in time');
  if (lookBack !== undefined && durationMs(lookBack) === undefined)
    add(`lookBack '${lookBack}' is no duration`, "write '0s', '30s', '10m', '2h' or '1d'");
  for (const [option, text] of [['precision', precision] as const, ['history', history] as const]) {
    if (text !== undefined && !((durationMs(text) ?? 0) > 0))
      add(`${option} '${text}' is no duration`, "write '1s', '1m', '1d' or '30d'");
  }
  if (sorted !== undefined && (!hasCursor || sorted !== 'asc'))
    add('sorted must be asc and needs a cursor', "write sorted: 'asc' beside the cursor, or leave it out");
  if (lookBack !== undefined && !hasCursor)
    add('there is a lookBack and no cursor', 'give it a cursor, or leave the lookBack out');
  if ((precision !== undefined || history !== undefined) && !hasCursor)
    add(
      `there is a ${precision === undefined ? 'history' : 'precision'} and no cursor`,
      'give it a cursor, or leave it out',
    );
  problems.push(flowProblem(name, flow, hasCursor, isWindowed(value)));
  return problems.filter((problem) => problem !== undefined);
}

function flowProblem(name: string, flow: unknown, hasCursor: boolean, windowed: boolean): Problem | undefined {
  if (flow === undefined || flow === 'full') return undefined;
  const isCounted = everyOf(flow) !== undefined;
  if (flow !== 'incremental' && flow !== 'immutable' && !isCounted) {
    return {
      what: `stream ${name}: its flow is none`,
      fix: "write 'incremental', 'full', 'immutable' or { full: { every: '7d' } } (a number: of runs)",
    };
  }
  if (!hasCursor) {
    const what = `stream ${name}: its flow needs a cursor`;
    return { what, fix: 'name the field that orders its records in time, or leave the flow out' };
  }
  if (!isCounted || !windowed) return undefined;
  return {
    what: `stream ${name}: it cannot be read in windows and listed in full`,
    fix: 'leave windows(…) out, or the full listing',
  };
}

function everyOf(flow: unknown): StreamDefinition['fullEvery'] {
  const every: unknown = Object(Object(flow)['full'])['every'];
  if (typeof every === 'number') return Number.isSafeInteger(every) && every > 0 ? { runs: every } : undefined;
  const ms = typeof every === 'string' ? durationMs(every) : undefined;
  return ms === undefined || ms === 0 ? undefined : { ms };
}

function cursorsOf({ cursor }: StreamValue): readonly string[] {
  return cursor === undefined ? [] : typeof cursor === 'string' ? [cursor] : cursor;
}

function msOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : durationMs(text);
}

function isWindowed({ slices }: StreamValue): boolean {
  const given: unknown = slices;
  const factors: unknown = Object(given)['factors'];
  return [given, ...(Array.isArray(factors) ? factors : [])].some((part) => Object(part)['kind'] === 'windows');
}
