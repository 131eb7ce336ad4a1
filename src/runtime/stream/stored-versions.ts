import type { StoredPage } from '../../model/page.ts';
import { sliceKey } from '../../model/slice.ts';
import type { StreamDefinition } from '../../model/stream.ts';
import type { BlobStore } from '../../store/blob-store.ts';
import { openRawStream } from '../../store/raw-stream.ts';
import { versionOf } from './boundary.ts';
import { recordKey } from '../dataset/record-key.ts';

/** About 50 MB. What lies beyond is stored again, and parse folds it by key. */
const MOST_VERSIONS = 500_000;

/**
 * The fingerprints of what passes stored that were given up, for each slice: `after` says in which commits to look. Read
 * from the store, because nobody keeps them in memory or state for the rare time that they are needed.
 */
export async function storedVersions(
  blobs: BlobStore,
  definition: StreamDefinition,
  after: ReadonlyMap<string, number>,
): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const found = new Map<string, Set<string>>();
  if (after.size === 0) return found;
  const raw = await openRawStream(blobs, definition.name);
  const version = versionOf(definition);
  const keyOf = recordKey(definition.primaryKey);
  let total = 0;
  // By commits, so that a page is compared with the number that its own slice names.
  for await (const { number } of raw.commits({ after: Math.min(...after.values()) })) {
    for await (const page of raw.pages({ after: number - 1, upTo: number })) {
      const key = sliceKey(page.slice);
      const from = after.get(key);
      if (from === undefined || number <= from) continue;
      const versions = found.get(key) ?? new Set();
      found.set(key, versions);
      for (const record of recordsOf(definition, page)) {
        if (total >= MOST_VERSIONS) return found;
        versions.add(version(keyOf(record), record));
        total += 1;
      }
    }
  }
  return found;
}

/** As the pass has seen them. A body that cannot be read tells nothing: what it holds is stored again. */
function recordsOf({ source }: StreamDefinition, page: StoredPage): readonly unknown[] {
  try {
    if (page.body.kind === 'json') return source.select(JSON.parse(page.body.text), page);
    return source.format === undefined ? [] : source.select(source.format.parse(page.body.bytes), page);
  } catch {
    return [];
  }
}
