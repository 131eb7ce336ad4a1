import { CommanderError } from 'commander';
import { SassyError } from '../errors/sassy-error.ts';
import type { CliEnvironment } from './environment.ts';
import { errorJson, exitCodeOf, renderError, toSassyError } from './render/error.ts';
import { jsonLine } from './render/json-line.ts';
import { loadStyle } from './render/style.ts';
import { terminalOf } from './render/terminal.ts';

/** Shows an error that ended a command: the block for people on stderr, with `--json` one object on stdout as well. */
export async function reportFailure(
  environment: CliEnvironment,
  argv: readonly string[],
  thrown: unknown,
): Promise<number> {
  if (thrown instanceof CommanderError && thrown.exitCode === 0) return 0;
  const error = thrown instanceof CommanderError ? usageError(thrown, argv) : thrown;
  const { redact } = environment.redaction;
  const { color } = terminalOf(environment.stderr, environment.variables, { noColor: argv.includes('--no-color') });
  const verbose = argv.includes('--verbose') || argv.includes('-v');
  await environment.stderr.write(renderError(error, { style: await loadStyle(color), verbose, redact }));
  const exitCode = exitCodeOf(error);
  if (argv.includes('--json')) {
    const { resumeAfter } = toSassyError(error);
    const json = {
      ...whatWasAsked(argv),
      ok: false,
      exitCode,
      retryable: exitCode === 75 || exitCode === 130 || exitCode === 143,
      ...(resumeAfter === undefined ? {} : { resumeAfter }),
      error: errorJson(error, redact),
    };
    await environment.stdout.write(`${jsonLine(json)}\n`);
  }
  return exitCode;
}

function usageError({ message }: CommanderError, argv: readonly string[]): SassyError {
  const place = argv[0] === 'run' && argv[1] !== undefined && !argv[1].startsWith('-') ? ` run ${argv[1]}` : '';
  return new SassyError('USAGE', {
    message: message.replace(/^error: /, '').replace(/\n\(Did you mean (.*)\?\)$/, '. Did you mean $1?'),
    fix: `sassy${place} --help`,
  });
}

/** The command, integration and connection as far as the arguments name them, for the `--json` object. */
function whatWasAsked(argv: readonly string[]): Readonly<Record<string, string>> {
  const words = argv.filter((word) => !word.startsWith('-'));
  if (words[0] !== 'run') return words[0] === undefined ? {} : { command: words[0] };
  const [, target = '', command = ''] = words;
  const [integration = '', inTarget] = target.split('/');
  const flag = argv.indexOf('--connection');
  const connection =
    inTarget ?? (flag < 0 ? undefined : argv[flag + 1]) ?? (argv.includes('--replay') ? 'replay' : integration);
  return { command, integration, connection };
}
