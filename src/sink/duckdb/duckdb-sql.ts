import type { Column } from '../sink.ts';

/** The schema of a DuckDB sink's own tables. What users read are the views in `main`. */
export const SCHEMA = 'sassy';

/** The two internal columns: the text of the key, and the place of a row in its batch (staging only). */
export const KEY = '_sassy_key';
export const ORDINAL = '_sassy_ordinal';

/** A name in SQL. DuckDB compares names without regard to case, quoted or not. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

export function names(columns: readonly Column[], prefix = ''): string {
  return columns.map((column) => `${prefix}${quoted(column.name)}`).join(', ');
}

const TYPES = {
  text: 'VARCHAR',
  integer: 'BIGINT',
  number: 'DOUBLE',
  boolean: 'BOOLEAN',
  timestamp: 'TIMESTAMP',
  json: 'JSON',
};

export function declared(column: Column): string {
  return `${quoted(column.name)} ${TYPES[column.type]}`;
}

export interface FieldComparison {
  readonly name: string;
  /** True where the field of `b` (before) and `n` (new) differ. Null equals null. */
  readonly differs: string;
  readonly before: string;
  readonly after: string;
}

/** How each field of two tables, `b` and `n`, is compared. A column that one of them lacks is null there. */
export function comparisons(before: readonly Column[], after: readonly Column[]): readonly FieldComparison[] {
  const all = new Set([...before, ...after].map((column) => column.name));
  return [...all].map((name) => {
    const left = before.find((column) => column.name === name);
    const right = after.find((column) => column.name === name);
    const sides = {
      before: left === undefined ? 'NULL' : `b.${quoted(name)}`,
      after: right === undefined ? 'NULL' : `n.${quoted(name)}`,
    };
    // Columns of two types are compared as text: a cast from one to the other could fail on the first odd value.
    const type = left !== undefined && right !== undefined && left.type !== right.type ? '::VARCHAR' : '';
    return { name, ...sides, differs: `(${sides.before}${type} IS DISTINCT FROM ${sides.after}${type})` };
  });
}

export function anyDiffers(fields: readonly FieldComparison[]): string {
  return `(${fields.map((field) => field.differs).join(' OR ')})`;
}

/** Upserts `source` into `target`: rows that are equal are not touched; columns that `source` lacks become null. */
export function mergeSql(target: string, source: string, stored: readonly Column[], given: readonly Column[]): string {
  const fields = comparisons(stored, given);
  const set = fields.map((field) => `${quoted(field.name)} = ${field.after}`).join(', ');
  return `MERGE INTO ${target} AS b USING ${source} AS n ON b.${KEY} = n.${KEY}
    WHEN MATCHED AND ${anyDiffers(fields)} THEN UPDATE SET ${set}
    WHEN NOT MATCHED THEN INSERT (${KEY}, ${names(given)}) VALUES (n.${KEY}, ${names(given, 'n.')})`;
}

/** The same as `mergeSql`, by writing the whole table anew. Part of the caller's transaction. */
export function rewriteSql(
  physical: string,
  source: string,
  stored: readonly Column[],
  given: readonly Column[],
): string {
  const table = `${SCHEMA}.${quoted(physical)}`;
  const next = `${physical}__next`;
  const values = stored.map(({ name, type }) =>
    given.some((column) => column.name === name) ? `n.${quoted(name)}` : `NULL::${TYPES[type]} AS ${quoted(name)}`,
  );
  return `CREATE TABLE ${SCHEMA}.${quoted(next)} AS
      SELECT n.${KEY}, ${values.join(', ')} FROM ${source} AS n
      UNION ALL SELECT b.${KEY}, ${names(stored, 'b.')} FROM ${table} AS b ANTI JOIN ${source} AS n ON b.${KEY} = n.${KEY};
    DROP TABLE ${table};
    ALTER TABLE ${SCHEMA}.${quoted(next)} RENAME TO ${quoted(physical)}`;
}

/** One row of numbers: added, changed, unchanged, archived, then `f0`, `f1`, … changed in each field. */
export function countSql(
  base: string,
  source: string,
  fields: readonly FieldComparison[],
  byField: boolean,
  archived?: FieldComparison,
): string {
  const both = `b.${KEY} IS NOT NULL AND`;
  if (archived !== undefined) {
    const dead = `(${archived.after} IS NOT NULL)`;
    const goes = `(${dead} AND (b.${KEY} IS NULL OR ${archived.before} IS NULL))`;
    return `SELECT count(*) FILTER (b.${KEY} IS NULL AND NOT ${dead}) AS added,
      count(*) FILTER (${both} ${anyDiffers(fields)} AND NOT ${goes}) AS changed,
      count(*) FILTER (${both} NOT ${anyDiffers(fields)}) AS unchanged,
      count(*) FILTER (${goes}) AS archived
      FROM ${source} AS n LEFT JOIN ${base} AS b ON b.${KEY} = n.${KEY}`;
  }
  const perField = byField
    ? fields.map((field, index) => `, count(*) FILTER (${both} ${field.differs}) AS f${index}`)
    : [];
  return `SELECT count(*) FILTER (b.${KEY} IS NULL) AS added,
    count(*) FILTER (${both} ${anyDiffers(fields)}) AS changed,
    count(*) FILTER (${both} NOT ${anyDiffers(fields)}) AS unchanged ${perField.join('')}
    FROM ${source} AS n LEFT JOIN ${base} AS b ON b.${KEY} = n.${KEY}`;
}

/** Keys that `table` has and `other` has not. */
export function missingSql(select: string, table: string, other: string): string {
  return `SELECT ${select} FROM ${table} AS t ANTI JOIN ${other} AS o ON t.${KEY} = o.${KEY}`;
}

/** For each changed entity its key, then for each field: does it differ, before, after. */
export function changedSql(base: string, source: string, fields: readonly FieldComparison[], limit: number): string {
  const perField = fields.map(
    (field, index) => `, ${field.differs} AS d${index}, ${field.before} AS b${index}, ${field.after} AS n${index}`,
  );
  return `SELECT n.${KEY} AS k ${perField.join('')} FROM ${source} AS n JOIN ${base} AS b ON b.${KEY} = n.${KEY}
    WHERE ${anyDiffers(fields)} ORDER BY n.${KEY} LIMIT ${limit}`;
}
