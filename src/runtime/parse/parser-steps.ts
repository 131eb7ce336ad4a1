import { isSassyError, SassyError } from '../../errors/sassy-error.ts';
import type { Dataset, Lookup } from '../../model/dataset.ts';
import type { ParserDefinition } from '../../model/manifest.ts';
import type { Clock } from '../../util/host.ts';
import { integrationPlace } from '../integration-place.ts';
import type { NetworkGuard } from './network-guard.ts';
import type { Held, Trail } from '../dataset/trail.ts';

/** A parser that neither yields nor reads for so long is taken for one that never ends. */
const STALL_MS = 10_000;
const LOOK_MS = 1_000;

/** The parser's own code threw, with a record in its hands. */
export class ParserThrew extends Error {
  override readonly name = 'ParserThrew';
  readonly held: Held;
  readonly failure: SassyError;

  constructor(held: Held, failure: SassyError) {
    super(failure.message);
    this.held = held;
    this.failure = failure;
  }
}

export interface StepOptions {
  readonly parser: ParserDefinition;
  readonly inputs: readonly (Dataset<unknown> | Lookup<unknown>)[];
  readonly trail: Trail;
  readonly guard: NetworkGuard;
  readonly clock: Clock;
  /** Called for each value that it yields, with the record that it held then. */
  readonly each: (value: unknown, held: Held | undefined) => void;
  readonly stallMs?: number;
}

/** So many values are taken from a parser in one go: a step of an async iterator for each would take as long as making it. */
const STEPS_AT_ONCE = 250;

/**
 * Runs a parser with the network closed: `each` gets what it yields, in order; the generator gives way every few hundred
 * values, and goes on when it is asked. The parser is stopped when it does not go on; a loop that
 * never gives way cannot be stopped from within its own process.
 * @throws what `each` throws; ParserThrew when its code threw at a record; SassyError PARSER_FAILED when it threw with none in hand or stalled;
 *   PARSER_NETWORK, also where the parser has caught that error itself
 */
export async function* parserSteps(options: StepOptions): AsyncGenerator<void, void, void> {
  const { parser, inputs, trail, guard, clock, stallMs = STALL_MS } = options;
  const inside = <T>(work: () => T): T => guard.run(parser.name, work);
  const ended = new AbortController();
  let stop: ((error: SassyError) => void) | undefined;
  let values: AsyncIterator<unknown> | undefined;
  void watch(clock, trail, stallMs, ended.signal).then(() => stop?.(stalled(parser.name, stallMs, trail.held)));
  try {
    const iterator = inside(() => parser.run(inputs)[Symbol.asyncIterator]());
    values = iterator;
    for (;;) {
      const isDone = await new Promise<boolean>((resolve, reject) => {
        stop = reject;
        inside(() => take(iterator, options)).then(resolve, reject);
      });
      yield;
      if (isDone) return;
    }
  } catch (error) {
    throw named(parser.name, trail.held, error);
  } finally {
    ended.abort();
    // Its `finally` blocks run and its datasets are closed; one that hangs is not waited for.
    void Promise.resolve(inside(() => values?.return?.())).catch(() => undefined);
  }
}

/** True when there is no more. */
async function take(iterator: AsyncIterator<unknown>, { parser, guard, trail, each }: StepOptions): Promise<boolean> {
  for (let count = 0; count < STEPS_AT_ONCE; count += 1) {
    const step = await iterator.next();
    const refusal = guard.refusal(parser.name);
    if (refusal !== undefined) throw refusal;
    if (step.done === true) return true;
    trail.move();
    each(step.value, trail.held);
  }
  return false;
}

/** Resolves when nothing has moved for `stallMs`; never when the signal is aborted first. */
async function watch(clock: Clock, trail: Trail, stallMs: number, signal: AbortSignal): Promise<void> {
  let still = 0;
  const looks = Math.max(1, Math.round(stallMs / LOOK_MS));
  while (still < looks) {
    await clock.sleep(Math.min(LOOK_MS, stallMs), signal).catch(() => undefined);
    if (signal.aborted) return new Promise(() => undefined);
    still = trail.takeMoved() ? 0 : still + 1;
  }
}

function named(parser: string, held: Held | undefined, error: unknown): unknown {
  if (isSassyError(error)) return error;
  const message = error instanceof Error ? error.message : String(error);
  const place = integrationPlace(error instanceof Error ? error.stack : undefined);
  const failure = new SassyError('PARSER_FAILED', {
    message: `the parser ${parser} threw: ${message}`,
    ...(held === undefined
      ? {}
      : { why: `while it looked at record ${held.stored.index} of ${held.stored.page.request.url}` }),
    fix: `mend the parser${place === undefined ? '' : ` at ${place}`}, then run parse again; nothing needs to be fetched`,
    cause: error,
  });
  return held === undefined ? failure : new ParserThrew(held, failure);
}

function stalled(parser: string, stallMs: number, held: Held | undefined): SassyError {
  return new SassyError('PARSER_FAILED', {
    message: `the parser ${parser} has not gone on for ${Math.round(stallMs / 1000)} s`,
    ...(held === undefined
      ? {}
      : { why: `it looks at record ${held.stored.index} of ${held.stored.page.request.url}` }),
    fix: 'look for a promise that is never settled; then run parse again, nothing needs to be fetched',
  });
}
