import { canonicalJson } from '../../util/json.ts';
import { inTurns } from '../diff-examples.ts';
import { compareText } from '../entity-key.ts';
import type { BatchDiff, DiffExample, EntityRow } from '../sink.ts';

/** `gone`: in the present generation alone. */
export type LineChange = 'added' | 'gone' | 'changed' | 'unchanged';

/** Lines block by block, oldest first: of a key that comes twice the later one holds. */
type Blocks = AsyncIterable<{ readonly lines: () => Iterable<{ readonly key: string; readonly row: EntityRow }> }>;

export interface JsonlDiffOptions {
  /** How many keys there are of each. */
  readonly counts: Readonly<Record<LineChange, number>>;
  readonly changeOf: (key: string) => LineChange;
  /** Of the present generation, and of the batch. */
  readonly base: () => Blocks;
  readonly next: () => Blocks;
  /** The batch is all there is: what it lacks is gone. */
  readonly complete: boolean;
  readonly examples: number;
}

/** Compares two generations field by field where entities changed; holds those in memory. */
export async function jsonlDiff(options: JsonlDiffOptions): Promise<BatchDiff> {
  const { counts, changeOf, base, next, complete } = options;
  const limit = Math.max(0, Math.floor(options.examples));
  const before = await rowsOf(base(), changeOf, 'gone', complete ? limit : 0);
  const after = await rowsOf(next(), changeOf, 'added', limit);
  const fields: Record<string, number> = {};
  const changed = [...before.changed.keys()].sort(compareText).map((key): DiffExample => {
    const differences = changedFields(before.changed.get(key) ?? {}, after.changed.get(key) ?? {});
    for (const field of Object.keys(differences)) fields[field] = (fields[field] ?? 0) + 1;
    return { kind: 'changed', key, fields: differences };
  });
  return {
    ...counts,
    gone: complete ? counts.gone : 0,
    fields,
    examples: inTurns([changed.slice(0, limit), before.first, after.first], limit),
  };
}

/** The newest row of each key that changed, and the first `limit` keys of a kind. */
async function rowsOf(
  blocks: Blocks,
  changeOf: JsonlDiffOptions['changeOf'],
  kind: 'added' | 'gone',
  limit: number,
): Promise<{ readonly changed: ReadonlyMap<string, EntityRow>; readonly first: readonly DiffExample[] }> {
  const changed = new Map<string, EntityRow>();
  let first: string[] = [];
  for await (const { lines } of blocks) {
    const found = new Set(first);
    for (const line of lines()) {
      const { key } = line;
      const change = changeOf(key);
      if (change === 'changed') changed.set(key, line.row);
      else if (change === kind && limit > 0) found.add(key);
    }
    first = [...found].sort(compareText).slice(0, limit);
  }
  return { changed, first: first.map((key) => ({ kind, key, fields: {} })) };
}

function changedFields(before: EntityRow, after: EntityRow): DiffExample['fields'] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  const pairs = [...names].map((name) => [name, { before: before[name] ?? null, after: after[name] ?? null }] as const);
  return Object.fromEntries(pairs.filter(([, pair]) => canonicalJson(pair.before) !== canonicalJson(pair.after)));
}
