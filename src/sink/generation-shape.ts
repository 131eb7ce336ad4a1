import { z } from 'zod';
import { SassyError } from '../errors/sassy-error.ts';
import { ARCHIVED_AT, type BatchTarget, type Column, type EntityRow } from './sink.ts';

export const StoredColumns = z.array(
  z.object({
    name: z.string(),
    type: z.enum(['text', 'integer', 'number', 'boolean', 'timestamp', 'json']),
    onlyWhenSet: z.boolean().optional(),
  }),
);

/** What a generation was made for. */
export interface GenerationShape {
  readonly generation: number;
  readonly table: string;
  readonly key: readonly string[];
  /** Every column that was ever in it, in the order they came. */
  readonly stored: readonly Column[];
}

/**
 * The columns of a generation after a batch of `target` is appended: those it has, then those that are new.
 *
 * @throws SassyError SINK_FAILED when the table, the key or a column's type is another now: rows of both kinds
 *   cannot stand in one table, so the parser is restreamed into a new generation
 */
export function appendedColumns(present: GenerationShape, target: BatchTarget): readonly Column[] {
  const { entity, parser } = target;
  const refuse = (what: string): SassyError =>
    new SassyError('SINK_FAILED', {
      message: `${parser}: generation ${present.generation} was made with ${what}`,
      why: `${entity.name} has changed since`,
      fix: `restream ${parser}: a new generation gets the new columns (sassy run <integration> restream --parsers ${parser})`,
    });
  if (present.table !== entity.table) throw refuse(`the table ${present.table}, not ${entity.table}`);
  if (present.key.join('\n') !== entity.key.join('\n'))
    throw refuse(`the key ${present.key.join(', ')}, not ${entity.key.join(', ')}`);
  for (const column of target.columns) {
    const before = present.stored.find((candidate) => candidate.name === column.name);
    if (before !== undefined && before.type !== column.type) {
      throw refuse(`${column.name} as ${before.type}, not ${column.type}`);
    }
  }
  return mergedColumns(present.stored, target.columns);
}

/** `first`, then what only `second` has. */
export function mergedColumns(first: readonly Column[], second: readonly Column[]): readonly Column[] {
  const names = new Set(first.map((column) => column.name));
  return [...first, ...second.filter((column) => !names.has(column.name))];
}

/** True when the column counts who is archived. */
export function isArchivedAt({ name, onlyWhenSet }: Column): boolean {
  return onlyWhenSet === true && name === ARCHIVED_AT.name;
}

/** The row as `read` gives it: columns of our own are left out while they are null. */
export function shownRow(row: EntityRow, columns: readonly Column[]): EntityRow {
  const hidden = columns.filter(({ name, onlyWhenSet }) => onlyWhenSet === true && row[name] === null);
  if (hidden.length === 0) return row;
  const names = new Set(hidden.map(({ name }) => name));
  return Object.fromEntries(Object.entries(row).filter(([name]) => !names.has(name)));
}

export function noFormerGeneration(parser: string): SassyError {
  return new SassyError('NOTHING_THERE', {
    message: `${parser} has no former generation to go back to`,
    state: 'the sink is as it was',
    fix: 'restream makes a new generation and keeps the one before it',
  });
}
