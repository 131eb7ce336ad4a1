import { holesIn, type Interval, withInterval } from '../../model/coverage.ts';
import type { Manifest } from '../../model/manifest.ts';
import { sliceKey, type Slice } from '../../model/slice.ts';
import type { SliceSource } from '../../model/slice-source.ts';
import type { SliceState, StreamState } from '../../model/state.ts';
import type { CursorDefinition, StreamDefinition } from '../../model/stream.ts';
import type { BlobStore } from '../../store/blob-store.ts';
import { openRawStream } from '../../store/raw-stream.ts';
import { toInstant } from '../../util/instant.ts';
import { storedRecords } from '../dataset/datasets.ts';
import { coveredOf, provenUpTo } from './look-back.ts';
import { planSlices } from './slice-plan.ts';

/** A span of a stream's cursor; null: since ever, or up to now. */
export interface GapSpan {
  readonly from: string | null;
  readonly to: string | null;
}

export interface SliceGaps {
  readonly slice: Slice;
  /** What is proven fetched. Empty for a stream that is read in full: such a slice is read or not. */
  readonly covered: readonly GapSpan[];
  readonly gaps: readonly GapSpan[];
}

export interface StreamGaps {
  readonly name: string;
  /** By what records are ordered; undefined for a stream that is read in full each run. */
  readonly cursor?: string;
  /** Of a stream that is listed in full: the listing under way or last begun, and the last complete one. */
  readonly listing?: { readonly current: number; readonly complete?: number | undefined };
  readonly slices: readonly SliceGaps[];
  /** Of all slices; at least one where nothing was ever read. */
  readonly gaps: number;
}

const EVERYTHING: GapSpan = { from: null, to: null };

/** Which intervals of which slices are proven fetched, from what is committed alone. Reads only; asks no API, needs no config. */
export async function streamGaps(
  { manifest, blobs }: { readonly manifest: Manifest; readonly blobs: BlobStore },
  definition: StreamDefinition,
): Promise<StreamGaps> {
  const raw = await openRawStream(blobs, definition.name);
  const state = await raw.state();
  const wanted = await wantedSlices(manifest, blobs, definition);
  const keys = wanted === undefined ? Object.keys(state.slices) : wanted.map(sliceKey);
  const slices = keys.map((key) => sliceGaps(definition, state, key));
  return {
    name: definition.name,
    ...(definition.cursor === undefined ? {} : { cursor: definition.cursor.pointer }),
    ...(state.listing === undefined
      ? {}
      : { listing: { current: state.listing.current, complete: state.listing.complete } }),
    slices,
    // A stream that was never read may have no slices yet: its parent was not read either.
    gaps: raw.head === undefined ? Math.max(1, slices.length) : slices.reduce((sum, { gaps }) => sum + gaps.length, 0),
  };
}

/** The slices that a run would read; undefined where only the config knows. */
async function wantedSlices(
  manifest: Manifest,
  blobs: BlobStore,
  { name: stream, slices }: StreamDefinition,
): Promise<readonly Slice[] | undefined> {
  if (asksConfig(slices)) return undefined;
  return planSlices(slices, {
    stream,
    config: undefined,
    async *parentRecords(name) {
      const parent = manifest.streams.find((other) => other.name === name);
      if (parent === undefined) return;
      const raw = await openRawStream(blobs, name);
      for await (const { record } of storedRecords(raw, parent, { upTo: raw.head?.number ?? 0 })) yield record;
    },
  });
}

function asksConfig(source: SliceSource): boolean {
  return source.kind === 'config' || (source.kind === 'product' && source.factors.some(asksConfig));
}

function sliceGaps(definition: StreamDefinition, { slices, listing }: StreamState, key: string): SliceGaps {
  const state = Object.hasOwn(slices, key) ? slices[key] : undefined;
  const slice: Slice = JSON.parse(key);
  const { cursor } = definition;
  if (state === undefined) return { slice, covered: [], gaps: [EVERYTHING] };
  if (cursor === undefined) {
    const isRead = listing !== undefined && (state.listing === listing.current || listing.complete === listing.current);
    return { slice, covered: [], gaps: isRead ? [] : [EVERYTHING] };
  }
  const covered = shownCoverage(state, cursor);
  return { slice, covered: covered.map(asSpan), gaps: gapsOf(definition, state, covered) };
}

/** What is proven, with the look-back below the position: it is read again, but it has been read. */
function shownCoverage(state: SliceState, cursor: CursorDefinition): readonly Interval[] {
  const proven = coveredOf(state, cursor);
  if (state.cursor === undefined) return proven;
  return withInterval(proven, { from: provenUpTo(cursor, state.cursor), to: state.cursor });
}

function gapsOf({ windows }: StreamDefinition, state: SliceState, covered: readonly Interval[]): readonly GapSpan[] {
  const begin = typeof windows?.from === 'string' ? toInstant(windows.from) : windows && covered[0]?.from;
  const end = [covered.at(-1)?.to, state.due]
    .filter((time) => time !== undefined)
    .map((time) => toInstant(time) ?? time);
  const last = end.toSorted().at(-1);
  const isUnderWay = state.open !== undefined || state.due !== undefined;
  // Complete, and empty.
  if (last === undefined) return isUnderWay || state.records === undefined ? [EVERYTHING] : [];
  const inside = holesIn(covered, begin, last).map(asSpan);
  if (!isUnderWay) return inside;
  const top = inside.at(-1);
  if (top?.to === asTime(last)) return [...inside.slice(0, -1), { from: top.from, to: null }];
  return [...inside, { from: asTime(last), to: null }];
}

function asSpan({ from, to }: Interval): GapSpan {
  return { from: from === undefined ? null : asTime(from), to: asTime(to) };
}

/** Milliseconds are what people and the command line's options know. */
function asTime(instant: string): string {
  return `${instant.slice(0, 23)}Z`;
}
