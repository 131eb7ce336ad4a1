import { SassyError } from '../errors/sassy-error.ts';
import type { PageToken } from '../model/page.ts';
import type { Slice } from '../model/slice.ts';
import type { OpenPass, SliceState } from '../model/state.ts';
import type { StreamDefinition } from '../model/stream.ts';
import { instantMinus, toInstant } from '../util/instant.ts';
import { pointerReader } from '../util/json-pointer.ts';
import { Boundary, fingerprint } from './boundary.ts';
import { recordKey } from './record-key.ts';

/** A page token older than this is not trusted: the pass starts again. */
export const MAX_PASS_AGE_MS = 24 * 60 * 60 * 1000;

export interface PassOptions {
  readonly definition: StreamDefinition;
  readonly slice: Slice;
  readonly before: SliceState;
  /** Full-refresh streams: the listing being read. */
  readonly listing: number | undefined;
  /** Overrides the stored position: a time to start from, or everything. */
  readonly start?: { readonly since: string | undefined };
  readonly nowMs: number;
}

/**
 * One pass over one slice: where it began, how far it is, and what the slice's state will be when it is done. The
 * slice's cursor moves only when the pass is complete, because few APIs promise an order.
 */
export class SlicePass {
  readonly slice: Slice;
  /** What to ask the API for; undefined for everything. */
  readonly since: string | undefined;
  /** The page to begin with; undefined for the first. */
  readonly from: PageToken | undefined;
  readonly #options: PassOptions;
  readonly #startedAt: string;
  readonly #known: ReadonlySet<string>;
  readonly #keyOf: (record: unknown) => string | undefined;
  readonly #cursorOf: ((record: unknown) => unknown) | undefined;
  readonly #boundary: Boundary;
  readonly #resumedBoundary: readonly string[];
  #next: PageToken | undefined;
  #highest: string | undefined;

  constructor(options: PassOptions) {
    const { definition, before, nowMs } = options;
    const lookBackMs = definition.cursor?.lookBackMs ?? 0;
    const resumed = resumable(options);
    this.#options = options;
    this.slice = options.slice;
    this.from = resumed?.next;
    this.#next = resumed?.next;
    this.#startedAt = resumed?.startedAt ?? new Date(nowMs).toISOString();
    this.#highest = resumed?.cursor;
    this.#resumedBoundary = resumed?.boundary ?? [];
    this.#known = new Set([...(before.boundary ?? []), ...this.#resumedBoundary]);
    if (resumed !== undefined) this.since = resumed.since;
    else if (options.start !== undefined) this.since = options.start.since;
    else if (before.cursor !== undefined) this.since = instantMinus(before.cursor, lookBackMs);
    this.#keyOf = recordKey(definition.primaryKey);
    this.#cursorOf = definition.cursor === undefined ? undefined : pointerReader(definition.cursor.pointer);
    this.#boundary = new Boundary((highest) => toInstant(instantMinus(highest, lookBackMs)) ?? highest);
  }

  /**
   * Takes in the records of a page and moves on to `next`. Gives the indexes of records whose identical version is
   * stored already.
   */
  accept(records: readonly unknown[], next: PageToken | undefined): readonly number[] {
    this.#next = next;
    const cursorOf = this.#cursorOf;
    if (cursorOf === undefined) return [];
    const known: number[] = [];
    const storedUpTo = this.#options.before.cursor;
    for (let index = 0; index < records.length; index += 1) {
      const record = records[index];
      const instant = this.#instantOf(cursorOf(record), record);
      const key = this.#keyOf(record);
      if (this.#highest === undefined || instant > this.#highest) this.#highest = instant;
      this.#boundary.add(instant, key, record, this.#highest);
      const mayBeStored = storedUpTo !== undefined && instant <= storedUpTo && this.#known.size > 0;
      if (mayBeStored && this.#known.has(fingerprint(key, record))) known.push(index);
    }
    this.#boundary.endPage(this.#highest);
    return known;
  }

  /** The slice's state while the pass is under way. */
  openState(): SliceState {
    // Before its first page a pass has nothing to go on from.
    if (this.#next === undefined) return this.#options.before;
    const open: OpenPass = { startedAt: this.#startedAt, next: { ...this.#next } };
    if (this.since !== undefined) open.since = this.since;
    if (this.#highest !== undefined) {
      open.cursor = this.#highest;
      const seen = this.#seen(this.#highest);
      if (seen !== undefined) open.boundary = seen;
    }
    return { ...this.#options.before, open };
  }

  /** The slice's state after its last page. */
  doneState(): SliceState {
    const { before, listing } = this.#options;
    const done: SliceState = {};
    if (listing !== undefined) done.listing = listing;
    const cursor = later(before.cursor, this.#highest);
    if (cursor === undefined) return done;
    done.cursor = cursor;
    // When nothing newer came, what was known at the boundary is still there, whether or not the API sent it again.
    const old = cursor === before.cursor ? (before.boundary ?? []) : [];
    const seen = this.#seen(cursor);
    if (seen !== undefined) done.boundary = [...new Set([...old, ...seen])];
    return done;
  }

  #seen(highest: string): string[] | undefined {
    const seen = this.#boundary.fingerprints(highest);
    return seen === undefined ? undefined : [...new Set([...this.#resumedBoundary, ...seen])];
  }

  #instantOf(value: unknown, record: unknown): string {
    const instant = typeof value === 'string' ? toInstant(value) : undefined;
    if (instant !== undefined) return instant;
    const { definition } = this.#options;
    throw new SassyError('API_WRONG_ANSWER', {
      message: `a record of ${definition.name} has no time at ${definition.cursor?.pointer ?? ''}`,
      why: `record ${this.#keyOf(record) ?? '(without a key)'} has ${value === undefined ? 'nothing' : JSON.stringify(value)} there; the cursor of a stream must be an ISO 8601 time with a zone on every record`,
      fix: `give the stream a cursor that every record has, or none: it is then read in full each run`,
    });
  }
}

/** The pass that an earlier run left open, when it can be gone on with. */
function resumable({ before, start, nowMs }: PassOptions): OpenPass | undefined {
  const { open } = before;
  if (open?.next === undefined || start !== undefined) return undefined;
  return nowMs - Date.parse(open.startedAt) < MAX_PASS_AGE_MS ? open : undefined;
}

function later(a: string | undefined, b: string | undefined): string | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a > b ? a : b;
}
