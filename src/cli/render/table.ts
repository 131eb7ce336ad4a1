import { jsonLine } from './json-line.ts';
import { printable } from './printable.ts';
import { plainStyle, type Style } from './style.ts';
import { pad, textWidth, truncate } from './text-width.ts';

export interface TableOptions {
  /** Columns of the terminal; undefined: cells are as wide as they need. */
  readonly width?: number | undefined;
  /** Which fields to show, in order. Default: all, in the order in which they first appear. */
  readonly columns?: readonly string[];
  readonly style?: Style;
}

const GAP = '  ';
const NARROWEST = 6;

/**
 * Rows as a table for people, with a line break at its end; empty for no rows. Cells are cut to the terminal's width
 * and columns that do not fit at all are counted below the table. Nothing in the data can move the cursor.
 */
export function renderTable(rows: readonly Readonly<Record<string, unknown>>[], options: TableOptions = {}): string {
  if (rows.length === 0) return '';
  const { style = plainStyle, width } = options;
  const names = options.columns ?? [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const columns = names.map((name) => columnOf(name, rows));
  const { widths, shown } = fit(
    columns.map(({ natural }) => natural),
    width,
  );
  const line = (cellOf: (column: TableColumn) => string): string =>
    columns
      .slice(0, shown)
      .map((column, index) => {
        const cellWidth = widths[index] ?? 0;
        return pad(truncate(cellOf(column), cellWidth), cellWidth, column.isNumeric ? 'left' : 'right');
      })
      .join(GAP)
      .trimEnd();
  const lines = [
    style.bold(line(({ title }) => title)),
    ...rows.map((_row, at) => line(({ cells }) => cells[at] ?? '')),
  ];
  if (shown < columns.length) {
    const hidden = columns.slice(shown).map(({ title }) => title);
    const note = `+ ${hidden.length} more ${hidden.length === 1 ? 'column' : 'columns'} (--json shows all): ${hidden.join(', ')}`;
    lines.push(style.dim(width === undefined ? note : truncate(note, width)));
  }
  return `${lines.join('\n')}\n`;
}

interface TableColumn {
  readonly title: string;
  readonly cells: readonly string[];
  readonly natural: number;
  readonly isNumeric: boolean;
}

function columnOf(name: string, rows: readonly Readonly<Record<string, unknown>>[]): TableColumn {
  const values = rows.map((row) => (Object.hasOwn(row, name) ? row[name] : undefined));
  const title = printable(name);
  const cells = values.map(cellText);
  const set = values.filter((value) => value !== undefined && value !== null);
  return {
    title,
    cells,
    natural: Math.max(1, textWidth(title), ...chunkedMax(cells.map(textWidth))),
    isNumeric: set.length > 0 && set.every((value) => typeof value === 'number' || typeof value === 'bigint'),
  };
}

/** A field that is not there is empty; null says so. */
function cellText(value: unknown): string {
  if (value === undefined) return '';
  if (typeof value === 'string') return printable(value);
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return String(value);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'invalid date' : value.toISOString();
  return printable(jsonLine(value));
}

/** The widest columns give way first, none below a readable width; what still does not fit is left out from the right. */
function fit(
  natural: readonly number[],
  width: number | undefined,
): { readonly widths: readonly number[]; readonly shown: number } {
  if (width === undefined) return { widths: natural, shown: natural.length };
  let shown = natural.length;
  const least = (count: number): number =>
    natural.slice(0, count).reduce((sum, item) => sum + Math.min(item, NARROWEST), GAP.length * (count - 1));
  while (shown > 1 && least(shown) > width) shown -= 1;
  const widths = natural.slice(0, shown);
  const room = Math.max(1, width - GAP.length * (shown - 1));
  let over = widths.reduce((sum, item) => sum + item, 0) - room;
  while (over > 0) {
    const widest = Math.max(...widths);
    const at = widths.indexOf(widest);
    const next = Math.max(...widths.filter((item) => item < widest), NARROWEST, 0);
    const cut = widest > next ? Math.min(over, widest - next) : Math.min(over, widest - 1);
    if (cut <= 0) break;
    widths[at] = widest - cut;
    over -= cut;
  }
  return { widths, shown };
}

/** `Math.max(...values)` takes its values as arguments, of which there cannot be very many. */
function chunkedMax(values: readonly number[]): readonly number[] {
  return [values.reduce((most, value) => Math.max(most, value), 0)];
}
