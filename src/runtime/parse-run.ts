import { join } from 'node:path';
import { errorReport } from '../errors/error-report.ts';
import { isSassyError, SassyError } from '../errors/sassy-error.ts';
import { entityInfo } from '../model/entity.ts';
import type { ParserDefinition } from '../model/manifest.ts';
import type { DriftFinding, ParserResult } from '../model/results.ts';
import { columnsOf } from '../sink/columns.ts';
import type { Batch, BatchDiff, EntityCounts, EntityRow, ParserPosition, Sink } from '../sink/sink.ts';
import { openRawStream, type RawStream } from '../store/raw-stream.ts';
import { inputRange, StreamDataset } from './datasets.ts';
import { Quarantine } from './quarantine.ts';
import type { RunContext } from './run-context.ts';

/** Rows handed to a sink at once. */
const ROWS_PER_WRITE = 1_000;
const DIFF_EXAMPLES = 10;

export interface ParseOptions {
  readonly parsers: readonly ParserDefinition[];
  /** `parse` reads what each parser has not seen; `restream` reads everything into a new generation. */
  readonly mode: 'parse' | 'restream';
  /** Hash of the integration's code, kept with the generation it makes. */
  readonly codeHash: string;
  /** Compare with the present generation. */
  readonly diff: boolean;
  /** Change nothing. */
  readonly dryRun: boolean;
}

export interface ParserOutcome {
  /** The table of the parser's entity in SQL sinks. */
  readonly table: string;
  readonly result: ParserResult;
  readonly drift: readonly DriftFinding[];
  readonly error: unknown;
}

const NO_CHANGE: EntityCounts = { added: 0, changed: 0, unchanged: 0, archived: 0 };

/** Runs parsers over the raw store into a sink, one after the other. One that fails leaves the sink as it was for it. */
export async function runParsers(
  context: RunContext,
  sink: Sink,
  options: ParseOptions,
): Promise<readonly ParserOutcome[]> {
  const outcomes: ParserOutcome[] = [];
  for (const parser of options.parsers) {
    context.signal.throwIfAborted();
    outcomes.push(await new ParserRun(context, sink, parser, options).run());
  }
  return outcomes;
}

/** One parser, once. */
class ParserRun {
  readonly #context: RunContext;
  readonly #sink: Sink;
  readonly #parser: ParserDefinition;
  readonly #options: ParseOptions;
  readonly #quarantine = new Quarantine();
  #datasets: readonly StreamDataset[] = [];

  constructor(context: RunContext, sink: Sink, parser: ParserDefinition, options: ParseOptions) {
    this.#context = context;
    this.#sink = sink;
    this.#parser = parser;
    this.#options = options;
  }

  async run(): Promise<ParserOutcome> {
    const position = await this.#sink.position(this.#parser.name);
    const table = entityInfo(this.#parser.entity)?.table ?? '';
    try {
      const result = await this.#parse(position);
      return { table, result, drift: this.#quarantine.findings, error: undefined };
    } catch (error) {
      const result = { ...this.#result(position?.generation ?? 0, NO_CHANGE, position), error: errorReport(error) };
      return { table, result, drift: this.#quarantine.findings, error };
    }
  }

  async #parse(position: ParserPosition | undefined): Promise<ParserResult> {
    const { mode, codeHash, diff, dryRun } = this.#options;
    const raws = await this.#openInputs();
    const commits = Object.fromEntries([...raws].map(([name, raw]) => [name, raw.head?.number ?? 0]));
    const upToDate = position !== undefined && sameCommits(position.commits, commits);
    if (mode === 'parse' && upToDate) return this.#result(position.generation, NO_CHANGE, position);
    this.#datasets = this.#parser.inputs.map((input) => {
      const raw = raws.get(input.stream);
      const definition = this.#context.manifest.streams.find((stream) => stream.name === input.stream);
      if (raw === undefined || definition === undefined) throw new Error(`no stream ${input.stream}`);
      const range = inputRange(input, raw.head?.number ?? 0, mode === 'parse' ? position?.commits[input.stream] : undefined);
      return new StreamDataset(raw, definition, range, (stored, problem) =>
        this.#quarantine.add(input.stream, stored, problem),
      );
    });
    const entity = entityInfo(this.#parser.entity);
    if (entity === undefined) throw new Error(`${this.#parser.name} has no entity`);
    const batch = await this.#sink.begin(
      { parser: this.#parser.name, entity, columns: columnsOf(this.#parser.entity) },
      mode === 'parse' ? 'append' : 'replace',
    );
    try {
      await this.#fill(batch);
      this.#quarantine.check(this.#parser.name, this.#recordsRead());
      const difference = diff || dryRun ? await batch.compare(DIFF_EXAMPLES) : undefined;
      if (dryRun) {
        await batch.abort();
        return this.#result(batch.generation, countsOf(difference), undefined, difference);
      }
      // A parse under changed code makes mixed entities: it keeps the old hash, so that it goes on being told.
      const counts = await batch.commit({ commits, codeHash: mode === 'parse' ? (position?.codeHash ?? codeHash) : codeHash });
      const result = this.#result(batch.generation, counts, mode === 'parse' ? position : undefined, difference);
      const file = await this.#quarantine.write(this.#context.host, this.#quarantineFolder(), this.#context.runId);
      return file === undefined ? result : { ...result, quarantine: file };
    } catch (error) {
      await batch.abort();
      throw error;
    }
  }

  async #openInputs(): Promise<ReadonlyMap<string, RawStream>> {
    const names = [...new Set(this.#parser.inputs.map((input) => input.stream))];
    return new Map(
      await Promise.all(
        names.map(async (name): Promise<[string, RawStream]> => [name, await openRawStream(this.#context.blobs, name)]),
      ),
    );
  }

  async #fill(batch: Batch): Promise<void> {
    let rows: EntityRow[] = [];
    let entities = 0;
    for await (const value of this.#entities()) {
      this.#context.signal.throwIfAborted();
      const parsed = this.#parser.entity.safeParse(value);
      if (!parsed.success) {
        const input = this.#datasets.findLast((dataset) => dataset.current !== undefined);
        this.#quarantine.add(this.#parser.name, input?.current, parsed.error, value);
        continue;
      }
      rows.push(parsed.data);
      entities += 1;
      if (rows.length < ROWS_PER_WRITE) continue;
      await batch.write(rows);
      this.#context.progress({ type: 'parser', parser: this.#parser.name, entities });
      rows = [];
    }
    if (rows.length > 0) await batch.write(rows);
  }

  async *#entities(): AsyncIterable<unknown> {
    try {
      yield* this.#parser.run(this.#datasets);
    } catch (error) {
      if (isSassyError(error)) throw error;
      const at = this.#datasets.findLast((dataset) => dataset.current !== undefined)?.current;
      const message = error instanceof Error ? error.message : String(error);
      throw new SassyError('PARSER_FAILED', {
        message: `the parser ${this.#parser.name} threw: ${message}`,
        ...(at === undefined ? {} : { why: `while it looked at record ${at.index} of ${at.page.request.url}` }),
        fix: `mend the parser${placeOf(error)}, then run parse again; nothing needs to be fetched`,
        cause: error,
      });
    }
  }

  #result(
    generation: number,
    entities: EntityCounts,
    position: ParserPosition | undefined,
    diff?: BatchDiff,
  ): ParserResult {
    const inputs: Record<string, number> = {};
    this.#parser.inputs.forEach(({ stream }, index) => {
      inputs[stream] = Math.max(inputs[stream] ?? 0, this.#datasets[index]?.recordsRead ?? 0);
    });
    const codeChanged = position !== undefined && position.codeHash !== this.#options.codeHash;
    return {
      name: this.#parser.name,
      generation,
      inputs,
      entities,
      quarantined: this.#quarantine.count,
      ...(codeChanged ? { codeChanged } : {}),
      ...(diff === undefined ? {} : { diff }),
    };
  }

  #recordsRead(): number {
    return this.#datasets.reduce((sum, dataset) => sum + dataset.recordsRead, 0);
  }

  #quarantineFolder(): string {
    return join(this.#context.paths.parsed, 'quarantine', this.#parser.name);
  }
}

function sameCommits(a: Readonly<Record<string, number>>, b: Readonly<Record<string, number>>): boolean {
  return Object.entries(b).every(([stream, number]) => a[stream] === number);
}

function countsOf(diff: BatchDiff | undefined): EntityCounts {
  if (diff === undefined) return NO_CHANGE;
  return { added: diff.added, changed: diff.changed, unchanged: diff.unchanged, archived: 0 };
}

/** ` at integration.ts:41`, from the first line of a stack that lies in an integration. */
function placeOf(error: unknown): string {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const line = /([^\s(/\\]+\.ts):(\d+):\d+/.exec(stack.split('\n').find((text) => text.includes('integrations')) ?? '');
  return line === null ? '' : ` at ${line[1]}:${line[2]}`;
}
