import type { Commit } from '../model/commit.ts';

/** One segment and the commits whose frames lie in it. */
export interface SegmentUse {
  readonly id: string;
  /** Compressed; of the frames that commits name. */
  readonly bytes: number;
  /** Ascending. */
  readonly commits: readonly number[];
}

/** The segments that commits name, in the order of the first commit that does. `commits`: oldest first, as they lie now. */
export async function segmentUses(commits: AsyncIterable<Commit>): Promise<readonly SegmentUse[]> {
  const uses = new Map<string, { id: string; bytes: number; commits: number[] }>();
  for await (const { number, segments } of commits) {
    for (const { id, frames } of segments) {
      const use = uses.get(id) ?? { id, bytes: 0, commits: [] };
      use.bytes += frames.reduce((sum, { length }) => sum + length, 0);
      if (use.commits.at(-1) !== number) use.commits.push(number);
      uses.set(id, use);
    }
  }
  return [...uses.values()];
}

/** Cuts segments into parts of about so many bytes each: what one commit of a rewrite takes on. */
export function inParts(uses: readonly SegmentUse[], bytes: number): readonly (readonly SegmentUse[])[] {
  const parts: SegmentUse[][] = [];
  let sum = Infinity;
  for (const use of uses) {
    if (sum + use.bytes > bytes) {
      parts.push([]);
      sum = 0;
    }
    parts.at(-1)?.push(use);
    sum += use.bytes;
  }
  return parts;
}

/** The segments of a part and the commits in them, as a rewrite wants them. */
export function toRewrite(part: readonly SegmentUse[]): {
  readonly segments: ReadonlySet<string>;
  readonly commits: readonly number[];
} {
  const commits = new Set(part.flatMap((use) => use.commits));
  return { segments: new Set(part.map(({ id }) => id)), commits: [...commits].sort((a, b) => a - b) };
}
