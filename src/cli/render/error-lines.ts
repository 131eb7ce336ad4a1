import type { ErrorReport } from '../../model/results.ts';
import { printable } from './printable.ts';
import type { Style } from './style.ts';

/** The error of a part, below its line. */
export function errorLines({ code, message, hint }: ErrorReport, style: Style): readonly string[] {
  return [
    `    ${style.red(code)}  ${printable(message)}`,
    ...(hint === undefined
      ? []
      : hint.split('\n').map((line, at) => `    ${at === 0 ? 'fix  ' : '     '}${printable(line)}`)),
  ];
}
