import { canonicalJson } from '../../util/json.ts';
import { inTurns } from '../diff-examples.ts';
import { compareText } from '../entity-key.ts';
import type { JsonlLine } from './jsonl-parts.ts';
import type { BatchDiff, DiffExample, EntityRow } from '../sink.ts';

export interface JsonlDiffOptions {
  /** Key → hash. */
  readonly base: ReadonlyMap<string, string>;
  readonly next: ReadonlyMap<string, string>;
  readonly baseLines: () => AsyncIterable<JsonlLine>;
  readonly nextLines: () => AsyncIterable<JsonlLine>;
  /** `next` is all there is: what it lacks is gone. */
  readonly complete: boolean;
  readonly examples: number;
}

/** Compares two generations by their hashes, then field by field the entities that changed; holds those in memory. */
export async function jsonlDiff(options: JsonlDiffOptions): Promise<BatchDiff> {
  const { base, next, complete } = options;
  const added = [...next.keys()].filter((key) => !base.has(key));
  const changed = new Set(
    [...next].filter(([key, hash]) => base.has(key) && base.get(key) !== hash).map(([key]) => key),
  );
  const gone = complete ? [...base.keys()].filter((key) => !next.has(key)) : [];
  const before = await rowsOf(options.baseLines(), changed);
  const after = await rowsOf(options.nextLines(), changed);
  const fields: Record<string, number> = {};
  const examples = [...changed].sort(compareText).map((key): DiffExample => {
    const differences = changedFields(before.get(key) ?? {}, after.get(key) ?? {});
    for (const field of Object.keys(differences)) fields[field] = (fields[field] ?? 0) + 1;
    return { kind: 'changed', key, fields: differences };
  });
  const limit = Math.max(0, Math.floor(options.examples));
  return {
    added: added.length,
    gone: gone.length,
    changed: changed.size,
    unchanged: next.size - added.length - changed.size,
    fields,
    examples: inTurns([examples.slice(0, limit), plain('gone', gone, limit), plain('added', added, limit)], limit),
  };
}

/** The newest row of each of these keys. */
async function rowsOf(
  lines: AsyncIterable<JsonlLine>,
  keys: ReadonlySet<string>,
): Promise<ReadonlyMap<string, EntityRow>> {
  const rows = new Map<string, EntityRow>();
  for await (const { key, row } of lines) if (keys.has(key)) rows.set(key, row);
  return rows;
}

function changedFields(before: EntityRow, after: EntityRow): DiffExample['fields'] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  const pairs = [...names].map((name) => [name, { before: before[name] ?? null, after: after[name] ?? null }] as const);
  return Object.fromEntries(pairs.filter(([, pair]) => canonicalJson(pair.before) !== canonicalJson(pair.after)));
}

function plain(kind: 'added' | 'gone', keys: readonly string[], limit: number): readonly DiffExample[] {
  return [...keys]
    .sort(compareText)
    .slice(0, limit)
    .map((key) => ({ kind, key, fields: {} }));
}
