import { SassyError } from '../../errors/sassy-error.ts';
import type { LimitValue } from '../../model/limit.ts';
import type { ParserDefinition } from '../../model/manifest.ts';
import type { Sink } from '../../sink/sink.ts';
import { openNetworkGuard } from './network-guard.ts';
import { prepareParser, type ParserOutcome, type ParserRunOptions, type PreparedParser } from './parser-run.ts';
import type { RunContext } from '../run-context.ts';

export type { ParserOutcome } from './parser-run.ts';

export interface ParseOptions extends Omit<ParserRunOptions, 'codeHash' | 'only'> {
  readonly parsers: readonly ParserDefinition[];
  /** Hash of the code and the schemas that a parser works with; one for all, or each its own. */
  readonly codeHash: string | ((parser: ParserDefinition) => string);
  /** The brake of a restream: above it no parser is switched. */
  readonly maxChanged?: LimitValue | undefined;
}

/** Runs parsers over the raw store into a sink, one after the other. One that fails leaves the sink as it was for it. */
export async function runParsers(
  context: RunContext,
  sink: Sink,
  options: ParseOptions,
): Promise<readonly ParserOutcome[]> {
  const [outcomes = []] = await runParsersInto(context, [sink], options);
  return outcomes;
}

/**
 * The same for several sinks: the outcomes of each. Without a brake each parser is committed as soon as it is done. With
 * `maxChanged` all parsers run for all sinks first, and either every one of them is switched or none is.
 */
export async function runParsersInto(
  context: RunContext,
  sinks: readonly Sink[],
  options: ParseOptions,
): Promise<readonly (readonly ParserOutcome[])[]> {
  const { codeHash, maxChanged } = options;
  const guard = openNetworkGuard();
  const open: PreparedParser[] = [];
  const run = async (sink: Sink, parser: ParserDefinition, isFirst: boolean): Promise<PreparedParser> => {
    context.signal.throwIfAborted();
    const hash = typeof codeHash === 'string' ? codeHash : codeHash(parser);
    const diff = options.diff || maxChanged !== undefined;
    const own = { ...options, diff, codeHash: hash, writesQuarantine: isFirst };
    const prepared = await prepareParser(context, sink, parser, own, guard);
    open.push(prepared);
    return prepared;
  };
  try {
    const all: ParserOutcome[][] = [];
    if (maxChanged === undefined) {
      for (const [index, sink] of sinks.entries()) {
        const outcomes: ParserOutcome[] = [];
        all.push(outcomes);
        for (const parser of options.parsers) {
          const prepared = await run(sink, parser, index === 0);
          outcomes.push(await prepared.commit());
          open.pop();
        }
      }
      return all;
    }
    const prepared: PreparedParser[][] = [];
    for (const [index, sink] of sinks.entries()) {
      const ofSink: PreparedParser[] = [];
      prepared.push(ofSink);
      for (const parser of options.parsers) ofSink.push(await run(sink, parser, index === 0));
    }
    return await settle(prepared, options.parsers, maxChanged, options.diff);
  } finally {
    guard.close();
    for (const one of open) await one.abort();
  }
}

/** Commits all, or none when one failed or would change too much. */
async function settle(
  prepared: readonly (readonly PreparedParser[])[],
  parsers: readonly ParserDefinition[],
  limit: LimitValue,
  showsDiff: boolean,
): Promise<readonly (readonly ParserOutcome[])[]> {
  const brakes = prepared.map((ofSink) => ofSink.map((one, index) => brake(parsers[index]?.name ?? '', one, limit)));
  const isStopped =
    prepared.flat().some(({ ended }) => ended?.error !== undefined) ||
    brakes.flat().some((error) => error !== undefined);
  const all: ParserOutcome[][] = [];
  for (const [place, ofSink] of prepared.entries()) {
    const outcomes: ParserOutcome[] = [];
    all.push(outcomes);
    for (const [index, one] of ofSink.entries()) {
      const error = brakes[place]?.[index];
      if (isStopped) outcomes.push(one.held(error));
      else outcomes.push(one.ended ?? withoutDiff(await one.commit(), showsDiff));
    }
  }
  return all;
}

function brake(parser: string, { diff, ended }: PreparedParser, limit: LimitValue): SassyError | undefined {
  if (diff === undefined || ended?.error !== undefined) return undefined;
  const before = diff.gone + diff.changed + diff.unchanged;
  const changes = diff.added + diff.gone + diff.changed;
  // A first generation has nothing to be compared with.
  if (before === 0 || changes <= limit.of(before)) return undefined;
  const fields = Object.entries(diff.fields).map(([field, count]) => `${count} in ${field}`);
  const parts = [
    ...(diff.changed > 0 ? [`${diff.changed} changed (${fields.join(', ')})`] : []),
    ...(diff.gone > 0 ? [`${diff.gone} gone`] : []),
    ...(diff.added > 0 ? [`${diff.added} added`] : []),
  ];
  return new SassyError('TOO_MANY_CHANGED', {
    message: `${parser}: ${changes} of ${before} entities would change, more than ${limit.text}`,
    why: parts.join(', '),
  });
}

function withoutDiff(outcome: ParserOutcome, showsDiff: boolean): ParserOutcome {
  if (showsDiff) return outcome;
  const { diff: _compared, ...result } = outcome.result;
  return { ...outcome, result };
}
