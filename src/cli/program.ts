import { Command } from 'commander';
import type { Answer, CliEnvironment } from './environment.ts';
import { commonOptions, quiet, type RawCommonOptions, withCommon } from './common-options.ts';

/** Runs when a command line has been understood. Loads what it needs by itself, so that `--help` loads nothing. */
export type Take = (work: () => Promise<Answer>) => void;

/**
 * The top level of the command line. Nothing of a project is loaded here: `run` hands the rest of its arguments to a
 * program that is built from the integration.
 */
export function buildProgram(environment: CliEnvironment, take: Take): Command {
  const program = quiet(new Command('sassy'), environment)
    .description('Write a SaaS integration once: fetch incrementally, keep the raw data, parse, restream.')
    .enablePositionalOptions()
    .addHelpText('after', EXAMPLES);

  program
    .command('run')
    .description('work with one integration: check, stream, parse, restream, sync, show, record, test, status, state')
    .argument('<integration>', 'its name, or name/connection')
    .argument('[command...]', 'see `sassy run <integration> --help`')
    .helpOption(false)
    .allowUnknownOption()
    .passThroughOptions()
    .addHelpText('after', RUN_HELP)
    .action((integration: string, rest: string[], _options: unknown, command: Command) => {
      if (integration === '--help' || integration === '-h') return command.help();
      take(async () => (await import('./run-program.ts')).runIntegration(environment, integration, rest));
    });

  withCommon(program.command('list').description('the integrations there are')).action(() =>
    take(async () => (await import('./commands/list.ts')).listCommand(environment)),
  );
  program
    .command('new')
    .description('start an integration: integrations/<name>/ with a stream, a check and a parser that run')
    .argument('<name>')
    .option('--json', 'answer with one JSON object')
    .action((name: string) => take(async () => (await import('./commands/new.ts')).newCommand(environment, name)));
  withCommon(program.command('query').description('SQL over the entities, read-only'))
    .argument('<sql>', 'e.g. "select severity, count(*) from findings group by 1"')
    .option('--connection <name>', 'of this connection in place of the default ones; `replay` for demo data')
    .action((sql: string, options: QueryOptions) =>
      take(async () => {
        const { queryCommand } = await import('./commands/query.ts');
        return queryCommand(environment, sql, { ...commonOptions(options), connection: options.connection });
      }),
    );
  program
    .command('docs')
    .description('what an integration is made of, as Markdown with an ERD')
    .argument('<integration>')
    .option('--json', 'answer with one JSON object')
    .action((name: string) => take(async () => (await import('./commands/docs.ts')).docsCommand(environment, name)));
  withCommon(program.command('doctor').description('check the project, its integrations and every stored byte')).action(
    (options: RawCommonOptions) =>
      take(async () => (await import('./commands/doctor.ts')).doctorCommand(environment, commonOptions(options))),
  );
  program
    .command('completion')
    .description('a completion script for your shell')
    .argument('<shell>', 'bash, zsh or fish')
    .action((shell: string) => take(async () => (await import('./commands/completion.ts')).completionCommand(shell)));
  program
    .command('help')
    .description('help for a command or a topic: environment, exit-codes, errors, connections, formats')
    .argument('[topic]')
    .argument('[code]', 'an error code')
    .action((topic: string | undefined, code: string | undefined) => {
      const command = program.commands.find((item) => item.name() === topic);
      if (topic === undefined) return program.help();
      if (command !== undefined) return command.help();
      take(async () => (await import('./commands/help.ts')).helpCommand(topic, code));
    });
  return program;
}

interface QueryOptions extends RawCommonOptions {
  readonly connection?: string;
}

const EXAMPLES = `
Examples:
  sassy run snyk sync --replay demo                          try it without an account
  sassy query "select severity, count(*) from findings group by 1" --connection replay
  sassy run snyk stream                                      fetch what is new
  sassy run snyk restream --diff                             after a change in a parser
  sassy new acme                                             start an integration

Topics: sassy help environment | exit-codes | errors [CODE] | connections | formats`;

const RUN_HELP = `
Commands of an integration:
  login                log in with a browser, where the service wants that
  check                can we log in, and may we read each stream?
  stream               fetch what is new, commit it raw
  parse                raw data to entities, what is new
  restream             all raw data to entities again, without fetching
  rollback             back to the generation before
  quarantine           records that do not fit: list, retry
  why <Entity> <key>   where an entity came from, version by version
  drift                what changed in the shape of the records
  sync                 stream, then parse
  show <name>          records of a stream, or entities
  record <scenario>    capture a snapshot
  test                 replay all snapshots
  status               what is committed, how far each parser is
  state                positions: show, set, reset
  gaps                 which intervals of which slices are proven fetched
  compact              merge small files of the raw data
  retain               remove old raw versions
  erase                remove every trace of one record

  sassy run <integration> --help           its streams, parsers and config
  sassy run <integration> stream --help    the options of one command`;
