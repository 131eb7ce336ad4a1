import { compareKeyValues } from './entity-key.ts';
import { shownRow } from './generation-shape.ts';
import type { Column, EntityRow } from './sink.ts';

/** Rows as `read` gives them: in the order of the key, null where a field has no value, our own columns where they are set. */
export function* rowsInOrder(
  rows: EntityRow[],
  key: readonly string[],
  columns: readonly Column[],
  limit: number,
): Generator<EntityRow> {
  const keys = key.flatMap((name) => columns.filter((column) => column.name === name));
  rows.sort((a, b) => keys.reduce((order, { name, type }) => order || compareKeyValues(type, a[name], b[name]), 0));
  for (const row of rows.slice(0, Math.max(0, limit))) {
    const whole = Object.fromEntries(columns.map(({ name }) => [name, Object.hasOwn(row, name) ? row[name] : null]));
    yield shownRow(whole, columns);
  }
}
