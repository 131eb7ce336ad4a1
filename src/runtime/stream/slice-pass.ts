import type { Interval } from '../../model/coverage.ts';
import { type Page, type PageToken, wholeRecord } from '../../model/page.ts';
import type { Slice } from '../../model/slice.ts';
import type { OpenPass, SliceState } from '../../model/state.ts';
import type { StreamDefinition } from '../../model/stream.ts';
import { toInstant } from '../../util/instant.ts';
import { Boundary, type VersionOf, versionOf } from './boundary.ts';
import { type PageCopies, pageCopies } from './page-copies.ts';
import { coveredAfter, lookBackStart, provenUpTo } from './look-back.ts';
import { abandoned, isResumable, later } from './open-pass.ts';
import { instantReader, type InstantsOf, recordInstants } from './record-instants.ts';
import { recordKey } from '../dataset/record-key.ts';

export interface PassOptions {
  readonly definition: StreamDefinition;
  readonly slice: Slice;
  readonly before: SliceState;
  /** Full-refresh streams: the listing being read. */
  readonly listing: number | undefined;
  /** Overrides the stored position: a time to start from, or everything. */
  readonly start?: { readonly since: string | undefined };
  /** Streams with windows: where the last of them ends. What lies below is theirs. */
  readonly begin?: string;
  /** Versions that passes stored which were given up. */
  readonly stored?: ReadonlySet<string>;
  /** Where pages are held. Default: its own. */
  readonly copies?: PageCopies;
  /** The number of the last commit before the pass. */
  readonly after: number;
  readonly nowMs: number;
  /** When the run began. Default: now. */
  readonly beganMs?: number;
}

/** What a pass looks at in a page. */
export type AcceptedPage = Pick<Page, 'records' | 'partial' | 'again' | 'bytes' | 'next' | 'serverTime'>;

/**
 * One pass over one slice: where it began, how far it is, and what the slice's state will be when it is done. The
 * slice's cursor moves only when the pass is complete, because few APIs promise an order.
 */
export class SlicePass {
  readonly kind = 'forward';
  readonly until = undefined;
  readonly slice: Slice;
  /** What to ask the API for; undefined for everything. */
  readonly since: string | undefined;
  /** The page to begin with; undefined for the first. */
  readonly from: PageToken | undefined;
  readonly #options: PassOptions;
  readonly #startedAt: string;
  readonly #known: ReadonlySet<string>;
  readonly #keyOf: (record: unknown) => string | undefined;
  readonly #versionOf: VersionOf;
  readonly #instantsOf: InstantsOf | undefined;
  readonly #after: number;
  readonly #boundary: Boundary;
  readonly #resumedBoundary: readonly string[];
  readonly #resumedTo: string | undefined;
  #next: PageToken | undefined;
  #highest: string | undefined;
  #records: number;
  /** The server's time at the first page. */
  #asOf: string | undefined;
  /** The cursor moves no further than this. */
  #limit: string | undefined;
  #ahead = 0;

  constructor(options: PassOptions) {
    const { definition, nowMs } = options;
    const { cursor } = definition;
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
    this.since = resumed === undefined ? sinceOf(options, before) : resumed.since;
    this.#after = resumed?.after ?? options.after;
    this.#keyOf = recordKey(definition.primaryKey);
    this.#versionOf = versionOf(definition);
    this.#instantsOf = recordInstants(definition);
    this.#boundary = new Boundary({
      windowStart: (highest) => (cursor === undefined ? highest : provenUpTo(cursor, highest)),
      instantOf: instantReader(definition),
      versionOf: (record) => this.#versionOf(this.#keyOf(record), record),
      copies: options.copies ?? pageCopies(),
    });
  }

  /**
   * Takes in the records of a page and moves on to its `next`. Gives the indexes of records whose identical version is
   * stored already.
   */
  accept(page: AcceptedPage): readonly number[] {
    const { records, next, serverTime } = page;
    // First what may throw: a page that is not stored must leave no trace in the state, least of all its successor.
    const instants = this.#instantsOf?.(records);
    this.#next = next;
    this.#records += records.length;
    if (instants === undefined) return [];
    const known: number[] = [];
    const storedUpTo = later(this.#options.before.cursor, this.#options.before.boundaryTo);
    const limit = this.#limitOf(serverTime, instants);
    const stored = this.#options.stored ?? NONE;
    const covered = this.#covered();
    const begin = this.#options.begin === undefined ? undefined : toInstant(this.#options.begin);
    for (const [index, instant] of instants.entries()) {
      const record = records[index];
      const key = this.#keyOf(record);
      const isAhead = limit !== undefined && instant > limit;
      if (isAhead) this.#ahead += 1;
      else if (this.#highest === undefined || instant > this.#highest) this.#highest = instant;
      this.#boundary.add(instant, index, this.#highest ?? limit ?? instant);
      if ((begin !== undefined && instant < begin) || isIn(covered, instant)) {
        known.push(index);
        continue;
      }
      const mayBeStored = this.#known.size > 0 && storedUpTo !== undefined && instant <= storedUpTo;
      if (!mayBeStored && stored.size === 0) continue;
      const version = this.#versionOf(key, wholeRecord(page, index));
      if ((mayBeStored && this.#known.has(version)) || stored.has(version)) known.push(index);
    }
    this.#boundary.endPage(this.#mark, page);
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
    if (this.#options.definition.cursor !== undefined) open.after = this.#after;
    if (this.#options.listing !== undefined) open.listing = this.#options.listing;
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
    const { covered: _old, ...rest } = before;
    return { ...rest, ...this.#position(), open };
  }

  /** The slice's state when the API leaves the rest of it out. */
  leftOutState(): SliceState {
    const { before, listing } = this.#options;
    const { open: _open, ...rest } = before;
    if (listing === undefined) return rest;
    // The records of the last listing that showed the slice stand for it.
    const last = rest.skipped?.find((skip) => skip.listing === rest.listing)?.shown ?? rest.listing;
    const skipped = [...(rest.skipped ?? []).slice(-1), ...(last === undefined ? [] : [{ listing, shown: last }])];
    return { ...rest, listing, ...(skipped.length === 0 ? {} : { skipped }) };
  }

  /** The slice's state after its last page. */
  doneState(): SliceState {
    const done: SliceState = { records: Math.max(this.#records, this.#options.before.records ?? 0) };
    const { before, listing = before.listing } = this.#options;
    if (listing !== undefined) done.listing = listing;
    // What the listing before left out is told until this one is complete.
    const last = before.skipped?.at(-1);
    if (last !== undefined && last.listing === before.listing) done.skipped = [last];
    if (before.windows !== undefined) done.windows = before.windows;
    return { ...done, ...this.#position() };
  }

  /** Spans that windows have brought: where this pass reads over them, nothing is new. */
  #covered(): readonly Interval[] {
    const { start, listing, before } = this.#options;
    return start === undefined && listing === undefined ? (before.covered ?? []) : [];
  }

  /** How far the slice is proved to be read, and what is known at that boundary. */
  #position(): SliceState {
    const { before } = this.#options;
    const { cursor: how } = this.#options.definition;
    const done: SliceState = {};
    const cursor = later(before.cursor, this.#highest);
    if (cursor !== undefined) done.cursor = cursor;
    if (how !== undefined) Object.assign(done, coveredAfter(before, this.since, cursor, how));
    const mark = cursor ?? this.#mark;
    if (mark === undefined) return done;
    // When nothing newer came, what was known at the boundary is still there, whether or not the API sent it again.
    // And while the pass is under way, what lies beyond it, or at the very same instant, may still come.
    const isBehind = this.#next !== undefined && cursor !== undefined && (before.boundaryTo ?? '') >= cursor;
    const old = cursor === before.cursor || isBehind ? (before.boundary ?? []) : [];
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
   * newer ones: the cursor stays where the pass began. In a sorted list it comes again at the end, but a row may still
   * appear late: the cursor stays at the time of the first page that came so close to the present.
   */
  #limitOf(serverTime: string | undefined, instants: readonly string[]): string | undefined {
    if (this.#limit !== undefined) return this.#limit;
    const { cursor } = this.#options.definition;
    if (this.#asOf === undefined && serverTime !== undefined && cursor !== undefined) {
      const isPast =
        cursor.sorted === 'asc' && (instants.at(-1) ?? '') <= provenUpTo(cursor, toInstant(serverTime) ?? '');
      if (!isPast) this.#asOf = serverTime;
    }
    if (this.#asOf !== undefined) this.#limit = toInstant(this.#asOf);
    return this.#limit;
  }
}

/** The pass that an earlier run left open, when it can be gone on with. */
function resumable({ before, start, nowMs, beganMs = nowMs, definition, listing }: PassOptions): OpenPass | undefined {
  const { open } = before;
  if (start !== undefined || !isResumable(open, beganMs)) return undefined;
  // Beside an incremental stream's listings there are passes that belong to none.
  return definition.cursor === undefined || open.listing === listing ? open : undefined;
}

/** What a pass that begins anew asks for. */
function sinceOf(
  { definition: { cursor }, start, begin, listing }: PassOptions,
  before: SliceState,
): string | undefined {
  if (cursor === undefined || listing !== undefined) return undefined;
  if (begin !== undefined) return begin;
  const usual = before.cursor === undefined ? undefined : lookBackStart(cursor, before.cursor);
  if (start === undefined) return usual;
  // A pass that began later than the usual one would leave a hole that nobody ever fills.
  if (start.since === undefined || usual === undefined) return start.since;
  return start.since < usual ? start.since : usual;
}

function isIn(intervals: readonly Interval[], instant: string): boolean {
  return intervals.some(({ from, to }) => (from === undefined || from <= instant) && instant < to);
}

const NONE: ReadonlySet<string> = new Set();
