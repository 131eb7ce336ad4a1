import { refTarget } from '../../model/entity.ts';
import type { ParserDefinition } from '../../model/manifest.ts';
import type { Sink } from '../../sink/sink.ts';
import type { ParserOutcome } from './parser-run.ts';

/**
 * Adds to each parser that changed something the fields made with `ref()` that point to entities which are not there.
 * Looked at when all parsers are done, so that their order does not matter; for sinks that can tell.
 */
export async function withOrphans(
  sink: Sink,
  parsers: readonly ParserDefinition[],
  outcomes: readonly ParserOutcome[],
): Promise<readonly ParserOutcome[]> {
  const tables = new Set(await sink.tables());
  const all: ParserOutcome[] = [];
  for (const outcome of outcomes) {
    const parser = parsers.find(({ name }) => name === outcome.result.name);
    const { added, changed } = outcome.result.entities;
    const orphans: { field: string; to: string; count: number }[] = [];
    if (sink.orphans !== undefined && outcome.error === undefined && tables.has(outcome.table) && added + changed > 0) {
      for (const [field, schema] of Object.entries(parser?.entity.shape ?? {})) {
        const to = refTarget(schema);
        const key = to?.key.length === 1 ? to.key[0] : undefined;
        if (to === undefined || key === undefined) continue;
        const target = tables.has(to.table) ? { table: to.table, key } : undefined;
        const count = await sink.orphans(outcome.table, field, target);
        if (count > 0) orphans.push({ field, to: to.name, count });
      }
    }
    all.push(orphans.length === 0 ? outcome : { ...outcome, result: { ...outcome.result, orphans } });
  }
  return all;
}
