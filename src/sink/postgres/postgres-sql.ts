import { createHash } from 'node:crypto';
import { withoutNul } from './postgres-text.ts';
import type { Column } from '../sink.ts';

/** Our own columns of a table that holds a generation: the key's hash, its text, the place of a row in its batch. */
export const ID = '_sassy_id';
export const KEY = '_sassy_key';
export const ORDINAL = '_sassy_ordinal';

/** Columns of every table of PostgreSQL: no other may have their names. A view may. */
const TAKEN = new Set([ID, KEY, ORDINAL, 'tableoid', 'xmin', 'cmin', 'xmax', 'cmax', 'ctid']);

/** PostgreSQL cuts longer names off, in silence. */
const MAX_BYTES = 63;

export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A name as PostgreSQL can hold it: one that is longer is cut, and ends in a hash of all of it. */
export function identifier(name: string): string {
  const text = withoutNul(name.toWellFormed());
  return text !== '' && Buffer.byteLength(text) <= MAX_BYTES ? text : hashed(text);
}

function hashed(text: string): string {
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 8);
  let kept = '';
  for (const character of text) {
    if (Buffer.byteLength(kept + character) > MAX_BYTES - 1 - hash.length) break;
    kept += character;
  }
  return `${kept}_${hash}`;
}

/** The column of a field in the table of a generation, quoted. */
export function stored(name: string): string {
  return quoted(TAKEN.has(name) ? hashed(name) : identifier(name));
}

/** The column of a field in the view that people read, quoted. */
export function shown(name: string): string {
  return quoted(identifier(name));
}

export const TYPES = {
  text: 'text',
  integer: 'bigint',
  number: 'double precision',
  boolean: 'boolean',
  timestamp: 'timestamp with time zone',
  json: 'jsonb',
};

export function declared(column: Column): string {
  return `${stored(column.name)} ${TYPES[column.type]}`;
}

/** Each with a comma before it. */
export function names(columns: readonly Column[], prefix = ''): string {
  return columns.map((column) => `, ${prefix}${stored(column.name)}`).join('');
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
    const type = TYPES[(right ?? left)?.type ?? 'text'];
    const sides = {
      before: left === undefined ? `NULL::${type}` : `b.${stored(name)}`,
      after: right === undefined ? `NULL::${type}` : `n.${stored(name)}`,
    };
    // Columns of two types are compared as text: a cast from one to the other could fail on the first odd value.
    const asText = left !== undefined && right !== undefined && left.type !== right.type ? '::text' : '';
    return { name, ...sides, differs: `(${sides.before}${asText} IS DISTINCT FROM ${sides.after}${asText})` };
  });
}

function anyDiffers(fields: readonly FieldComparison[]): string {
  return `(${fields.map((field) => field.differs).join(' OR ')})`;
}

/** Brings `target` to what `source` says: rows that are equal are not touched; columns that `source` lacks become null. */
export function upsertSql(
  target: string,
  source: string,
  there: readonly Column[],
  given: readonly Column[],
): readonly string[] {
  const fields = comparisons(there, given);
  const set = fields.map((field) => `${stored(field.name)} = ${field.after}`).join(', ');
  return [
    `UPDATE ${target} AS b SET ${set} FROM ${source} AS n WHERE b.${ID} = n.${ID} AND ${anyDiffers(fields)}`,
    `INSERT INTO ${target} (${ID}, ${KEY}${names(given)}) SELECT n.${ID}, n.${KEY}${names(given, 'n.')}
      FROM ${source} AS n WHERE NOT EXISTS (SELECT 1 FROM ${target} AS b WHERE b.${ID} = n.${ID})`,
  ];
}

/** One row of numbers: added, changed, unchanged, archived, then one for each field: how often it changed. */
export function countSql(
  base: string | undefined,
  source: string,
  fields: readonly FieldComparison[],
  options: { readonly byField: boolean; readonly archived?: FieldComparison | undefined },
): string {
  const dead = options.archived === undefined ? 'false' : `(${options.archived.after} IS NOT NULL)`;
  if (base === undefined) {
    return `SELECT count(*) FILTER (WHERE NOT ${dead}), 0, 0, count(*) FILTER (WHERE ${dead}) FROM ${source} AS n`;
  }
  const both = `b.${ID} IS NOT NULL AND`;
  const goes =
    options.archived === undefined ? 'false' : `(${dead} AND (b.${ID} IS NULL OR ${options.archived.before} IS NULL))`;
  const perField = options.byField ? fields.map((field) => `, count(*) FILTER (WHERE ${both} ${field.differs})`) : [];
  return `SELECT count(*) FILTER (WHERE b.${ID} IS NULL AND NOT ${dead}),
    count(*) FILTER (WHERE ${both} ${anyDiffers(fields)} AND NOT ${goes}),
    count(*) FILTER (WHERE ${both} NOT ${anyDiffers(fields)}), count(*) FILTER (WHERE ${goes}) ${perField.join('')}
    FROM ${source} AS n LEFT JOIN ${base} AS b ON b.${ID} = n.${ID}`;
}

/** Keys that `table` has and `other` has not. */
export function missingSql(select: string, table: string, other: string): string {
  return `SELECT ${select} FROM ${table} AS t WHERE NOT EXISTS (SELECT 1 FROM ${other} AS o WHERE o.${ID} = t.${ID})`;
}

/** For each changed entity its key, then for each field: does it differ, before, after. */
export function changedSql(base: string, source: string, fields: readonly FieldComparison[], limit: number): string {
  const perField = fields.map((field) => `, ${field.differs}, ${field.before}, ${field.after}`);
  return `SELECT n.${KEY} ${perField.join('')} FROM ${source} AS n JOIN ${base} AS b ON b.${ID} = n.${ID}
    WHERE ${anyDiffers(fields)} ORDER BY n.${KEY} COLLATE "C" LIMIT ${limit}`;
}
