import { ERROR_CODES, type ErrorKind } from '../../errors/registry.ts';
import { SassyError } from '../../errors/sassy-error.ts';
import { closest } from '../../util/did-you-mean.ts';
import { aligned } from '../render/aligned.ts';
import { errorDocs } from '../render/error.ts';
import { printable } from '../render/printable.ts';
import { EXIT_CODES } from './exit-codes.ts';

/** `sassy help errors`: all codes by exit code; `sassy help errors CODE`: one of them. Throws USAGE for an unknown code. */
export function errorsTopic(code?: string): string {
  return code === undefined ? allErrors() : oneError(code.toUpperCase());
}

function allErrors(): string {
  const all: readonly (readonly [code: string, kind: ErrorKind])[] = Object.entries(ERROR_CODES);
  const groups = EXIT_CODES.flatMap(({ code, meaning }) => {
    const rows = all.filter(([, { exitCode }]) => exitCode === code).map(([name, { title }]) => [name, title]);
    return rows.length === 0 ? [] : [`exit code ${code}: ${meaning}`, ...aligned(rows, '  '), ''];
  });
  return `Errors. "sassy help errors CODE" tells what is true of the data then, and what mends it.

${groups.join('\n')}`;
}

function oneError(code: string): string {
  const found: readonly (readonly [code: string, kind: ErrorKind])[] = Object.entries(ERROR_CODES);
  const kind = found.find(([name]) => name === code)?.[1];
  if (kind === undefined) {
    const better = closest(code, Object.keys(ERROR_CODES));
    throw new SassyError('USAGE', {
      message: `there is no error ${printable(code)}${better === undefined ? '' : `. Did you mean ${better}?`}`,
      fix: 'sassy help errors',
    });
  }
  const exit = EXIT_CODES.find((item) => item.code === kind.exitCode);
  const rows = [
    ['state', kind.state],
    ['fix', kind.fix],
    ['exit', `${kind.exitCode}: ${exit?.meaning ?? ''}${exit?.retry === true ? '; safe to run again' : ''}`],
    ['docs', errorDocs(code)],
  ];
  return `${code}  ${kind.title}\n${aligned(rows, '  ').join('\n')}\n`;
}
