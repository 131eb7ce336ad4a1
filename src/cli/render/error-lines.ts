import type { ErrorReport } from '../../model/results.ts';
import { printable } from './printable.ts';
import type { Style } from './style.ts';

/** The error of a part, below its line. */
export function errorLines({ code, message, why, hint }: ErrorReport, style: Style): readonly string[] {
  return [`    ${style.red(code)}  ${printable(message)}`, ...labelled('why', why), ...labelled('fix', hint)];
}

function labelled(label: string, text: string | undefined): readonly string[] {
  if (text === undefined) return [];
  return text.split('\n').map((line, at) => `    ${at === 0 ? `${label}  ` : '     '}${printable(line)}`);
}
