import type { ParserDefinition } from '../../model/manifest.ts';
import type { Batch, BatchMode, ParserPosition, Sink } from '../../sink/sink.ts';
import { completeListing } from '../dataset/archived-records.ts';
import { requiredFields } from './expectations.ts';
import type { NetworkGuard } from './network-guard.ts';
import { injected, openDatasets, type OpenInput, type ReadPlan } from './parser-inputs.ts';
import { archivesOf, archiveTimes, EntityWriter, hasArchived, isListed, targetOf } from './parser-output.ts';
import { parserSteps, ParserThrew, type StepOptions } from './parser-steps.ts';
import { runInThreads, sharedInput } from './parser-threads.ts';
import { Quarantine } from './quarantine.ts';
import { originId } from '../dataset/quarantine-entry.ts';
import type { RunContext } from '../run-context.ts';
import { Trail } from '../dataset/trail.ts';

/** Each record at which the parser throws costs one more run of it. */
const MAX_THROWN = 25;
/** One in a hundred records may be the vendor's fault; more is the parser's. */
const MAX_THROWN_SHARE = 0.01;

export interface FillOptions {
  readonly context: RunContext;
  readonly sink: Sink;
  readonly parser: ParserDefinition;
  readonly inputs: readonly OpenInput[];
  readonly guard: NetworkGuard;
  readonly mode: BatchMode;
  /** What the sink has seen. */
  readonly position: ParserPosition | undefined;
  readonly plan: ReadPlan;
  /** A retry has no budgets: what fails again stays in quarantine. */
  readonly isRetry: boolean;
}

/** A batch with all that a parser yields, not visible yet. */
export interface Filled {
  readonly batch: Batch;
  readonly quarantine: Quarantine;
  /** Stream → records read. */
  readonly read: Readonly<Record<string, number>>;
}

/**
 * Runs a parser into a batch. One record at which it throws goes to quarantine, and the parser runs again without it; no
 * batch is left open when this rejects.
 */
export async function fillBatch(options: FillOptions): Promise<Filled> {
  return new ParserFill(options).run();
}

class ParserFill {
  readonly #options: FillOptions;
  /** Records at which the parser threw, with what it threw. */
  readonly #thrown = new Map<string, ParserThrew>();
  /** Several threads were tried in vain. */
  #isUnfit = false;

  constructor(options: FillOptions) {
    this.#options = options;
  }

  /** Runs the parser; where it throws at a record, again without that record. */
  async run(): Promise<Filled> {
    const { parser, inputs, sink, mode } = this.#options;
    const archives = archivesOf(parser, inputs);
    const since = archives ? await this.#listingsSeen() : new Map<string, number>();
    const goes = archives && (await hasArchived(inputs, since));
    for (;;) {
      const target = targetOf(parser, archives);
      const batch = await sink.begin(target, mode);
      try {
        const trail = new Trail();
        const writer = new EntityWriter({ parser, target, batch, archives, remembers: goes });
        const filled = await this.#livePass(batch, trail, writer, archives);
        if (filled === undefined) {
          this.#isUnfit = true;
          await batch.abort();
          continue;
        }
        if (goes) await this.#everListedPass(trail, writer, since);
        await writer.end();
        this.#refuseThrown(filled.read);
        return filled;
      } catch (error) {
        await batch.abort();
        if (!(error instanceof ParserThrew)) throw error;
        if (!this.#leaveOut(error)) throw error.failure;
      }
    }
  }

  /** Undefined when it was tried in several threads, and is to be run in one. */
  async #livePass(batch: Batch, trail: Trail, writer: EntityWriter, archives: boolean): Promise<Filled | undefined> {
    const { context, parser, inputs, plan, guard, isRetry } = this.#options;
    const { manifest, runId } = context;
    const quarantine = new Quarantine({ parser: parser.name, manifest, runId, hasBudget: !isRetry });
    const shared = this.#thrown.size > 0 || this.#isUnfit ? undefined : await this.#shared(batch);
    if (shared !== undefined) {
      const onProgress = (): void => this.#progress(writer.written);
      const lines = batch.lines?.form;
      const read = await runInThreads(
        { context, parser, inputs, plan, archives, writer, lines, quarantine, guard, onProgress },
        shared,
      );
      if (read === undefined) return undefined;
      return { batch, quarantine, read: Object.fromEntries(read) };
    }
    for (const { held, failure } of this.#thrown.values()) quarantine.add('thrown', held, failure);
    const required = new Map(
      inputs.flatMap(({ definition }) => {
        const fields = requiredFields(definition);
        return fields === undefined ? [] : [[definition.name, fields] as const];
      }),
    );
    const datasets = openDatasets(inputs, plan, {
      trail,
      required,
      outside: (work) => guard.outside(work),
      isLeftOut: (stream, stored) => this.#isLeftOut(stream, stored),
      reject: (stream, stored, problem) => quarantine.add('record', { stream, stored }, problem),
    });
    const each: StepOptions['each'] = (value, held) => writer.live(value, held, quarantine);
    await this.#run(await injected(inputs, datasets), trail, writer, each);
    for (const fields of required.values()) fields.check();
    const read: Record<string, number> = {};
    datasets.forEach((dataset) => {
      read[dataset.stream] = Math.max(read[dataset.stream] ?? 0, dataset.recordsRead);
    });
    return { batch, quarantine, read };
  }

  /** Once more over all that was ever listed: what it yields beyond the live entities is archived. */
  async #everListedPass(trail: Trail, writer: EntityWriter, since: ReadonlyMap<string, number>): Promise<void> {
    const { inputs, guard } = this.#options;
    // What a listing with holes does not show may still be there, so of that stream only what it shows is read.
    const listed = inputs
      .filter((input) => isListed(input) && input.raw.head?.state.listing?.holes !== true)
      .map(({ definition }) => definition.name);
    const datasets = openDatasets(
      inputs,
      {
        after: () => undefined,
        onlyNew: false,
        sinceListing: new Map(listed.map((name) => [name, since.get(name) ?? 0])),
      },
      {
        trail,
        required: new Map(),
        outside: (work) => guard.outside(work),
        isLeftOut: (stream, stored) => this.#isLeftOut(stream, stored),
        // It was told when it was live.
        reject: () => undefined,
      },
    );
    const at = await archiveTimes(inputs);
    const each: StepOptions['each'] = (value, held) => writer.everListed(value, at(held));
    await this.#run(await injected(inputs, datasets), trail, writer, each);
  }

  /** The input that is shared out among threads. */
  async #shared({ lines, writeEncoded }: Batch): Promise<number | undefined> {
    const { context, parser, inputs, plan } = this.#options;
    if (lines === undefined && writeEncoded === undefined) return undefined;
    return sharedInput(context, parser, inputs, plan);
  }

  async #run(
    inputs: StepOptions['inputs'],
    trail: Trail,
    writer: EntityWriter,
    each: StepOptions['each'],
  ): Promise<void> {
    const { parser, guard, context } = this.#options;
    const { signal, host } = context;
    // At each value: a parser that takes its time at a record would hold up Ctrl-C for hundreds of them.
    const heeding: StepOptions['each'] = (value, held) => {
      signal.throwIfAborted();
      each(value, held);
    };
    for await (const _moment of parserSteps({ parser, inputs, trail, guard, clock: host.clock, each: heeding })) {
      await writer.flush();
      this.#progress(writer.written);
    }
  }

  #progress(entities: number): void {
    const { context, parser } = this.#options;
    context.signal.throwIfAborted();
    context.progress({ type: 'parser', parser: parser.name, entities });
  }

  /** Stream → the complete listing that the sink has seen: what was gone before it is archived there already. */
  async #listingsSeen(): Promise<ReadonlyMap<string, number>> {
    const seen = new Map<string, number>();
    const { mode, inputs, position } = this.#options;
    if (mode !== 'append') return seen;
    for (const { definition, raw } of inputs) {
      const listing = await completeListing(raw, position?.commits[definition.name]);
      if (listing !== undefined) seen.set(definition.name, listing);
    }
    return seen;
  }

  /** False when there are too many already: then the error is the run's. */
  #leaveOut(error: ParserThrew): boolean {
    const id = originId(error.held.stream, error.held.stored);
    if (this.#thrown.has(id) || this.#thrown.size >= MAX_THROWN) return false;
    this.#thrown.set(id, error);
    return true;
  }

  #isLeftOut(...[stream, stored]: Parameters<typeof originId>): boolean {
    return this.#thrown.size > 0 && this.#thrown.has(originId(stream, stored));
  }

  #refuseThrown(read: Readonly<Record<string, number>>): void {
    const [first] = this.#thrown.values();
    if (first === undefined || this.#options.isRetry) return;
    const total = read[first.held.stream] ?? 0;
    if (this.#thrown.size > total * MAX_THROWN_SHARE) throw first.failure;
  }
}
