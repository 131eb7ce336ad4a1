import type { Commit, Segment } from '../model/commit.ts';
import type { OverlayContent, Rewritten } from './overlay-file.ts';

/** Where the frames of a commit lie now. */
export type Place =
  /** All of them as they were, one after the other from here on. */
  | { readonly kind: 'moved'; readonly id: string; readonly at: number }
  | { readonly kind: 'rewritten'; readonly now: Rewritten };

/** Puts the place where a commit's pages lie now over what its file says. */
export interface Overlay {
  /** The commit with its present segments, and with the sums of what is left in them. */
  resolve(commit: Commit): Commit;
  readonly places: ReadonlyMap<number, Place>;
  /** Ids of files that were given up when this overlay was written. */
  readonly obsolete: readonly string[];
}

export const NO_OVERLAY: Overlay = { resolve: (commit) => commit, places: new Map(), obsolete: [] };

export function overlayOf({ moved, rewritten, obsolete }: OverlayContent): Overlay {
  const places = new Map<number, Place>();
  for (const { id, commits, at } of moved) {
    for (const [index, number] of commits.entries()) places.set(number, { kind: 'moved', id, at: at[index] ?? 0 });
  }
  for (const [number, now] of Object.entries(rewritten)) places.set(Number(number), { kind: 'rewritten', now });
  return { resolve: (commit) => resolved(commit, places.get(commit.number)), places, obsolete };
}

/** What an overlay file must hold for these places; the later of two places of one commit is the caller's to choose. */
export function overlayContent(places: ReadonlyMap<number, Place>, obsolete: readonly string[]): OverlayContent {
  const moved = new Map<string, { id: string; commits: number[]; at: number[] }>();
  const rewritten: Record<string, Rewritten> = {};
  for (const [number, place] of places) {
    if (place.kind === 'rewritten') {
      rewritten[number] = place.now;
      continue;
    }
    const entry = moved.get(place.id) ?? { id: place.id, commits: [], at: [] };
    entry.commits.push(number);
    entry.at.push(place.at);
    moved.set(place.id, entry);
  }
  return { moved: [...moved.values()], rewritten, obsolete: [...obsolete] };
}

/** The ids of all segments that an overlay points into. */
export function overlaySegments({ places }: Overlay): ReadonlySet<string> {
  const ids = new Set<string>();
  for (const place of places.values()) {
    if (place.kind === 'moved') ids.add(place.id);
    else for (const { id } of place.now.segments) ids.add(id);
  }
  return ids;
}

function resolved(commit: Commit, place: Place | undefined): Commit {
  if (place === undefined) return commit;
  if (place.kind === 'rewritten') return { ...commit, ...place.now };
  let offset = place.at;
  const frames: Segment['frames'] = commit.segments
    .flatMap((segment) => segment.frames)
    .map((frame) => {
      const now = { ...frame, offset };
      offset += frame.length;
      return now;
    });
  return { ...commit, segments: [{ id: place.id, frames }] };
}
