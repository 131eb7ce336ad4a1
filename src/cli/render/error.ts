import { hasCode } from '../../errors/error-code.ts';
import { ERROR_CODES, type ErrorKind } from '../../errors/registry.ts';
import { isSassyError, SassyError } from '../../errors/sassy-error.ts';
import { printable, printableLines } from './printable.ts';
import { plainStyle, type Style } from './style.ts';

/** Takes secrets out of a text. */
export type Redact = (text: string) => string;

export interface ErrorOptions {
  readonly style?: Style;
  /** With the stack and the causes. */
  readonly verbose?: boolean;
  readonly redact?: Redact;
}

/** An error in `--json`. */
export interface ErrorJson {
  readonly code: string;
  readonly message: string;
  /** What mends it. */
  readonly hint: string;
  readonly why?: string;
  /** What is true of the data now. */
  readonly state?: string;
  readonly docs: string;
  /** When to come back, ISO 8601. */
  readonly resumeAfter?: string;
}

/**
 * An error as people see it, with a line break at its end:
 * ```
 * x CONFIG_MISSING  snyk has no token
 *   why    SASSY_SNYK__TOKEN is not set
 *   state  nothing was read or written
 *   fix    …
 *   docs   docs/errors.md#config_missing        sassy help errors CONFIG_MISSING
 * ```
 */
export function renderError(error: unknown, options: ErrorOptions = {}): string {
  const { style = plainStyle, verbose = false, redact = (text) => text } = options;
  const known = toSassyError(error);
  const { code, message, hint, why, state, docs, resumeAfter } = errorJson(known, redact);
  const rows: readonly (readonly [label: string, text: string | undefined])[] = [
    ['why', why],
    ['state', state],
    ['again', resumeAfter === undefined ? undefined : `from ${resumeAfter} on`],
    ['fix', hint],
    ['docs', `${docs}        sassy help errors ${code}`],
  ];
  const lines = rows.flatMap(([label, text]) => (text === undefined ? [] : labelled(label, text, style)));
  const [title = '', ...more] = printableLines(message);
  const head = [`${style.red('x')} ${style.bold(code)}  ${title}`, ...more.map((line) => `  ${line}`)];
  const stack = verbose ? ['', ...printableLines(redact(stackOf(error))).map((line) => style.dim(`  ${line}`))] : [];
  return `${[...head, ...lines, ...stack].join('\n')}\n`;
}

/** An error as `--json` carries it. Never fails, whatever was thrown. */
export function errorJson(error: unknown, redact: Redact = (text) => text): ErrorJson {
  const { code, message, why, state, fix, resumeAfter } = toSassyError(error);
  return {
    code,
    message: redact(message),
    hint: redact(fix ?? `sassy help errors ${code}`),
    ...(why === undefined ? {} : { why: redact(why) }),
    ...(state === undefined ? {} : { state: redact(state) }),
    docs: errorDocs(code),
    ...(resumeAfter === undefined ? {} : { resumeAfter }),
  };
}

/** The exit code that the contract gives to an error. */
export function exitCodeOf(error: unknown): number {
  const { code } = toSassyError(error);
  const kind: ErrorKind | undefined = Object.hasOwn(ERROR_CODES, code) ? ERROR_CODES[code] : undefined;
  return kind?.exitCode ?? 1;
}

/** Where an error code is explained, from the root of the project. */
export function errorDocs(code: string): string {
  return `docs/errors.md#${code.toLowerCase()}`;
}

/** Gives everything thrown a code: a full disk is the machine's fault, what has no name is a bug. */
export function toSassyError(error: unknown): SassyError {
  if (isSassyError(error)) return error;
  if (hasCode(error, 'ENOSPC', 'EDQUOT')) {
    return new SassyError('DISK_FULL', { message: 'the disk is full', why: nameOf(error), cause: error });
  }
  return new SassyError('INTERNAL', { message: nameOf(error), cause: error });
}

function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return `something that is no error was thrown: ${printable(textOf(error))}`;
  return error.message === '' ? error.name : `${error.name}: ${error.message}`;
}

function textOf(value: unknown): string {
  try {
    return String(value);
  } catch {
    return typeof value;
  }
}

function stackOf(error: unknown): string {
  const parts: string[] = [];
  const seen = new Set<unknown>();
  for (let item: unknown = error; item !== undefined && !seen.has(item); item = causeOf(item)) {
    seen.add(item);
    const text = item instanceof Error ? (item.stack ?? nameOf(item)) : textOf(item);
    parts.push(parts.length === 0 ? text : `caused by ${text}`);
    if (item instanceof AggregateError) parts.push(...item.errors.map((inner: unknown) => `one of ${nameOf(inner)}`));
  }
  return parts.join('\n');
}

function causeOf(item: unknown): unknown {
  return item instanceof Error ? item.cause : undefined;
}

function labelled(label: string, text: string, style: Style): readonly string[] {
  const [first = '', ...more] = printableLines(text);
  return [`  ${style.dim(label.padEnd(7))}${first}`, ...more.map((line) => `  ${' '.repeat(7)}${line}`)];
}
