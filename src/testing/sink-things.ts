import { z } from 'zod';
import { entity, entityInfo, type Entity } from '../model/entity.ts';
import { columnsOf } from '../sink/columns.ts';
import type { BatchTarget, EntityCounts, EntityRow, Sink } from '../sink/sink.ts';

/** The entity of the suite of sinks. */
export const Thing = entity(
  'Thing',
  { key: 'id' },
  {
    id: z.string(),
    title: z.string().nullish(),
    size: z.number().nullish(),
    seen: z.date().nullish(),
    tags: z.array(z.string()).nullish(),
  },
);

/** What a parser named `parser` fills with these entities. */
export function targetOf(schema: Entity, parser = 'things'): BatchTarget {
  const info = entityInfo(schema);
  if (info === undefined) throw new Error('no entity');
  return { parser, entity: info, columns: columnsOf(schema) };
}

/** What the parser `things` fills. */
export const THINGS = targetOf(Thing);

/** Writes and commits one batch. */
export async function append(
  sink: Sink,
  rows: readonly EntityRow[],
  {
    target = THINGS,
    mode = 'append',
    commit = 1,
  }: { target?: BatchTarget; mode?: 'append' | 'replace'; commit?: number } = {},
): Promise<EntityCounts> {
  const batch = await sink.begin(target, mode);
  try {
    await batch.write(rows);
    return await batch.commit({ commits: { source: commit }, codeHash: `code-${commit}` });
  } finally {
    await batch.abort();
  }
}

/** All rows of a table. */
export async function readAll(sink: Sink, table = 'things', limit?: number): Promise<EntityRow[]> {
  const rows: EntityRow[] = [];
  for await (const row of sink.read(table, limit)) rows.push(row);
  return rows;
}

/** The `id` of each row. */
export async function idsOf(sink: Sink, table = 'things'): Promise<unknown[]> {
  return (await readAll(sink, table)).map((row) => row['id']);
}

/** Counts of a batch that archives nothing. */
export const counts = (added: number, changed: number, unchanged: number): EntityCounts => ({
  added,
  changed,
  unchanged,
  archived: 0,
});
