import { Command } from 'commander';
import { entityInfo } from '../model/entity.ts';
import type { Manifest } from '../model/manifest.ts';
import { configFields } from './config/config-fields.ts';
import { isSecretField } from '../integration/secret-field.ts';
import type { Answer, CliEnvironment } from './environment.ts';
import { commonOptions, quiet, withCommon } from './common-options.ts';
import { writeRunLog } from '../runtime/run-log.ts';
import { jsonLine } from './render/json-line.ts';
import { collect, instant, list, positive } from './option-values.ts';
import { flowText } from './render/flow-text.ts';
import { slicesText } from './render/slices-text.ts';
import { addParseCommands } from './run-parse-commands.ts';
import { addStoreCommands } from './run-store-commands.ts';
import type { RunOptions, TakeWork, Work } from './run-options.ts';
import { openSession, type Session, type SessionOptions, type StartThreads, targetOf } from './session.ts';

/** `sassy run <integration> …`: the command line of one integration, with its streams and parsers in the help. */
export async function runIntegration(
  environment: CliEnvironment,
  name: string,
  rest: readonly string[],
): Promise<Answer> {
  let work:
    { readonly options: RunOptions; readonly run: Work; readonly startThreads: StartThreads | undefined } | undefined;
  const build = (manifest?: Manifest): Command =>
    runProgram(environment, name, manifest, (options, run, startThreads) => {
      work = { options, run, startThreads };
    });
  const asksHelp = rest.length === 0 || rest.includes('--help') || rest.includes('-h');
  // Only help needs the integration before the command line is read.
  const manifest = asksHelp
    ? (await openSession(environment, targetOf(name, undefined, undefined), NO_OPTIONS)).manifest
    : undefined;
  const program = build(manifest);
  if (rest.length === 0) program.help();
  await program.parseAsync([...rest], { from: 'user' });
  if (work === undefined) return { exitCode: 0, json: undefined, text: '' };
  const { options, run, startThreads } = work;
  const target = targetOf(name, options.connection, options.replay);
  const session = await openSession(environment, target, sessionOptions(options), startThreads);
  try {
    const startedAt = environment.host.clock.now();
    const answer = await run(session);
    await keepRunLog(session, startedAt, answer);
    return answer;
  } finally {
    await session.threadPool?.close();
  }
}

/** What a run that had an id came to, kept beside its data: `runs/<run id>.jsonl`. */
async function keepRunLog({ environment, paths, runId }: Session, startedAt: number, { json }: Answer): Promise<void> {
  if (json === undefined || !('runId' in json)) return;
  const { host, redaction, stderr } = environment;
  const at = (ms: number): string => new Date(ms).toISOString();
  const events = [
    { type: 'start', at: at(startedAt), runId, pid: host.process.pid, hostname: host.process.hostname },
    { type: 'end', at: at(host.clock.now()), ...json },
  ];
  const lines = events.map((event) => redaction.redact(jsonLine(event)));
  try {
    await writeRunLog(host, paths.runs, runId, lines);
  } catch (error) {
    // What the run did is done and must be told: a log that cannot be kept may not stand in its place.
    const why = error instanceof Error ? error.message : String(error);
    await stderr.write(`the log of this run could not be kept in ${paths.runs}: ${why}\n`);
  }
}

const NO_OPTIONS: SessionOptions = { ...commonOptions({}), connection: undefined, sets: [], replay: undefined };

function sessionOptions(options: RunOptions): SessionOptions {
  return { ...commonOptions(options), connection: options.connection, sets: options.set ?? [], replay: options.replay };
}

function runProgram(
  environment: CliEnvironment,
  name: string,
  manifest: Manifest | undefined,
  take: TakeWork,
): Command {
  const program = quiet(new Command(`sassy run ${name}`), environment);
  if (manifest !== undefined)
    program.description(manifest.title).addHelpText('after', aboutIntegration(name, manifest));
  const command = (verb: string, description: string): Command =>
    withCommon(quiet(program.command(verb), environment).description(description)).option(
      '--connection <name>',
      'a named connection in place of the default one',
    );
  const online = (verb: string, description: string): Command =>
    command(verb, description).option('--set <field=value>', 'a config value (never a secret)', collect, []);
  const stream = (verb: string, description: string): Command =>
    online(verb, description)
      .option('--streams <names>', 'only these, with commas between', list)
      .option('--full', 'read everything again')
      .option('--since <time>', 'read again from this time (ISO 8601 with a zone)', instant)
      .option('--until <time>', 'with --since: load what is missing of the past between the two, nothing else', instant)
      .option('--max-pages <number>', 'stop each stream after so many pages; the next run goes on there', positive)
      .option('--replay <scenario>', 'answers of a snapshot in place of the network');
  const streamFlags = (options: RunOptions) => ({
    streams: options.streams,
    full: options.full === true,
    since: options.since,
    until: options.until,
    maxPages: options.maxPages,
  });

  online('check', 'can we log in, and may we read each stream?')
    .option('--replay <scenario>', 'answers of a snapshot in place of the network')
    .action((options: RunOptions) =>
      take(options, async (session) => (await import('./commands/check.ts')).checkCommand(session)),
    );
  online('login', 'log in with a browser, where the service wants that; the login is kept with the data')
    .option('--no-browser', 'print the address, open nothing')
    .action((options: RunOptions) =>
      take(options, async (session) =>
        (await import('./commands/login.ts')).loginCommand(session, { opensBrowser: options.browser !== false }),
      ),
    );
  stream('stream', 'fetch what is new, commit it raw').action((options: RunOptions) =>
    take(options, async (session) =>
      (await import('./commands/stream.ts')).streamCommand(session, streamFlags(options)),
    ),
  );
  stream('sync', 'stream, then parse').action((options: RunOptions) =>
    take(options, async (session) => (await import('./commands/sync.ts')).syncCommand(session, streamFlags(options))),
  );
  addParseCommands({ environment, program, command, take });
  addStoreCommands({ command, take });
  command('show', 'records of a stream (the newest version of each key) or entities')
    .argument('<name>', 'a stream or an entity')
    .option('--limit <number>', 'at most so many', positive)
    .option('--all', 'every version of each record, oldest first')
    .action((shown: string, options: RunOptions) =>
      take(options, async (session) =>
        (await import('./commands/show.ts')).showCommand(session, shown, {
          limit: options.limit,
          all: options.all === true,
        }),
      ),
    );
  online('record', 'capture a snapshot: snapshots/<integration>/<scenario>.json')
    .argument('<scenario>', 'its name, e.g. first-sync')
    .option('--streams <names>', 'only these, with commas between', list)
    .option('--max-pages <number>', 'at most so many pages of each stream', positive)
    .option('--source <text>', 'what the recording is of (default: the host)')
    .action((scenario: string, options: RunOptions) =>
      take(options, async (session) =>
        (await import('./commands/record.ts')).recordCommand(session, scenario, {
          streams: options.streams,
          maxPages: options.maxPages,
          source: options.source,
        }),
      ),
    );
  command('test', 'replay all snapshots with the network closed, healthy and with faults, and compare').action(
    (options: RunOptions) =>
      take(options, async (session) => (await import('./commands/test.ts')).testCommand(session)),
  );
  command('status', 'what is committed, how far each parser is, who is running').action((options: RunOptions) =>
    take(options, async (session) => (await import('./commands/status.ts')).statusCommand(session)),
  );
  command('gaps', 'which intervals of which slices are proven fetched; exit code 6 when one is missing')
    .option('--streams <names>', 'only these, with commas between', list)
    .option('--stream <name>', 'only this one')
    .action((options: RunOptions) =>
      take(options, async (session) =>
        (await import('./commands/gaps.ts')).gapsCommand(session, {
          streams: options.stream === undefined ? options.streams : [options.stream],
        }),
      ),
    );
  const state = quiet(program.command('state'), environment).description('the positions of the streams');
  withCommon(quiet(state.command('show'), environment).description('the state of each stream, as committed'))
    .option('--connection <name>', 'a named connection in place of the default one')
    .action((options: RunOptions) =>
      take(options, async (session) => (await import('./commands/state.ts')).stateShowCommand(session)),
    );
  withCommon(quiet(state.command('reset'), environment).description('forget positions: the next run reads everything'))
    .option('--connection <name>', 'a named connection in place of the default one')
    .requiredOption('--streams <names>', 'these, with commas between', list)
    .option('--dry-run', 'show what would be forgotten')
    .action((options: RunOptions) =>
      take(options, async (session) =>
        (await import('./commands/state.ts')).stateResetCommand(session, {
          streams: options.streams ?? [],
          dryRun: options.dryRun === true,
        }),
      ),
    );
  withCommon(quiet(state.command('set'), environment).description('move the position of one slice to a time'))
    .option('--connection <name>', 'a named connection in place of the default one')
    .requiredOption('--stream <name>', 'which stream')
    .option('--slice <slice>', 'which slice, as `state show` writes it (default: the only one)')
    .requiredOption('--cursor <time>', 'the new position (ISO 8601 with a zone)', instant)
    .option('--dry-run', 'show what would be moved')
    .action((options: RunOptions) =>
      take(options, async (session) =>
        (await import('./commands/state.ts')).stateSetCommand(session, {
          stream: options.stream ?? '',
          slice: options.slice,
          cursor: options.cursor ?? '',
          dryRun: options.dryRun === true,
        }),
      ),
    );
  return program;
}

function aboutIntegration(name: string, { streams, parsers, config, checks }: Manifest): string {
  const lines = ['', 'Streams:'];
  for (const stream of streams) {
    lines.push(
      `  ${stream.name.padEnd(20)} ${[flowText(stream), slicesText(stream)].filter((text) => text !== '').join(', ')}`,
    );
  }
  lines.push('', 'Parsers:');
  for (const { name: parser, entity, inputs } of parsers) {
    const from = inputs.map(({ stream, mode }) => `${stream} (${mode === 'incremental' ? 'new' : 'all'})`).join(', ');
    lines.push(`  ${parser.padEnd(20)} ${entityInfo(entity)?.name ?? ''} from ${from}`);
  }
  if (checks.length > 0) lines.push('', 'Checks:', ...checks.map(({ title }) => `  ${title}`));
  lines.push('', 'Config:');
  for (const field of configFields({ integration: name, connection: name }, config, isSecretField)) {
    lines.push(`  ${field.env.padEnd(28)} ${field.required ? 'required' : 'optional'}  ${field.description ?? ''}`);
  }
  return lines.join('\n');
}
