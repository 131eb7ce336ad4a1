import { pad, textWidth } from './text-width.ts';

/** Rows of cells in columns, two spaces between them. Empty cells at a row's end are left out. */
export function aligned(rows: readonly (readonly string[])[], indent = ''): readonly string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, at) => {
      widths[at] = Math.max(widths[at] ?? 0, textWidth(cell));
    });
  }
  return rows.map((row) => (indent + row.map((cell, at) => pad(cell, widths[at] ?? 0)).join('  ')).trimEnd());
}
