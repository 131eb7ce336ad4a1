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

/** A cursor further than this beyond the server's own time is a mistake in the data: it must not hide what is to come. */
const MAX_AHEAD_MS = 24 * 60 * 60 * 1000;

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
  readonly #resumedTo: string | undefined;
  #next: PageToken | undefined;
  #highest: string | undefined;
  /** Of a stream that promises an order: the record before. */
  #previous: string | undefined;
  #records: number;
  /** The server's time at the first page. */
  #asOf: string | undefined;
  /** The cursor moves no further than this. */
  #limit: string | undefined;
  #ahead = 0;

  constructor(options: PassOptions) {
    const { definition, nowMs } = options;
    const lookBackMs = definition.cursor?.lookBackMs ?? 0;
    const resumed = resumable(options);
    const before = resumed === undefined ? abandoned(options.before) : options.before;
    this.#options = { ...options, before };
    this.slice = options.slice;
    this.from = resumed?.next;
    this.#next = resumed?.next;
    this.#startedAt = resumed?.startedAt ?? new Date(nowMs).toISOString();
    this.#highest = resumed?.cursor;
    this.#records = resumed?.records ?? 0;
    this.#asOf = resumed?.asOf;
    this.#resumedBoundary = resumed?.boundary ?? [];
    this.#resumedTo = resumed?.boundaryTo;
    this.#known = new Set([...(before.boundary ?? []), ...this.#resumedBoundary]);
    if (resumed !== undefined) this.since = resumed.since;
    else {
      const usual = before.cursor === undefined ? undefined : instantMinus(before.cursor, lookBackMs);
      this.since =
        options.start === undefined ? usual : earlier(options.start.since, usual, before.cursor !== undefined);
    }
    this.#keyOf = recordKey(definition.primaryKey);
    this.#cursorOf = definition.cursor === undefined ? undefined : pointerReader(definition.cursor.pointer);
    this.#boundary = new Boundary((highest) => toInstant(instantMinus(highest, lookBackMs)) ?? highest);
  }

  /**
   * Takes in the records of a page and moves on to `next`. Gives the indexes of records whose identical version is
   * stored already.
   */
  accept(records: readonly unknown[], next: PageToken | undefined, serverTime?: string): readonly number[] {
    // First what may throw: a page that is not stored must leave no trace in the state, least of all its successor.
    const instants = this.#instantsOf(records);
    this.#next = next;
    this.#records += records.length;
    if (instants === undefined) return [];
    const known: number[] = [];
    const storedUpTo = later(this.#options.before.cursor, this.#options.before.boundaryTo);
    const limit = this.#limitOf(serverTime);
    for (const [index, instant] of instants.entries()) {
      const record = records[index];
      const key = this.#keyOf(record);
      const isAhead = limit !== undefined && instant > limit;
      if (isAhead) this.#ahead += 1;
      else if (this.#highest === undefined || instant > this.#highest) this.#highest = instant;
      this.#boundary.add(instant, key, record, this.#highest ?? limit ?? instant);
      const mayBeStored = this.#known.size > 0 && storedUpTo !== undefined && instant <= storedUpTo;
      if (mayBeStored && this.#known.has(fingerprint(key, record))) known.push(index);
    }
    this.#boundary.endPage(this.#mark);
    return known;
  }

  /** Records beyond the limit of the cursor so far: they are stored, and seen again by the next pass. */
  get ahead(): number {
    return this.#ahead;
  }

  /** The slice's state while the pass is under way. */
  openState(): SliceState {
    // Before its first page a pass has nothing to go on from.
    if (this.#next === undefined) return this.#options.before;
    const open: OpenPass = { startedAt: this.#startedAt, next: { ...this.#next }, records: this.#records };
    if (this.since !== undefined) open.since = this.since;
    if (this.#asOf !== undefined) open.asOf = this.#asOf;
    if (this.#highest !== undefined) open.cursor = this.#highest;
    const mark = this.#mark;
    if (mark !== undefined) {
      const seen = this.#seen(mark);
      if (seen !== undefined) open.boundary = seen;
      Object.assign(open, this.#boundaryTo(mark));
    }
    const before = this.#options.before;
    // In a list whose order each record has proved, all that lies below the last record has been seen.
    if (this.#options.definition.cursor?.sorted !== 'asc' || this.#options.start !== undefined)
      return { ...before, open };
    return { ...before, ...this.#position(), open };
  }

  /** The slice's state when the API leaves the rest of it out. */
  leftOutState(): SliceState {
    const { before, listing } = this.#options;
    const { open: _open, ...rest } = before;
    return listing === undefined ? rest : { ...rest, listing };
  }

  /** The slice's state after its last page. */
  doneState(): SliceState {
    const done: SliceState = { records: Math.max(this.#records, this.#options.before.records ?? 0) };
    if (this.#options.listing !== undefined) done.listing = this.#options.listing;
    return { ...done, ...this.#position() };
  }

  /** How far the slice is proved to be read, and what is known at that boundary. */
  #position(): SliceState {
    const { before } = this.#options;
    const done: SliceState = {};
    const cursor = later(before.cursor, this.#highest);
    if (cursor !== undefined) done.cursor = cursor;
    const mark = cursor ?? this.#mark;
    if (mark === undefined) return done;
    // When nothing newer came, what was known at the boundary is still there, whether or not the API sent it again.
    const old = cursor === before.cursor ? (before.boundary ?? []) : [];
    const seen = this.#seen(mark);
    if (seen === undefined) return done;
    done.boundary = [...new Set([...old, ...seen])];
    return { ...done, ...this.#boundaryTo(mark, old.length === 0 ? undefined : before.boundaryTo) };
  }

  /** What the look-back window lies below. */
  get #mark(): string | undefined {
    return this.#highest ?? this.#limit;
  }

  #boundaryTo(cursor: string, old?: string): { readonly boundaryTo?: string } {
    const top = later(later(this.#boundary.top, this.#resumedTo), old);
    return top === undefined || top <= cursor ? {} : { boundaryTo: top };
  }

  #seen(highest: string): string[] | undefined {
    const seen = this.#boundary.fingerprints(highest);
    return seen === undefined ? undefined : [...new Set([...this.#resumedBoundary, ...seen])];
  }

  /**
   * In a list without a promised order, a record that changes behind the page in hand is not seen, though later pages show
   * newer ones: the cursor stays where the pass began. In a sorted list it comes again at the end, so there the limit is
   * only what cannot be true.
   */
  #limitOf(serverTime: string | undefined): string | undefined {
    if (this.#asOf === undefined && serverTime !== undefined) this.#asOf = serverTime;
    if (this.#asOf === undefined || this.#limit !== undefined) return this.#limit;
    const isSorted = this.#options.definition.cursor?.sorted === 'asc';
    this.#limit = toInstant(isSorted ? instantMinus(this.#asOf, -MAX_AHEAD_MS) : this.#asOf);
    return this.#limit;
  }

  /** The cursor of each record; undefined for streams without one. */
  #instantsOf(records: readonly unknown[]): readonly string[] | undefined {
    const cursorOf = this.#cursorOf;
    if (cursorOf === undefined) return undefined;
    const instants: string[] = [];
    for (const record of records) instants.push(this.#instantOf(cursorOf(record), record));
    if (this.#options.definition.cursor?.sorted === 'asc') {
      const last = instants.reduce((before, instant, index) => {
        if (instant < before) throw this.#notSorted(before, instant, this.#keyOf(records[index]));
        return instant;
      }, this.#previous ?? '');
      this.#previous = last;
    }
    return instants;
  }

  #notSorted(before: string, instant: string, key: string | undefined): SassyError {
    const { definition } = this.#options;
    return new SassyError('API_WRONG_ANSWER', {
      message: `${definition.name} is not sorted: a record of ${instant} comes after one of ${before}`,
      why: `record ${key ?? '(without a key)'}; the stream says sorted: 'asc', and its position moves page by page`,
      fix: `ask the API for that order, or leave \`sorted\` out: the position then moves when a slice is read whole`,
    });
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

/** A pass that is given up: what it stored of the look-back window is known to the next one. */
export function abandoned({ open, ...state }: SliceState): SliceState {
  if (open?.boundary === undefined) return state;
  const boundaryTo = later(later(state.boundaryTo, open.boundaryTo), open.cursor);
  const boundary = [...new Set([...(state.boundary ?? []), ...open.boundary])];
  return { ...state, boundary, ...(boundaryTo === undefined ? {} : { boundaryTo }) };
}

function later(a: string | undefined, b: string | undefined): string | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a > b ? a : b;
}

/** A pass that began later than the usual one would leave a hole that nobody ever fills. */
function earlier(asked: string | undefined, usual: string | undefined, hasCursor: boolean): string | undefined {
  if (asked === undefined || !hasCursor || usual === undefined) return asked;
  return asked < usual ? asked : usual;
}
