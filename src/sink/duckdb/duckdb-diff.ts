import { inTurns } from '../diff-examples.ts';
import type { DuckDbSession } from './duckdb-database.ts';
import { changedSql, countSql, KEY, missingSql, type FieldComparison } from './duckdb-sql.ts';
import type { BatchDiff, DiffExample, EntityRow } from '../sink.ts';

export interface DuckDbDiffOptions {
  /** The table of the present generation; undefined when there is none. */
  readonly base: string | undefined;
  /** The table of the new rows, one for each key. */
  readonly source: string;
  readonly fields: readonly FieldComparison[];
  readonly examples: number;
  /** The new rows are all there are: what they lack is gone. */
  readonly complete: boolean;
}

/** Compares two tables inside DuckDB; only numbers and examples come out. */
export async function duckDbDiff(session: DuckDbSession, options: DuckDbDiffOptions): Promise<BatchDiff> {
  const { base, source, fields, complete } = options;
  const limit = Math.max(0, Math.floor(options.examples));
  if (base === undefined) {
    const added = await keys(session, `SELECT ${KEY} AS k FROM ${source}`, 'added', limit);
    const total = (await one(session, `SELECT count(*) AS total FROM ${source}`))('total');
    return { added: total, gone: 0, changed: 0, unchanged: 0, fields: {}, examples: added };
  }
  const count = await one(session, countSql(base, source, fields, true));
  const gone = complete ? (await one(session, missingSql('count(*) AS gone', base, source)))('gone') : 0;
  const changedFields = fields.map((field, index) => [field.name, count(`f${index}`)] as const);
  const changed = (await session.all(changedSql(base, source, fields, limit))).rows.map((row) =>
    changedExample(row, fields),
  );
  return {
    added: count('added'),
    gone,
    changed: count('changed'),
    unchanged: count('unchanged'),
    fields: Object.fromEntries(changedFields.filter(([, times]) => times > 0)),
    examples: inTurns(
      [
        changed,
        gone === 0 ? [] : await keys(session, missingSql(`t.${KEY} AS k`, base, source), 'gone', limit),
        await keys(session, missingSql(`t.${KEY} AS k`, source, base), 'added', limit),
      ],
      limit,
    ),
  };
}

async function one(session: DuckDbSession, sql: string): Promise<(name: string) => number> {
  const [row] = (await session.all(sql)).rows;
  return (name) => Number(row?.[name] ?? 0);
}

async function keys(
  session: DuckDbSession,
  sql: string,
  kind: 'added' | 'gone',
  limit: number,
): Promise<readonly DiffExample[]> {
  const { rows } = await session.all(`${sql} ORDER BY k LIMIT ${limit}`);
  return rows.map((row) => ({ kind, key: String(row['k']), fields: {} }));
}

function changedExample(row: EntityRow, fields: readonly FieldComparison[]): DiffExample {
  const changed = fields.flatMap((field, index) =>
    row[`d${index}`] === true ? [[field.name, { before: row[`b${index}`], after: row[`n${index}`] }] as const] : [],
  );
  return { kind: 'changed', key: String(row['k']), fields: Object.fromEntries(changed) };
}
