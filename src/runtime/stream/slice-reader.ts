import { isSassyError } from '../../errors/sassy-error.ts';
import { sliceKey, type Slice } from '../../model/slice.ts';
import { parentsOf } from '../../model/slice-source.ts';
import { pageCopies } from './page-copies.ts';
import { PageKeeper } from './page-keeper.ts';
import { type PassEnd, readPass } from './pass-reader.ts';
import { restartReason } from './restart-reason.ts';
import { SlicePass } from './slice-pass.ts';
import { givenUpAfter } from './slice-start.ts';
import type { Pass } from './slice-states.ts';
import { sliceWindows, type SliceWindows } from './slice-windows.ts';
import { storedVersions } from './stored-versions.ts';
import type { StreamWork } from './stream-work.ts';
import type { TaskQueue } from './task-queue.ts';
import { WindowPass, type WindowSpan } from './window-pass.ts';

/** A slice whose list is lost or shifts is read again this often, then its error stands. */
const MOST_RESTARTS = 2;

/** The first windows of a run teach the server's time, by which the others are planned. */
const FIRST_WINDOWS = 4;
const MOST_WINDOWS = 256;

/** A slice while this run reads it. */
interface SliceRun {
  readonly slice: Slice;
  /** Versions that are stored already: those at the position, and those of passes that were given up. */
  readonly stored: Set<string>;
  /** Windows that are not read yet, before the next step. */
  waiting: number;
  /** What was known when the windows were last planned. */
  planned: string;
  isLeftOut: boolean;
}

/** Reads slices: first the windows that are missing, side by side, then, from there on, what is new. */
export class SliceReader {
  readonly #work: StreamWork;
  readonly #queue: TaskQueue;
  readonly #keeper: PageKeeper;
  readonly #windows: SliceWindows | undefined;
  readonly #copies = pageCopies();
  /** The newest commit before this run's own. */
  readonly #begunAfter: number;
  #finished = 0;
  #gone = 0;
  #firstGone: unknown;

  constructor(work: StreamWork, queue: TaskQueue) {
    this.#work = work;
    this.#queue = queue;
    this.#keeper = new PageKeeper(work);
    this.#begunAfter = work.writer.head?.number ?? 0;
    this.#windows = sliceWindows(work.definition, work.options, work.context.config);
  }

  /** Slices that were read to their end, or left out. */
  get finished(): number {
    return this.#finished;
  }

  /** How many slices the API does not know, and its first answer to that. */
  get gone(): { readonly count: number; readonly first: unknown } {
    return { count: this.#gone, first: this.#firstGone };
  }

  /** A task for the queue: may add others, and is over before they are. */
  async read(slice: Slice, stored: ReadonlySet<string> | undefined): Promise<void> {
    const known = this.#windows === undefined ? [] : (this.#work.states.of(slice).boundary ?? []);
    // What is asked for again is stored again; but not what this very run has stored.
    const before = this.#isAskedAgain(slice) ? [] : [...known, ...(stored ?? [])];
    const run = { slice, stored: new Set(before), waiting: 0, planned: '', isLeftOut: false };
    await this.#goOn(run);
  }

  async #goOn(run: SliceRun): Promise<void> {
    const spans = run.isLeftOut ? [] : this.#missing(run);
    const isNews = this.#isNews(run);
    if (spans.length > 0 && isNews) {
      this.#announce(run, spans);
      run.waiting = spans.length;
      this.#queue.addFirst(spans.map((span) => () => this.#readWindow(run, span)));
      return;
    }
    if (this.#work.options.until !== undefined && spans.length > 0) return;
    if (!run.isLeftOut && this.#work.options.until === undefined) {
      const end = await this.#attempts(run, () => this.#forward(run));
      if (end === 'stopped') return;
    }
    this.#finished += 1;
  }

  #missing({ slice, planned }: SliceRun): readonly WindowSpan[] {
    const { states, context, serverTimeMs, beganMs } = this.#work;
    const most = serverTimeMs === undefined && planned === '' ? FIRST_WINDOWS : MOST_WINDOWS;
    const clocks = { serverTimeMs, ourTimeMs: context.host.clock.now(), beganMs };
    return this.#windows?.plan(states.of(slice), clocks, most) ?? [];
  }

  /** So that a run that is cut short between two windows leaves behind how far it wanted to come. */
  #announce({ slice }: SliceRun, spans: readonly WindowSpan[]): void {
    const { states, options } = this.#work;
    const due = spans.at(-1)?.until;
    if (due !== undefined && options.until === undefined) states.set(slice, { ...states.of(slice), due });
  }

  /** False when the round before proved nothing, and taught nothing about the time: another would not either. */
  #isNews(run: SliceRun): boolean {
    const { states, serverTimeMs } = this.#work;
    const planned = `${serverTimeMs === undefined} ${JSON.stringify(states.of(run.slice).covered ?? null)}`;
    const isNews = planned !== run.planned;
    run.planned = planned;
    return isNews;
  }

  async #readWindow(run: SliceRun, span: WindowSpan): Promise<void> {
    const { definition, writer, context } = this.#work;
    const { cursor } = definition;
    if (!run.isLeftOut && cursor !== undefined) {
      const { slice, stored } = run;
      const end = await this.#attempts(run, () => {
        const nowMs = context.host.clock.now();
        return new WindowPass({ definition, cursor, slice, span, stored, after: writer.head?.number ?? 0, nowMs });
      });
      if (end === 'stopped') return;
    }
    run.waiting -= 1;
    if (run.waiting === 0) await this.#goOn(run);
  }

  #forward({ slice, stored }: SliceRun): SlicePass {
    const { definition, options, states, listing, writer, context, beganMs } = this.#work;
    const before = states.of(slice);
    const begin = this.#windows?.begin(before);
    const start = this.#isAskedAgain(slice) ? { since: options.full ? undefined : options.since } : undefined;
    return new SlicePass({
      definition,
      slice,
      before,
      listing: listing?.number,
      ...(start === undefined ? {} : { start }),
      ...(begin === undefined ? {} : { begin }),
      stored,
      copies: this.#copies,
      after: writer.head?.number ?? 0,
      nowMs: context.host.clock.now(),
      beganMs,
    });
  }

  /** True where the command says what to read, whatever was read before; windows are planned by it instead. */
  #isAskedAgain(slice: Slice): boolean {
    const { full, since, until } = this.#work.options;
    if (until !== undefined || (!full && since === undefined)) return false;
    return this.#windows?.begin(this.#work.states.of(slice)) === undefined;
  }

  async #attempts(run: SliceRun, make: () => Pass): Promise<PassEnd> {
    const { states, context, definition } = this.#work;
    for (let restarts = 0; ; restarts += 1) {
      const pass = make();
      states.begin(pass);
      try {
        const end = await readPass(this.#work, this.#keeper, pass, restarts > 0);
        if (end === 'too early') states.leaveOut(pass);
        return end;
      } catch (error) {
        if (isSassyError(error, 'SLICE_SKIPPED')) return this.#leaveOut(run, pass, error);
        const why = restarts < MOST_RESTARTS ? restartReason(error, pass, definition) : undefined;
        if (why === undefined && this.#isGone(error)) {
          // Its parent was deleted after it was listed: there is nothing to read, and nothing to wait for.
          this.#gone += 1;
          this.#firstGone ??= error;
          return this.#leaveOut(run, pass, error);
        }
        if (why === undefined) throw error;
        context.progress({ type: 'note', text: `${definition.name}: ${why}; the slice is read again` });
        states.forgetPage(pass);
        await this.#learnStored(run);
      }
    }
  }

  /** What the slice has stored of passes that were given up is not stored again. */
  async #learnStored({ slice, stored }: SliceRun): Promise<void> {
    const { states, committer, context, definition } = this.#work;
    const givenUp = givenUpAfter(states.of(slice));
    if (givenUp === undefined) return;
    const after = this.#isAskedAgain(slice) ? Math.max(givenUp, this.#begunAfter) : givenUp;
    await committer.commit();
    const key = sliceKey(slice);
    const found = await storedVersions(context.blobs, definition, new Map([[key, after]]));
    for (const version of found.get(key) ?? []) stored.add(version);
  }

  #leaveOut(run: SliceRun, pass: Pass, error: unknown): PassEnd {
    const { totals, states } = this.#work;
    if (!run.isLeftOut) totals.skippedSlices += 1;
    totals.skipReasons.add(isSassyError(error) ? error.message : String(error));
    run.isLeftOut = true;
    states.leaveOut(pass);
    return 'done';
  }

  #isGone(error: unknown): boolean {
    if (parentsOf(this.#work.definition.slices).length === 0 || !isSassyError(error, 'API_REFUSED')) return false;
    return error.status === 404 || error.status === 410;
  }
}
