import type { Commit, Frame } from '../model/commit.ts';
import type { PageReference } from '../model/page.ts';
import type { CommitLog } from './commit-log.ts';
import { corruptFrame } from './frame.ts';

/** Frames that are kept decompressed: pages that stayed the same mostly lie in the order in which they are asked for. */
const FRAMES_IN_MEMORY = 8;
const COMMITS_IN_MEMORY = 64;

/** The decompressed lines of a frame and where they came from. */
export interface FrameLines {
  readonly raw: Buffer;
  readonly frame: Frame;
  readonly file: string;
}

export interface PageReferences {
  /** The line of a page. Rejects with STORE_CORRUPT, naming the place of the reference (`from`), when there is none. */
  find(reference: PageReference, from: FrameLines): Promise<{ readonly line: Buffer; readonly lines: FrameLines }>;
}

interface Place {
  readonly key: string;
  readonly frame: Frame;
  readonly before: number;
}

const LF = 10;

/** Finds pages by their place, for those that are the same as another. Bounded in memory. */
export function pageReferences<P extends Place>(
  log: CommitLog,
  framesOf: (commit: Commit) => readonly P[],
  readFrame: (place: P) => Promise<FrameLines>,
): PageReferences {
  const commits = new Map<number, readonly P[]>();
  const frames = new Map<string, Promise<FrameLines>>();

  async function placesOf(number: number): Promise<readonly P[]> {
    const known = commits.get(number);
    if (known !== undefined) return known;
    let places: readonly P[] = [];
    for await (const commit of log.read({ after: number - 1, upTo: number })) places = framesOf(commit);
    return kept(commits, number, places, COMMITS_IN_MEMORY);
  }

  return {
    async find({ commit, page }, from) {
      const place = (await placesOf(commit)).find(({ before, frame }) => page >= before && page < before + frame.pages);
      if (place === undefined)
        throw corruptFrame(from.file, from.frame, `they refer to page ${page} of commit ${commit}, which is not there`);
      const key = `${place.key} ${place.frame.offset}`;
      const lines = await kept(frames, key, frames.get(key) ?? readFrame(place), FRAMES_IN_MEMORY);
      return { line: lineAt(lines.raw, page - place.before), lines };
    },
  };
}

function lineAt(raw: Buffer, index: number): Buffer {
  let start = 0;
  for (let passed = 0; passed < index; passed += 1) start = raw.indexOf(LF, start) + 1;
  const end = raw.indexOf(LF, start);
  return raw.subarray(start, end < 0 ? raw.length : end);
}

/** Puts an entry in front; the one that was not used for longest goes. */
function kept<K, V>(map: Map<K, V>, key: K, value: V, most: number): V {
  map.delete(key);
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > most && oldest !== undefined) map.delete(oldest);
  return value;
}
