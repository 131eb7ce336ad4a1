import { z } from 'zod';

/**
 * The state of one stream: everything needed to go on. It lies inside each commit, so bytes and position become
 * visible together. `slices` is keyed by `sliceKey(slice)`.
 */
const OpenPass = z.object({
  /** The lower bound this pass asks the API for; absent on a first or full pass. */
  since: z.string().optional(),
  /** The upper bound, of a pass over a window. */
  until: z.string().optional(),
  /** The next page to fetch; absent before the first page of the pass. */
  next: z.record(z.string(), z.unknown()).optional(),
  /** Highest cursor seen in this pass so far. Becomes the slice's cursor when the pass is complete, never before. */
  cursor: z.string().optional(),
  /** Fingerprints of the versions seen in this pass that the next look-back will see again. */
  boundary: z.array(z.string()).optional(),
  /** As in the slice's state. */
  boundaryTo: z.string().optional(),
  /** The server's time when the pass began: what changed later may have moved to where the pass had been. */
  asOf: z.string().optional(),
  /** Records this pass has brought so far. */
  records: z.number().optional(),
  /** The listing that this pass is a part of. */
  listing: z.number().optional(),
  /** Its pages lie in commits after this one. */
  after: z.number().optional(),
  /** Wall clock, ISO 8601: a page token older than a day is not trusted. */
  startedAt: z.string(),
});

const Interval = z.object({ from: z.string().optional(), to: z.string() });

export const SliceState = z.object({
  /** Highest cursor of all complete passes. The next pass asks for what is at or after it, less the look-back. */
  cursor: z.string().optional(),
  /**
   * Which spans of the cursor are proven fetched and need not be read again, sorted and merged. Absent with a `cursor`: all
   * that lies below it, less the look-back.
   */
  covered: z.array(Interval).optional(),
  /** Fingerprints (key and content) of the stored versions inside the look-back window. */
  boundary: z.array(z.string()).optional(),
  /** The highest cursor among these versions, where it is beyond the slice's cursor. */
  boundaryTo: z.string().optional(),
  /** The listing this slice was completely read in (full-refresh streams). */
  listing: z.number().optional(),
  /** Listings that left this slice out, and the one before whose records stand for it. */
  skipped: z.array(z.object({ listing: z.number(), shown: z.number() })).optional(),
  /** How many records the last complete pass brought: the largest slices are begun first. */
  records: z.number().optional(),
  /** A pass under way, or left over from a run that ended early. */
  open: OpenPass.optional(),
  /** Passes over windows, under way or left over. */
  windows: z.array(OpenPass).optional(),
  /** Windows up to this time are to be read before the slice is up to date. */
  due: z.string().optional(),
  /** Passes were given up whose pages lie in commits after this one: what is read again is compared with them. */
  redo: z.number().optional(),
});

export const StreamState = z.object({
  slices: z.record(z.string(), SliceState),
  /** Streams that are listed in full: the listing under way and the last complete one. */
  listing: z
    .object({
      current: z.number(),
      complete: z.number().optional(),
      startedAt: z.string(),
      /** Slices of the current listing were left out, because they may not be read or are gone. */
      skipping: z.boolean().optional(),
      /** The same of the last complete one: what it does not show may still be there, so nothing is archived by it. */
      holes: z.boolean().optional(),
      /** Incremental streams: complete runs since the last complete listing. */
      runs: z.number().optional(),
    })
    .optional(),
});

export type OpenPass = z.infer<typeof OpenPass>;
export type SliceState = z.infer<typeof SliceState>;
export type StreamState = z.infer<typeof StreamState>;
