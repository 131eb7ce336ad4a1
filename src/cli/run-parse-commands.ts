import type { Command } from 'commander';
import { quiet, withCommon } from './common-options.ts';
import type { CliEnvironment } from './environment.ts';
import { commitOf, limit, list, positive } from './option-values.ts';
import type { RunOptions, TakeWork } from './run-options.ts';

export interface ParseCommands {
  readonly environment: CliEnvironment;
  readonly program: Command;
  /** Makes a command with the options that all have. */
  readonly command: (verb: string, description: string) => Command;
  readonly take: TakeWork;
}

/** The commands that work on what is stored: no network, no secret, no config. */
export function addParseCommands({ environment, program, command, take }: ParseCommands): void {
  command('parse', 'raw data to entities: what each parser has not read yet')
    .option('--parsers <names>', 'only these, with commas between', list)
    .option('--verify', 'make all entities once more, compare them with the sink and change nothing')
    .option('--max-archived <limit>', 'how many entities may be archived at once (default: 50%)', limit)
    .option('--threads <number>', 'for parsers that are parallel (default: as many as there are processors)', positive)
    .action((options: RunOptions) =>
      take(options, async (session) =>
        (await import('./commands/parse.ts')).parseCommand(session, {
          parsers: options.parsers,
          mode: options.verify === true ? 'verify' : 'parse',
          dryRun: false,
          diff: false,
          maxArchived: options.maxArchived,
          threads: options.threads,
        }),
      ),
    );
  command('restream', 'all raw data to entities again, into a new generation, without fetching')
    .option('--parsers <names>', 'only these, with commas between', list)
    .option('--diff', 'show what changes against the present generation')
    .option('--dry-run', 'show it, and change nothing')
    .option('--against <revision>', 'compare with the code of a git revision; changes nothing')
    .option(
      '--from <commit>',
      'only records from this commit on (42, or issues=42), over the present entities',
      commitOf,
    )
    .option('--max-changed <limit>', 'a brake: switch nothing when more changes (0.5%, or 100)', limit)
    .option('--max-archived <limit>', 'how many entities may be archived at once (default: 50%)', limit)
    .option('--threads <number>', 'for parsers that are parallel (default: as many as there are processors)', positive)
    .action((options: RunOptions) =>
      take(
        options,
        async (session) =>
          (await import('./commands/parse.ts')).parseCommand(session, {
            parsers: options.parsers,
            mode: 'restream',
            dryRun: options.dryRun === true,
            diff: options.diff === true,
            from: options.from,
            maxChanged: options.maxChanged,
            against: options.against,
            maxArchived: options.maxArchived,
            threads: options.threads,
          }),
        async (place, config) => (await import('./parse-threads.ts')).threadsAhead(place, config, options.threads),
      ),
    );
  command('rollback', 'back to the generation before the last restream; again to undo it')
    .option('--parsers <names>', 'only these, with commas between', list)
    .action((options: RunOptions) =>
      take(options, async (session) =>
        (await import('./commands/rollback.ts')).rollbackCommand(session, options.parsers),
      ),
    );
  const quarantine = quiet(program.command('quarantine'), environment).description('records that do not fit');
  const ofQuarantine = (verb: string, description: string): Command =>
    withCommon(quiet(quarantine.command(verb), environment).description(description))
      .option('--connection <name>', 'a named connection in place of the default one')
      .option('--parsers <names>', 'only of these, with commas between', list);
  ofQuarantine('list', 'what does not fit, why, and where it came from')
    .option('--limit <number>', 'at most so many of each parser', positive)
    .action((options: RunOptions) =>
      take(options, async (session) =>
        (await import('./commands/quarantine.ts')).quarantineListCommand(session, {
          parsers: options.parsers,
          limit: options.limit,
        }),
      ),
    );
  ofQuarantine('retry', 'through the parsers again, after they were mended').action((options: RunOptions) =>
    take(options, async (session) =>
      (await import('./commands/quarantine.ts')).quarantineRetryCommand(session, {
        parsers: options.parsers,
        limit: undefined,
      }),
    ),
  );
  command('why', 'where an entity came from, version by version')
    .argument('<entity>', 'e.g. Finding')
    .argument('<key>', 'its key; a JSON array where it has several fields')
    .option('--limit <number>', 'at most so many versions, the newest (default: 20)', positive)
    .action((entity: string, key: string, options: RunOptions) =>
      take(options, async (session) =>
        (await import('./commands/why.ts')).whyCommand(session, entity, key, options.limit),
      ),
    );
  command('drift', 'what appeared, vanished and changed in the shape of the records')
    .option('--streams <names>', 'only these, with commas between', list)
    .option('--since-commit <number>', 'only what came after this commit', positive)
    .action((options: RunOptions) =>
      take(options, async (session) =>
        (await import('./commands/drift.ts')).driftCommand(session, {
          streams: options.streams,
          since: options.sinceCommit,
        }),
      ),
    );
}
