import { inTurns } from '../diff-examples.ts';
import type { PostgresSession } from './postgres-client.ts';
import { changedSql, countSql, type FieldComparison, KEY, missingSql } from './postgres-sql.ts';
import { keyOf, plainValue } from './postgres-values.ts';
import type { BatchDiff, DiffExample } from '../sink.ts';

export interface PostgresDiffOptions {
  /** The table of the present generation; undefined when there is none. */
  readonly base: string | undefined;
  /** The table of the new rows, one for each key. */
  readonly source: string;
  readonly fields: readonly FieldComparison[];
  readonly examples: number;
  /** The new rows are all there are: what they lack is gone. */
  readonly complete: boolean;
}

/** Compares two tables inside the server; only numbers and examples come out. */
export async function postgresDiff(session: PostgresSession, options: PostgresDiffOptions): Promise<BatchDiff> {
  const { base, source, fields, complete } = options;
  const limit = Math.max(0, Math.floor(options.examples));
  const numbers = async (sql: string): Promise<readonly number[]> =>
    ((await session.all(sql)).rows[0] ?? []).map(Number);
  const keys = async (sql: string, kind: 'added' | 'gone'): Promise<readonly DiffExample[]> => {
    const { rows } = await session.all(`${sql} ORDER BY ${KEY} COLLATE "C" LIMIT ${limit}`);
    return rows.map(([key]) => ({ kind, key: keyOf(key ?? ''), fields: {} }));
  };
  const [added = 0, changed = 0, unchanged = 0, , ...perField] = await numbers(
    countSql(base, source, fields, { byField: true }),
  );
  if (base === undefined) {
    const examples = await keys(`SELECT ${KEY} FROM ${source}`, 'added');
    return { added, gone: 0, changed, unchanged, fields: {}, examples };
  }
  const [gone = 0] = complete ? await numbers(missingSql('count(*)', base, source)) : [];
  const times = fields.map((field, index) => [field.name, perField[index] ?? 0] as const);
  return {
    added,
    gone,
    changed,
    unchanged,
    fields: Object.fromEntries(times.filter(([, count]) => count > 0)),
    examples: inTurns(
      [
        await changedExamples(session, changedSql(base, source, fields, limit), fields),
        gone === 0 ? [] : await keys(missingSql(`t.${KEY}`, base, source), 'gone'),
        await keys(missingSql(`t.${KEY}`, source, base), 'added'),
      ],
      limit,
    ),
  };
}

async function changedExamples(
  session: PostgresSession,
  sql: string,
  fields: readonly FieldComparison[],
): Promise<readonly DiffExample[]> {
  const { columns, rows } = await session.all(sql);
  return rows.map((row) => {
    const value = (index: number): unknown => plainValue(row[index] ?? null, columns[index]?.type ?? 0);
    const changed = fields.flatMap(({ name }, index) =>
      row[index * 3 + 1] === 't'
        ? [[name, { before: value(index * 3 + 2), after: value(index * 3 + 3) }] as const]
        : [],
    );
    return { kind: 'changed', key: keyOf(row[0] ?? ''), fields: Object.fromEntries(changed) };
  });
}
