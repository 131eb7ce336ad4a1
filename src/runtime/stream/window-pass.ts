import { type PageToken, wholeRecord } from '../../model/page.ts';
import type { Slice } from '../../model/slice.ts';
import type { OpenPass, SliceState } from '../../model/state.ts';
import type { CursorDefinition, StreamDefinition } from '../../model/stream.ts';
import { withInterval } from '../../model/coverage.ts';
import { toInstant } from '../../util/instant.ts';
import { versionOf, type VersionOf } from './boundary.ts';
import { coveredOf, provenUpTo, stated } from './look-back.ts';
import { later } from './open-pass.ts';
import { type InstantsOf, recordInstants } from './record-instants.ts';
import { recordKey } from '../dataset/record-key.ts';
import type { AcceptedPage } from './slice-pass.ts';

/** A span to read: ISO 8601 with milliseconds. A pass that an earlier run left open there is gone on with. */
export interface WindowSpan {
  readonly since: string;
  readonly until: string;
  readonly open?: OpenPass | undefined;
}

export interface WindowOptions {
  readonly definition: StreamDefinition;
  readonly cursor: CursorDefinition;
  readonly slice: Slice;
  readonly span: WindowSpan;
  /** Versions that are stored already. */
  readonly stored: ReadonlySet<string>;
  readonly after: number;
  readonly nowMs: number;
}

/**
 * One pass over a window of a slice: a span that lies in the past, so far that nothing in it can still appear late. When it
 * is complete the span is proven fetched; the slice's position stays where it is.
 */
export class WindowPass {
  readonly kind = 'window';
  readonly slice: Slice;
  readonly since: string;
  readonly until: string;
  readonly from: PageToken | undefined;
  readonly #options: WindowOptions;
  readonly #instantsOf: InstantsOf | undefined;
  readonly #keyOf: (record: unknown) => string | undefined;
  readonly #versionOf: VersionOf;
  readonly #low: string;
  readonly #high: string;
  readonly #marker: OpenPass;
  #next: PageToken | undefined;
  #records: number;
  #asOf: string | undefined;

  constructor(options: WindowOptions) {
    const { definition, slice, span, after, nowMs } = options;
    const { since, until, open } = span;
    this.#options = options;
    this.slice = slice;
    this.since = since;
    this.until = until;
    this.from = open?.next;
    this.#next = open?.next;
    this.#records = open?.records ?? 0;
    this.#asOf = open?.asOf;
    this.#marker = {
      since,
      until,
      after: open?.after ?? after,
      startedAt: open?.startedAt ?? new Date(nowMs).toISOString(),
    };
    this.#low = toInstant(since) ?? since;
    this.#high = toInstant(until) ?? until;
    this.#instantsOf = recordInstants(definition);
    this.#keyOf = recordKey(definition.primaryKey);
    this.#versionOf = versionOf(definition);
  }

  /** As of a SlicePass. Records outside of the window belong to another pass: they do not count here. */
  accept(page: AcceptedPage): readonly number[] {
    const { records, next, serverTime } = page;
    const instants = this.#instantsOf?.(records) ?? [];
    this.#next = next;
    this.#records += records.length;
    this.#asOf ??= serverTime;
    const { stored } = this.#options;
    return [...instants.keys()].filter((index) => {
      const instant = instants[index] ?? '';
      if (instant < this.#low || instant >= this.#high) return true;
      return stored.size > 0 && stored.has(this.#versionOf(this.#keyOf(records[index]), wholeRecord(page, index)));
    });
  }

  /** True when the server's clock says that records may still appear in the window. */
  isTooEarly(serverTime: string | undefined): boolean {
    const now = serverTime === undefined ? undefined : toInstant(serverTime);
    return now !== undefined && provenUpTo(this.#options.cursor, now) < this.#high;
  }

  /** The pass as the state holds it while it is under way; undefined before its first page. */
  openState(): OpenPass | undefined {
    if (this.#next === undefined) return undefined;
    const asOf = this.#asOf === undefined ? {} : { asOf: this.#asOf };
    return { ...this.#marker, next: { ...this.#next }, records: this.#records, ...asOf };
  }

  /** What is left in the state of a pass that is given up: where its pages are. */
  givenUp(): OpenPass {
    return this.#marker;
  }

  /** The slice's state when the window is read. */
  doneState(state: SliceState): SliceState {
    const { cursor } = this.#options;
    const span = { from: this.#low, to: this.#high };
    const covered = withInterval(coveredOf(state, cursor), span);
    const { covered: _old, windows = [], ...rest } = state;
    const left = windows.filter((open) => !isWithin(open, covered));
    const records = Math.max(this.#records, state.records ?? 0);
    return {
      ...rest,
      ...stated(covered, state.cursor, cursor),
      records,
      ...(left.length === 0 ? {} : { windows: left }),
    };
  }
}

function isWithin({ since, until }: OpenPass, covered: ReturnType<typeof withInterval>): boolean {
  const from = toInstant(since ?? '') ?? '';
  const to = toInstant(until ?? '') ?? '';
  return covered.some((interval) => (interval.from ?? '') <= from && later(interval.to, to) === interval.to);
}
