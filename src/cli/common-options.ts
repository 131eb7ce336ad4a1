import { type Command, type CommanderError, Option } from 'commander';
import type { CliEnvironment, CommonOptions } from './environment.ts';

export interface RawCommonOptions {
  readonly json?: boolean;
  readonly verbose?: boolean;
  readonly quiet?: boolean;
  readonly color?: boolean;
  readonly dataDir?: string;
}

export function withCommon(command: Command): Command {
  return command
    .option('--json', 'answer with JSON')
    .option('--data-dir <folder>', 'where the data lies (default: SASSY_HOME, else .sassy)')
    .addOption(new Option('-v, --verbose', 'a line for each request, stacks of errors'))
    .option('-q, --quiet', 'no progress')
    .option('--no-color', 'no colours');
}

export function commonOptions(options: RawCommonOptions): CommonOptions {
  return {
    json: options.json === true,
    verbose: options.verbose === true,
    quiet: options.quiet === true,
    color: options.color !== false,
    dataDir: options.dataDir,
  };
}

/** Commander throws in place of ending the process, and writes where we write. */
export function quiet(command: Command, { stdout, stderr }: CliEnvironment): Command {
  return command
    .exitOverride((error: CommanderError) => {
      throw error;
    })
    .configureOutput({
      writeOut: (text) => void stdout.write(text),
      writeErr: (text) => void stderr.write(text),
      // The error is shown once, by the block that all errors have.
      outputError: () => undefined,
    })
    .showSuggestionAfterError(true);
}
