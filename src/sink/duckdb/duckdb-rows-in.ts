import { entityEncoder } from '../entity-encoder.ts';
import { lineWriter } from '../entity-lines.ts';
import type { Batch, BatchTarget, EntityLines, StoredEntity } from '../sink.ts';
import { loadForm } from './duckdb-lines.ts';
import type { DuckDbStage } from './duckdb-stage.ts';

/** The ways into a batch: as lines where a new table is filled, encoded where rows are merged into one. */
export type RowsIn = Pick<Batch, 'write' | 'writeEncoded' | 'lines'>;

/** `attempt`: names what DuckDB throws. */
export function rowsIn(
  stage: DuckDbStage,
  target: BatchTarget,
  attempt: (work: () => Promise<void>) => Promise<void>,
): RowsIn {
  if (!stage.takesLines) {
    const encode = entityEncoder(target);
    const writeEncoded = (entities: readonly StoredEntity[]): Promise<void> =>
      attempt(async () => stage.append(entities));
    return { writeEncoded, write: async (rows) => writeEncoded(rows.map(encode)) };
  }
  const form = loadForm(target.columns);
  const writer = lineWriter(target, form);
  const writeLines = (lines: EntityLines): Promise<void> => attempt(() => stage.appendLines(lines));
  return {
    lines: { form, write: writeLines },
    async write(rows) {
      for (const row of rows) writer.add(row);
      await writeLines(writer.take());
    },
  };
}
