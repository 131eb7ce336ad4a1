import type { z } from 'zod';
import { SassyError } from '../../errors/sassy-error.ts';
import { printable } from '../render/printable.ts';
import type { ConfigField } from './config-fields.ts';
import type { FoundValue } from './config-values.ts';

/** One thing that is wrong with a value: for an error of its own or for a line of a longer one. */
export interface ConfigProblem {
  readonly field: ConfigField | undefined;
  readonly origin: string;
  readonly why: string;
}

/** No text that a header could carry has these; a line break in a token is a copy that went wrong. */
// oxlint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001F\u007F]/;

/** What is wrong with a text before any schema sees it; undefined when nothing is. */
export function controlProblem(value: unknown): string | undefined {
  if (Array.isArray(value)) return value.map(controlProblem).find((problem) => problem !== undefined);
  if (typeof value !== 'string' || !CONTROL.test(value)) return undefined;
  return /[\r\n]/.test(value) ? 'has a line break in it' : 'has a control character in it';
}

/** Says what a zod issue says, without the value when the field is a secret. */
export function issueText(
  issue: z.core.$ZodIssue,
  field: ConfigField | undefined,
  found: FoundValue | undefined,
): string {
  const inner = issue.path.length > 1 ? ` (at ${issue.path.slice(1).join('.')})` : '';
  if (field?.secret === true && typeof found?.value === 'string' && holdsPieceOf(found.value, issue.message)) {
    return 'does not have the form that it should have';
  }
  return printable(issue.message) + inner;
}

/** One CONFIG_INVALID for all problems of a connection's config. */
export function configInvalid(connection: string, problems: readonly ConfigProblem[]): SassyError {
  const [first] = problems;
  const lines = problems.map(({ field, origin, why }) => `${field?.name ?? 'config'}: ${why} (from ${origin})`);
  const message =
    problems.length === 1
      ? `${first?.field?.name ?? 'the config'} of ${connection} is not valid`
      : `${problems.length} config values of ${connection} are not valid`;
  return new SassyError('CONFIG_INVALID', {
    message,
    why: lines.join('\n'),
    fix: `correct ${[...new Set(problems.map(({ origin }) => origin))].join(', ')}`,
  });
}

/** One CONFIG_MISSING for all fields that have no value. */
export function configMissing(connection: string, fields: readonly ConfigField[]): SassyError {
  const [first] = fields;
  const lines = fields.map(
    ({ name, env, description }) => `${env} is not set (${name}${description === undefined ? '' : `: ${description}`})`,
  );
  const open = fields.filter(({ secret }) => !secret).map(({ name }) => `--set ${name}=…`);
  const names = fields.map(({ env }) => `${env}=…`).join('\n');
  return new SassyError('CONFIG_MISSING', {
    message:
      fields.length === 1
        ? `${connection} has no ${first?.name ?? ''}`
        : `${connection} has no ${fields.map(({ name }) => name).join(', ')}`,
    why: lines.join('\n'),
    fix: `put into .env, or set in the environment:\n${names}${open.length === 0 ? '' : `\nor give ${open.join(' ')}`}`,
  });
}

/** True when a message repeats six characters in a row of a value, or all of a shorter one. */
function holdsPieceOf(value: string, message: string): boolean {
  if (value === '') return false;
  const length = Math.min(6, value.length);
  return Array.from({ length: value.length - length + 1 }, (_, at) => value.slice(at, at + length)).some((piece) =>
    message.includes(piece),
  );
}
