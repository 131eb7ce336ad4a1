import { errorReport } from '../../errors/error-report.ts';
import { isSassyError, SassyError } from '../../errors/sassy-error.ts';
import { entityInfo } from '../../model/entity.ts';
import { type LimitValue, readLimit } from '../../model/limit.ts';
import type { ParserDefinition } from '../../model/manifest.ts';
import type { DriftFinding, ParserResult } from '../../model/results.ts';
import type { BatchDiff, EntityCounts, ParserPosition, RepeatedKeys, Sink } from '../../sink/sink.ts';
import { checkStored } from './expectations.ts';
import { ofThisHistory, seenCommits } from './input-history.ts';
import type { NetworkGuard } from './network-guard.ts';
import { type Filled, fillBatch } from './parser-fill.ts';
import { openInputs, type OpenInput, type ReadPlan } from './parser-inputs.ts';
import { isListed } from './parser-output.ts';
import { notParsed, nothingToAmend, verifyFailed } from './parser-refusals.ts';
import type { QuarantinedLine } from './quarantine-line.ts';
import { clearQuarantine, quarantineFolder, writeQuarantine } from './quarantine-files.ts';
import { rawAsOf } from '../dataset/raw-as-of.ts';
import type { RunContext } from '../run-context.ts';

const DIFF_EXAMPLES = 10;
const REPEATED_EXAMPLES = 5;
const MAX_ARCHIVED: LimitValue = { text: '50%', of: (total) => Math.floor(total / 2) };

export interface ParserRunOptions {
  /**
   * `parse` reads what the parser has not seen; `restream` everything, into a new generation; `retry` only `plan.only`;
   * `verify` everything up to where the present generation has come, to compare it with that.
   */
  readonly mode: 'parse' | 'restream' | 'retry' | 'verify';
  /** Of the parser's code and schemas, kept with the generation it makes. */
  readonly codeHash: string;
  readonly diff: boolean;
  readonly dryRun: boolean;
  /** restream: stream → the commit to begin with, in a copy of the present generation. */
  readonly from?: ((stream: string) => number | undefined) | undefined;
  readonly maxArchived?: LimitValue | undefined;
  /** retry: the records to read of each stream. */
  readonly only?: ReadPlan['only'];
  /** retry: what was in quarantine and could not be tried again. */
  readonly keeps?: (() => readonly QuarantinedLine[]) | undefined;
  /** False for all sinks but the first: they would quarantine the same records. Default: true. */
  readonly writesQuarantine?: boolean | undefined;
}

export interface ParserOutcome {
  /** The table of the parser's entity in SQL sinks. */
  readonly table: string;
  readonly result: ParserResult;
  readonly drift: readonly DriftFinding[];
  readonly error: unknown;
}

/** A parser that has run: its rows wait in a batch that is not visible yet. */
export interface PreparedParser {
  /** What a commit would change; undefined where it was not asked for. */
  readonly diff: BatchDiff | undefined;
  /** Set when there is nothing to commit: it is up to date, it was a dry run, or it failed. */
  readonly ended: ParserOutcome | undefined;
  /** The outcome when it is not committed, because of itself or of another parser. */
  held(error: SassyError | undefined): ParserOutcome;
  /** Never rejects: a sink that refuses is the outcome's error. */
  commit(): Promise<ParserOutcome>;
  abort(): Promise<void>;
}

const NO_CHANGE: EntityCounts = { added: 0, changed: 0, unchanged: 0, archived: 0 };

/** Runs one parser over the raw store into a batch of a sink. */
export async function prepareParser(
  context: RunContext,
  sink: Sink,
  parser: ParserDefinition,
  options: ParserRunOptions,
  guard: NetworkGuard,
): Promise<PreparedParser> {
  const run = new ParserRun(context, sink, parser, options, guard);
  return run.prepare();
}

class ParserRun {
  readonly #context: RunContext;
  readonly #sink: Sink;
  readonly #parser: ParserDefinition;
  readonly #options: ParserRunOptions;
  readonly #guard: NetworkGuard;
  #position: ParserPosition | undefined;
  #inputs: readonly OpenInput[] = [];
  #filled: Filled | undefined;
  #repeated: RepeatedKeys | undefined;

  constructor(
    context: RunContext,
    sink: Sink,
    parser: ParserDefinition,
    options: ParserRunOptions,
    guard: NetworkGuard,
  ) {
    this.#context = context;
    this.#sink = sink;
    this.#parser = parser;
    this.#options = options;
    this.#guard = guard;
  }

  async prepare(): Promise<PreparedParser> {
    const { mode, diff, dryRun } = this.#options;
    const ended = (outcome: ParserOutcome, difference?: BatchDiff): PreparedParser => ({
      diff: difference,
      ended: outcome,
      held: (error) => (error === undefined ? outcome : withError(outcome, error)),
      commit: async () => outcome,
      abort: async () => undefined,
    });
    try {
      this.#position = await this.#sink.position(this.#parser.name);
      this.#inputs = await openInputs(this.#context, this.#parser);
      if (mode === 'parse') await this.#forgetOtherHistories();
      if (mode === 'parse' && this.#isUpToDate())
        return ended(this.#outcome(this.#position?.generation ?? 0, NO_CHANGE));
      if ((mode === 'retry' || mode === 'verify') && this.#position === undefined) throw notParsed(this.#parser.name);
      if (mode === 'verify') this.#inputs = await asOf(this.#inputs, this.#position);
      if (mode === 'restream' && this.#amends() && this.#position === undefined)
        throw nothingToAmend(this.#parser.name);
      for (const { definition, raw } of this.#inputs) await checkStored(definition, raw);
      const { only } = this.#options;
      const filled = await fillBatch({
        context: this.#context,
        sink: this.#sink,
        parser: this.#parser,
        inputs: this.#inputs,
        guard: this.#guard,
        mode: this.#batchMode(),
        position: this.#position,
        plan: { after: (stream) => this.#after(stream), onlyNew: true, ...(only === undefined ? {} : { only }) },
        isRetry: mode === 'retry',
      });
      this.#filled = filled;
      filled.quarantine.check(filled.read);
      this.#repeated = await filled.batch.repeated?.(REPEATED_EXAMPLES);
      const difference = diff || dryRun || mode === 'verify' ? await filled.batch.compare(DIFF_EXAMPLES) : undefined;
      if (mode === 'verify') return ended(await this.#verified(filled, difference), difference);
      if (dryRun) {
        await filled.batch.abort();
        return ended(this.#outcome(filled.batch.generation, countsOf(difference), difference), difference);
      }
      return {
        diff: difference,
        ended: undefined,
        held: (error) => {
          const outcome = this.#outcome(this.#position?.generation ?? 0, NO_CHANGE, difference);
          return error === undefined ? outcome : withError(outcome, error);
        },
        commit: () => this.#commit(filled, difference),
        abort: () => filled.batch.abort(),
      };
    } catch (error) {
      await this.#filled?.batch.abort();
      return ended(this.#failed(error));
    }
  }

  async #verified({ batch }: Filled, difference: BatchDiff | undefined): Promise<ParserOutcome> {
    await batch.abort();
    const counts = { ...NO_CHANGE, unchanged: difference?.unchanged ?? 0 };
    const outcome = this.#outcome(this.#position?.generation ?? 0, counts, difference);
    const error = verifyFailed(this.#parser.name, this.#sink.name, difference);
    return error === undefined ? outcome : withError(outcome, error);
  }

  async #commit({ batch, quarantine }: Filled, diff: BatchDiff | undefined): Promise<ParserOutcome> {
    const { host, runId, paths } = this.#context;
    const { mode, codeHash, keeps, writesQuarantine = true } = this.#options;
    const folder = quarantineFolder(paths.parsed, this.#parser.name);
    const kept = keeps?.() ?? [];
    try {
      const file = writesQuarantine
        ? await writeQuarantine(host, folder, runId, [...quarantine.lines, ...kept])
        : undefined;
      // A parse under changed code makes mixed entities: it keeps the old hash, so that it goes on being told.
      const keepsHash = mode !== 'restream' || this.#amends();
      const counts = await batch.commit(
        { commits: this.#commits(), codeHash: keepsHash ? (this.#position?.codeHash ?? codeHash) : codeHash },
        (change, live) => this.#approve(change, live),
      );
      const isWhole = mode === 'retry' || (mode === 'restream' && !this.#amends());
      if (writesQuarantine && isWhole) await clearQuarantine(host, folder, runId);
      const outcome = this.#outcome(batch.generation, counts, diff);
      return file === undefined ? outcome : { ...outcome, result: { ...outcome.result, quarantine: file } };
    } catch (error) {
      return this.#failed(error);
    } finally {
      await batch.abort();
    }
  }

  #approve({ archived }: EntityCounts, live: number): void {
    const { manifest } = this.#context;
    const limit = this.#options.maxArchived ?? readLimit(manifest.maxArchived) ?? MAX_ARCHIVED;
    if (live === 0 || archived <= limit.of(live)) return;
    const { name } = this.#parser;
    throw new SassyError('TOO_MANY_ARCHIVED', {
      message: `${name}: ${archived} of ${live} entities would be archived, more than ${limit.text}`,
      why: `the last complete listing of ${this.#inputs
        .filter(isListed)
        .map(({ definition }) => definition.name)
        .join(', ')} no longer shows them`,
    });
  }

  #batchMode(): 'append' | 'replace' | 'amend' {
    if (this.#options.mode === 'verify') return 'replace';
    if (this.#options.mode !== 'restream') return 'append';
    return this.#amends() ? 'amend' : 'replace';
  }

  /** `--from` means something only where an input has a position. */
  #amends(): boolean {
    const { from } = this.#options;
    return (
      from !== undefined &&
      this.#parser.inputs.some(({ mode, stream }) => mode === 'incremental' && from(stream) !== undefined)
    );
  }

  #after(stream: string): number | undefined {
    const { mode, from } = this.#options;
    if (mode === 'parse') return this.#position?.commits[stream];
    const first = mode === 'restream' ? from?.(stream) : undefined;
    return first === undefined ? undefined : Math.max(0, first - 1);
  }

  #isUpToDate(): boolean {
    const seen = this.#position?.commits;
    return (
      seen !== undefined &&
      this.#inputs.every(({ definition, raw }) => seen[definition.name] === (raw.head?.number ?? 0))
    );
  }

  async #forgetOtherHistories(): Promise<void> {
    const why = 'its raw data is not the one that was read before (fetched anew, or from a backup); all of it is read';
    this.#position = await ofThisHistory(this.#position, this.#inputs, (stream) =>
      this.#context.progress({ type: 'note', text: `${this.#parser.name}: ${stream}: ${why}` }),
    );
  }

  #commits(): Readonly<Record<string, number>> {
    // A retry reads nothing new.
    if (this.#options.mode === 'retry' && this.#position !== undefined) return this.#position.commits;
    return seenCommits(this.#inputs);
  }

  #outcome(generation: number, entities: EntityCounts, diff?: BatchDiff): ParserOutcome {
    const { mode, codeHash } = this.#options;
    const codeChanged = mode !== 'restream' && this.#position !== undefined && this.#position.codeHash !== codeHash;
    const inputs = Object.fromEntries(
      this.#parser.inputs.map(({ stream }) => [stream, this.#filled?.read[stream] ?? 0]),
    );
    const result: ParserResult = {
      name: this.#parser.name,
      generation,
      inputs,
      entities,
      quarantined: this.#filled?.quarantine.count ?? 0,
      ...(codeChanged ? { codeChanged } : {}),
      ...(diff === undefined ? {} : { diff }),
      ...(this.#repeated === undefined || this.#repeated.count === 0 ? {} : { repeatedKeys: this.#repeated }),
    };
    const table = entityInfo(this.#parser.entity)?.table ?? '';
    return { table, result, drift: this.#filled?.quarantine.findings ?? [], error: undefined };
  }

  #failed(error: unknown): ParserOutcome {
    // Ctrl-C is the run's end, not this parser's.
    if (this.#context.signal.aborted && !isSassyError(error, 'TOO_MANY_INVALID')) this.#context.signal.throwIfAborted();
    return withError(this.#outcome(this.#position?.generation ?? 0, NO_CHANGE), error);
  }
}

function withError(outcome: ParserOutcome, error: unknown): ParserOutcome {
  return { ...outcome, result: { ...outcome.result, error: errorReport(error) }, error };
}

function countsOf(diff: BatchDiff | undefined): EntityCounts {
  if (diff === undefined) return NO_CHANGE;
  return { added: diff.added, changed: diff.changed, unchanged: diff.unchanged, archived: 0 };
}

/** The inputs as they were when the sink was brought to its position. */
async function asOf(inputs: readonly OpenInput[], position: ParserPosition | undefined): Promise<readonly OpenInput[]> {
  return Promise.all(
    inputs.map(async (input) => ({
      ...input,
      raw: await rawAsOf(input.raw, position?.commits[input.definition.name] ?? 0),
    })),
  );
}
