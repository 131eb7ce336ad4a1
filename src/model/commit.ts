import { z } from 'zod';
import { StreamState } from './state.ts';

/** The format of the raw store. A newer one is refused, never guessed at. */
export const STORE_FORMAT = 1;

/** The format of a commit with an overlay: who does not know overlays would look for segments that are no longer there. */
export const OVERLAY_FORMAT = 2;

/** One zstd frame in a segment: read as a range, never as a whole file, because decoders stop after the first frame. */
const Frame = z.object({
  offset: z.number(),
  /** Compressed length in bytes. */
  length: z.number(),
  /** Length of the page lines in bytes. */
  rawLength: z.number(),
  pages: z.number(),
  /** Of the compressed bytes, base64url. */
  sha256: z.string(),
});

export const Segment = z.object({ id: z.string(), frames: z.array(Frame) });

/** Where the slices of a state lie that are too many for the commit itself. */
const StateIndex = z.object({
  /** Of a file in the segments folder. */
  id: z.string(),
  frame: Frame,
  /** How many indexes must be read besides this one. */
  depth: z.number(),
});

/**
 * Where the pages of earlier commits lie now that their segments were merged, or what is left of them was written anew: a
 * file in the segments folder. Each commit after the one that wrote it names it too, until another takes its place.
 */
const OverlayFile = z.object({
  id: z.string(),
  frame: Frame,
  /** The number of the commit that wrote it. */
  commit: z.number(),
});

/** `commits/00000042.json`: makes segments and state visible together. Immutable. */
export const Commit = z.object({
  format: z.literal([STORE_FORMAT, OVERLAY_FORMAT]),
  stream: z.string(),
  number: z.number(),
  /** The checksum of the commit before; empty for the first. */
  parent: z.string(),
  /** The holder of the run lock: a writer with an older epoch is a zombie. */
  epoch: z.number(),
  runId: z.string(),
  committedAt: z.string(),
  /** Full-refresh streams: the listing that the pages of this commit belong to. */
  listing: z.number().optional(),
  segments: z.array(Segment),
  pages: z.number(),
  /** Records not stored before (see `known` of a page). */
  records: z.number(),
  /** The vendor's bytes. */
  bytes: z.number(),
  /** When there is an `index`, without its slices. */
  state: StreamState,
  index: StateIndex.optional(),
  overlay: OverlayFile.optional(),
});

export type Frame = z.infer<typeof Frame>;
export type Segment = z.infer<typeof Segment>;
export type OverlayFile = z.infer<typeof OverlayFile>;
export type StateIndex = z.infer<typeof StateIndex>;
export type Commit = z.infer<typeof Commit>;
