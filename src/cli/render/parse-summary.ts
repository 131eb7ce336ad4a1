import type { DriftFinding, ParserDiff, ParserResult } from '../../model/results.ts';
import { aligned } from './aligned.ts';
import { errorLines } from './error-lines.ts';
import { jsonLine } from './json-line.ts';
import { count, counted } from './numbers.ts';
import { printable } from './printable.ts';
import type { Style } from './style.ts';
import { truncate } from './text-width.ts';

/** One line per parser with what it read and what changed, its diff and its findings, then the drift. */
export function parseLines(
  parsers: readonly ParserResult[],
  drift: readonly DriftFinding[],
  style: Style,
): readonly string[] {
  const rows = aligned(parsers.map(cellsOf));
  const lines = parsers.flatMap((parser, at) => [
    rows[at] ?? '',
    ...(parser.diff === undefined ? [] : diffLines(parser.diff, style)),
    ...notesOf(parser).map((note) => `    ${style.yellow('!')} ${note}`),
    ...(parser.error === undefined ? [] : errorLines(parser.error, style)),
  ]);
  return [...lines, ...driftLines(drift, style)];
}

function cellsOf({ name, generation, inputs, entities }: ParserResult): readonly string[] {
  const read = Object.entries(inputs).map(([stream, number]) => `${count(number)} ${printable(stream)}`);
  const { added, changed, unchanged, archived } = entities;
  return [
    printable(name),
    read.length === 0 ? 'nothing to read' : `from ${read.join(', ')}`,
    `+${count(added)} added`,
    `~${count(changed)} changed`,
    `-${count(archived)} archived`,
    `${count(unchanged)} unchanged`,
    `generation ${generation}`,
  ];
}

function notesOf({
  quarantined,
  quarantine,
  codeChanged,
  repeatedKeys,
  orphans = [],
}: ParserResult): readonly string[] {
  const notes: string[] = [];
  if (quarantined > 0) {
    notes.push(
      `${counted(quarantined, 'record')} quarantined${quarantine === undefined ? '' : `: ${printable(quarantine)}`}`,
    );
  }
  if (repeatedKeys !== undefined) {
    const examples = repeatedKeys.examples.map(printable).join(', ');
    notes.push(
      `${counted(repeatedKeys.count, 'key')} came more than once with different values, the last was kept: ${examples}`,
    );
  }
  for (const { field, to, count: number } of orphans) {
    notes.push(`${count(number)} with a ${printable(field)} that no ${printable(to)} has`);
  }
  if (codeChanged === true)
    notes.push('the code has changed since this generation was made: restream brings it up to date');
  return notes;
}

/** `+ added  − gone  ~ changed`, the fields that changed, and examples. */
function diffLines({ added, gone, changed, unchanged, fields, examples }: ParserDiff, style: Style): readonly string[] {
  const counts = `${style.green(`+${count(added)}`)} added  ${style.red(`-${count(gone)}`)} gone  ${style.yellow(`~${count(changed)}`)} changed  ${count(unchanged)} unchanged`;
  const byField = Object.entries(fields).map(([field, number]) => `${printable(field)} ${count(number)}`);
  return [
    `    ${counts}`,
    ...(byField.length === 0 ? [] : [`    changed fields: ${byField.join(', ')}`]),
    ...examples.flatMap((example) => exampleLines(example, style)),
  ];
}

function exampleLines({ kind, key, fields }: ParserDiff['examples'][number], style: Style): readonly string[] {
  const marks = { added: style.green('+'), gone: style.red('-'), changed: style.yellow('~') };
  return [
    `      ${marks[kind]} ${printable(key)}`,
    ...Object.entries(fields).map(
      ([field, { before, after }]) => `          ${printable(field)}: ${shortJson(before)} → ${shortJson(after)}`,
    ),
  ];
}

function shortJson(value: unknown): string {
  return value === undefined ? '(not there)' : truncate(printable(jsonLine(value)), 60);
}

function driftLines(drift: readonly DriftFinding[], style: Style): readonly string[] {
  if (drift.length === 0) return [];
  const rows = drift.map(({ stream, path, problem, count: number }) => [
    printable(stream),
    printable(path),
    printable(problem),
    `${count(number)} times`,
  ]);
  return [style.yellow('drift: the API sends something else than the schema says'), ...aligned(rows, '    ')];
}
