import { z } from 'zod';
import { SassyError } from '../errors/sassy-error.ts';
import { type OverlayFile, Segment } from '../model/commit.ts';
import type { BlobStore } from './blob-store.ts';
import { decodeFrame } from './frame.ts';
import { segmentKey } from './store-keys.ts';

/** Commits whose frames were copied, byte by byte and in one piece each, into one segment. */
const Moved = z.object({
  id: z.string(),
  commits: z.array(z.number()),
  /** Where the frames of each of these commits begin. */
  at: z.array(z.number()),
});

/** A commit of which pages were changed or removed, or whose frames do not lie in one piece. */
const Rewritten = z.object({
  segments: z.array(Segment),
  pages: z.number(),
  records: z.number(),
  bytes: z.number(),
});

const OverlayContent = z.object({
  moved: z.array(Moved),
  /** By the commit's number. */
  rewritten: z.record(z.string(), Rewritten),
  /** Files of the segments folder that nobody needs any more: removed after the commit, or by the next recovery. */
  obsolete: z.array(z.string()),
});

export type Rewritten = z.infer<typeof Rewritten>;

/** What an overlay file holds, as one line of JSON: all that ever was moved or changed, so that only the newest is read. */
export type OverlayContent = z.infer<typeof OverlayContent>;

export function encodeOverlay(content: OverlayContent): Buffer {
  return Buffer.from(`${JSON.stringify(content)}\n`);
}

/** STORE_CORRUPT when the file is gone, or is not what was written. */
export async function readOverlayFile(
  blobs: BlobStore,
  stream: string,
  { id, frame }: OverlayFile,
): Promise<OverlayContent> {
  const key = segmentKey(stream, id);
  const file = blobs.locate(key);
  const raw = await decodeFrame(await blobs.range(key, frame.offset, frame.length), frame, file);
  const content = OverlayContent.safeParse(JSON.parse(raw.toString()));
  if (content.success) return content.data;
  throw new SassyError('STORE_CORRUPT', {
    message: `${file} is damaged`,
    why: 'it does not say where pages lie, although its checksum is right',
    fix: 'put the file back from a backup',
  });
}
