import type {
  CheckRunResult,
  ParseRunResult,
  RecordRunResult,
  StatusResult,
  StreamRunResult,
  SyncRunResult,
  TestRunResult,
} from '../../model/results.ts';
import { aligned } from './aligned.ts';
import { errorLines } from './error-lines.ts';
import { counted } from './numbers.ts';
import { parseLines } from './parse-summary.ts';
import { printable } from './printable.ts';
import { statusLines } from './status-summary.ts';
import { streamLines } from './stream-summary.ts';
import { plainStyle, type Style } from './style.ts';

/** What `renderSummary` can show; told apart by `command`. */
export type SummaryResult =
  StreamRunResult | ParseRunResult | SyncRunResult | CheckRunResult | TestRunResult | RecordRunResult | StatusResult;

export interface SummaryOptions {
  readonly style?: Style;
  /** The commands to go on with. */
  readonly next?: readonly string[];
}

/**
 * The result of a command for people, with a line break at its end. Says all that the `--json` object says: each stream
 * and parser, totals, errors with what mends them, findings, and the command to go on with.
 */
export function renderSummary(result: SummaryResult, options: SummaryOptions = {}): string {
  const { style = plainStyle, next = [] } = options;
  const lines = [...bodyOf(result, style)];
  if (result.error !== undefined) lines.push(...errorLines(result.error, style));
  if (result.resumeAfter !== undefined) lines.push(`again from ${printable(result.resumeAfter)} on`);
  if (next.length > 0) lines.push(`${style.dim('next:')}  ${next.join('     ')}`);
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

function bodyOf(result: SummaryResult, style: Style): readonly string[] {
  switch (result.command) {
    case 'stream':
      return streamLines(result.streams, style);
    case 'parse':
    case 'restream':
      return parseLines(result.parsers, result.drift, style);
    case 'sync':
      return [...streamLines(result.streams, style), ...parseLines(result.parsers, result.drift, style)];
    case 'check':
      return checkLines(result, style);
    case 'test':
      return testLines(result, style);
    case 'record':
      return [
        ...streamLines(result.streams, style),
        `recorded ${printable(result.scenario)}: ${counted(result.interactions, 'interaction')} in ${printable(result.file)}`,
        ...Object.entries(result.entities).map(
          ([name, number]) => `  replayed to ${counted(number, printable(name), printable(name))}`,
        ),
      ];
    case 'status':
      return statusLines(result, style);
  }
}

function checkLines({ checks, streams }: CheckRunResult, style: Style): readonly string[] {
  const readable = streams.map(({ name, readable: ok, error }) => ({ name: `stream ${name}`, ok, error }));
  return [...checks, ...readable].flatMap(({ name, ok, error }) => [
    `${ok ? style.green('ok') : style.red('x ')}  ${printable(name)}`,
    ...(error === undefined ? [] : errorLines(error, style)),
  ]);
}

function testLines({ passed, failed, skipped, cases }: TestRunResult, style: Style): readonly string[] {
  const marks = { passed: style.green('ok'), failed: style.red('x '), skipped: style.yellow('- ') };
  const lines = cases.flatMap(({ name, outcome, reason }) => [
    `${marks[outcome]}  ${printable(name)}`,
    ...(reason === undefined ? [] : reason.split('\n').map((line) => `      ${printable(line)}`)),
  ]);
  return [...lines, ...aligned([[`${passed} passed`, `${failed} failed`, `${skipped} skipped`]])];
}
