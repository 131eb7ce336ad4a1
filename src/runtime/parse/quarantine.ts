import { SassyError } from '../../errors/sassy-error.ts';
import { readLimit, type Limit } from '../../model/limit.ts';
import type { Manifest } from '../../model/manifest.ts';
import type { DriftFinding } from '../../model/results.ts';
import type { QuarantineEntry } from '../dataset/quarantine-entry.ts';
import { type QuarantinedLine, quarantineLine } from './quarantine-line.ts';
import type { Held } from '../dataset/trail.ts';

/** More than this share, or this many, means that the parser or the API changed: going on would ruin the entities. */
const MAX_SHARE = 0.01;
const MAX_COUNT = 100;
/** Below this many a share says nothing. */
const MIN_COUNT = 10;

export interface QuarantineOptions {
  readonly parser: string;
  readonly manifest: Manifest;
  readonly runId: string;
  /** A retry has no budget: what fails again stays where it is. */
  readonly hasBudget: boolean;
}

/**
 * Where records and entities go that fail validation. Nothing is dropped: each is kept with the reason and the page
 * it came from, counted, and shown. Too many of them end the run before anything is changed.
 */
export class Quarantine {
  readonly #options: QuarantineOptions;
  readonly #lines: QuarantinedLine[] = [];
  readonly #byStream = new Map<string, number>();
  readonly #findings = new Map<string, { stream: string; path: string; problem: string; count: number }>();

  constructor(options: QuarantineOptions) {
    this.#options = options;
  }

  get count(): number {
    return this.#lines.length;
  }

  get lines(): readonly QuarantinedLine[] {
    return this.#lines;
  }

  /** What differs from the schemas, by place: the first message of each place and how often. */
  get findings(): readonly DriftFinding[] {
    return [...this.#findings.values()];
  }

  /**
   * A raw record that does not match its stream's schema, that led to an entity which does not match its own, or at which
   * the parser threw.
   * @throws SassyError TOO_MANY_INVALID when it is one more than may ever be
   */
  add(kind: QuarantineEntry['kind'], held: Held | undefined, error: unknown, entity?: unknown): void {
    const { parser, manifest, runId } = this.#options;
    const stream = manifest.streams.find(({ name }) => name === held?.stream);
    this.addLine(quarantineLine({ parser, runId, number: this.count, stream }, kind, held, error, entity));
  }

  /** The same for a line that was made elsewhere. */
  addLine(line: QuarantinedLine): void {
    const { parser } = this.#options;
    const { kind, stream } = line.entry;
    const place = kind === 'record' ? stream : parser;
    for (const { path, message } of line.entry.problems) {
      const finding = this.#findings.get(`${place} ${path}`) ?? { stream: place, path, problem: message, count: 0 };
      finding.count += 1;
      this.#findings.set(`${place} ${path}`, finding);
    }
    this.#lines.push(line);
    const count = (this.#byStream.get(stream) ?? 0) + 1;
    this.#byStream.set(stream, count);
    const most = this.#budgetOf(stream) === undefined ? MAX_COUNT : Number.POSITIVE_INFINITY;
    if (this.#options.hasBudget && count > most) throw this.#tooMany(stream, count, undefined);
  }

  /** Throws when there is too much of it. `read`: stream → records read. */
  check(read: Readonly<Record<string, number>>): void {
    if (!this.#options.hasBudget) return;
    for (const [stream, count] of this.#byStream) {
      const total = read[stream] ?? Math.max(0, ...Object.values(read));
      const budget = this.#budgetOf(stream);
      const isTooMuch =
        budget === undefined
          ? count > MAX_COUNT || (count >= MIN_COUNT && count > total * MAX_SHARE)
          : count > budget.of(total);
      if (isTooMuch) throw this.#tooMany(stream, count, total);
    }
  }

  #budgetOf(stream: string): ReturnType<typeof readLimit> {
    const { streams, failureBudget } = this.#options.manifest;
    const own: Limit | undefined = streams.find(({ name }) => name === stream)?.failureBudget ?? failureBudget;
    return own === undefined ? undefined : readLimit(own);
  }

  #tooMany(stream: string, count: number, total: number | undefined): SassyError {
    const { parser } = this.#options;
    const worst = [...this.#findings.values()].sort((a, b) => b.count - a.count)[0];
    const of = total === undefined ? `more than ${MAX_COUNT}` : `${count} of ${total}`;
    return new SassyError('TOO_MANY_INVALID', {
      message: `${parser}: ${of} records${stream === parser ? '' : ` of ${stream}`} do not match their schema, so nothing was changed`,
      ...(worst === undefined
        ? {}
        : { why: `most often ${worst.stream} ${worst.path}: ${worst.problem} (${worst.count} times)` }),
      fix: 'mend the schema or the parser in the integration, then run parse again; nothing needs to be fetched',
    });
  }
}
