import { join } from 'node:path';
import type { StreamDefinition } from '../../model/stream.ts';
import type { RunLock } from '../../store/lock.ts';
import { openRawStream } from '../../store/raw-stream.ts';
import { blankTexts, jsonTexts, removeLines } from './erase-files.ts';
import { keysMeant, tellingParts, wholePattern } from './erase-key.ts';
import { mentions, planErase } from './erase-plan.ts';
import { cutPages } from './page-cut.ts';
import { quarantineFolder } from '../parse/quarantine-files.ts';
import { rewriterOf } from './rewriter-of.ts';
import type { RunContext } from '../run-context.ts';

/** What was erased, or would be. */
export interface Erasure {
  /** Stored versions of the record, and the pages that held them. */
  readonly versions: number;
  readonly pages: number;
  /** Other records that went with whole pages. */
  readonly others: number;
  /** Compressed bytes of the segments that were written anew. */
  readonly rewritten: number;
  readonly quarantined: number;
  /** Lines of run logs that showed something of it. */
  readonly logs: number;
  /** Entities were kept in the data folder: they are removed, and are to be made again. */
  readonly entities: boolean;
  /** A parser reads the stream. */
  readonly isParsed: boolean;
  /** What still holds the key, because it is not the record itself. */
  readonly mentions: readonly Mention[];
  /** Pages that mention the key and cannot be read. */
  readonly unreadable: number;
}

export interface Mention {
  readonly stream: string;
  /** Pages of other records that refer to it, or have it as their slice. */
  readonly pages: number;
  /** Commits whose position has it, as a slice or in a page token. These files never change. */
  readonly positions: number;
}

export interface EraseRequest {
  readonly definition: StreamDefinition;
  /** As people write it. */
  readonly key: string;
  readonly wholePages: boolean;
  /** Undefined: only say what there is to do. */
  readonly lock: RunLock | undefined;
}

/**
 * Removes a record from run logs, quarantine, the entities kept in the data folder (all of them: what was deleted in a
 * database file can still be read there) and, last, from the raw data: as long as it is found there, the same command again
 * goes through all of it.
 */
export async function eraseRecord(context: RunContext, request: EraseRequest): Promise<Erasure> {
  const { blobs, host, paths, manifest, signal } = context;
  const { definition, key, wholePages, lock } = request;
  const plan = await planErase(await openRawStream(blobs, definition.name), definition, key, wholePages);
  const edit = { host, writes: lock !== undefined };
  const pattern = wholePattern(tellingParts(key));
  const patterns = [pattern, jsonTexts(plan.telling)].filter((one) => one !== undefined);
  const logs = await blankTexts(edit, paths.runs, patterns);
  const meant = keysMeant(key);
  let quarantined = 0;
  for (const { name } of manifest.parsers) {
    quarantined += await removeLines(edit, quarantineFolder(paths.parsed, name), (entry, line) => {
      const { stream, key: own } = entry;
      if (stream === definition.name) return typeof own === 'string' && meant.has(own);
      // Without a record in hand, an entity alone: nobody knows what it was made of.
      return stream === name && pattern !== undefined && line.search(pattern) >= 0;
    });
  }
  const isParsed = manifest.parsers.some(({ inputs }) => inputs.some(({ stream }) => stream === definition.name));
  const entities = isParsed ? (await host.fs.list(paths.parsed)).filter((name) => name !== 'quarantine') : [];
  let rewritten = 0;
  if (lock !== undefined) {
    for (const name of entities) await host.fs.removeFolder(join(paths.parsed, name));
    if (entities.length > 0) await host.fs.syncFolder(paths.parsed);
    const writer = rewriterOf(context, lock, definition.name);
    if (plan.cuts.size > 0) rewritten = (await cutPages(writer, definition, plan.cuts, signal)).rewritten;
  }
  const { versions, pages, others, unreadable } = plan;
  const found = lock === undefined ? [] : await allMentions(context, pattern);
  const made = entities.length > 0;
  return {
    versions,
    pages,
    others,
    rewritten,
    quarantined,
    logs,
    entities: made,
    isParsed,
    mentions: found,
    unreadable,
  };
}

/** Reads everything once more. */
async function allMentions(context: RunContext, pattern: RegExp | undefined): Promise<readonly Mention[]> {
  const found: Mention[] = [];
  if (pattern === undefined) return found;
  for (const { name } of context.manifest.streams) {
    context.signal.throwIfAborted();
    const raw = await openRawStream(context.blobs, name);
    let [pages, positions] = [0, 0];
    for await (const page of raw.pages()) {
      const { body: _body, ...head } = page;
      if (mentions(page, pattern) || JSON.stringify(head).search(pattern) >= 0) pages += 1;
    }
    for await (const { state } of raw.commits()) if (JSON.stringify(state).search(pattern) >= 0) positions += 1;
    // Where the slices are too many for the commit, they lie beside it.
    if (positions === 0 && JSON.stringify(await raw.state()).search(pattern) >= 0) positions = 1;
    if (pages + positions > 0) found.push({ stream: name, pages, positions });
  }
  return found;
}
