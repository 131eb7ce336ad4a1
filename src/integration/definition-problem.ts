import { join } from 'node:path';
import { SassyError } from '../errors/sassy-error.ts';

/** One thing that is wrong with an integration's definition. */
export interface DefinitionProblem {
  /** The file to open. */
  readonly file: string;
  readonly what: string;
  /** The edit that mends it. */
  readonly fix: string;
}

/** A problem before it is known which file it is in. */
export type Problem = Omit<DefinitionProblem, 'file'>;

/** The file that problems of an integration are told for, when nothing more is known. */
export function definitionFile(folder: string): string {
  return join(folder, 'integration.ts');
}

/** All problems as one error, numbered. */
export function definitionError(name: string, problems: readonly DefinitionProblem[], cause?: unknown): SassyError {
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  return new SassyError('DEFINITION', {
    message: `the integration ${name} is not defined right: ${count}`,
    why: problems.map(({ what, fix }, index) => `${index + 1}. ${what}\n   fix: ${fix}`).join('\n'),
    fix: `edit ${[...new Set(problems.map(({ file }) => file))].join(', ')}`,
    ...(cause === undefined ? {} : { cause }),
  });
}
