import { fileURLToPath } from 'node:url';
import { SassyError } from '../errors/sassy-error.ts';
import { requireOpenFiles } from '../integration/open-files.ts';
import { nodeHost } from '../util/node-host.ts';
import type { Secret } from '../util/secret.ts';
import type { Answer, CliEnvironment, OutputStream, Redaction } from './environment.ts';
import { buildProgram } from './program.ts';
import { exitOnBrokenPipe, ignoreBrokenPipe } from './render/broken-pipe.ts';
import { terminalOf } from './render/terminal.ts';
import { keepYoungSpaceSmall } from './young-space.ts';

/** The only place that looks at `process`: argv in, exit code out. */
async function main(argv: readonly string[]): Promise<number> {
  keepYoungSpaceSmall();
  exitOnBrokenPipe(process.stdout, (code) => process.exit(code));
  ignoreBrokenPipe(process.stderr);
  const isColor = terminalOf(process.stdout, process.env, { noColor: argv.includes('--no-color') }).color;
  const { loadStyle } = await import('./render/style.ts');
  const environment: CliEnvironment = {
    host: nodeHost(),
    cwd: process.cwd(),
    variables: process.env,
    stdout: outputOf(process.stdout),
    stderr: outputOf(process.stderr),
    style: await loadStyle(isColor),
    redaction: growingRedaction(),
    signal: stopSignal(),
    packageFolder: fileURLToPath(new URL('../../', import.meta.url)),
    nodeVersion: process.version,
  };
  try {
    const answer = await answerOf(environment, argv);
    if (answer === undefined) return 0;
    if (argv.includes('--json') && answer.json !== undefined) {
      const { jsonLine } = await import('./render/json-line.ts');
      await environment.stdout.write(`${environment.redaction.redact(jsonLine(answer.json))}\n`);
    } else if (answer.text !== '') {
      const output = answer.isAside === true ? environment.stderr : environment.stdout;
      await output.write(environment.redaction.redact(answer.text));
    }
    return answer.exitCode;
  } catch (error) {
    const { reportFailure } = await import('./report-failure.ts');
    return reportFailure(environment, argv, error);
  }
}

async function answerOf(environment: CliEnvironment, argv: readonly string[]): Promise<Answer | undefined> {
  let work: (() => Promise<Answer>) | undefined;
  const program = buildProgram(environment, (taken) => {
    work = taken;
  });
  if (argv.length === 0) program.help();
  await program.parseAsync([...argv], { from: 'user' });
  if (work === undefined) return undefined;
  requireOpenFiles();
  return work();
}

function outputOf(stream: NodeJS.WriteStream): OutputStream {
  return {
    // Undefined, not false, where it is a pipe.
    ...(stream.isTTY ? { isTTY: true, columns: stream.columns } : { isTTY: false, columns: undefined }),
    write: (text) =>
      new Promise((resolve) => {
        if (stream.write(text)) resolve();
        else stream.once('drain', () => resolve());
      }),
  };
}

/** Secrets become known while a command runs; from then on nothing that is written shows them. */
function growingRedaction(): Redaction {
  const all: Secret[] = [];
  let redact = (text: string): string => text;
  return {
    async add(secrets) {
      if (secrets.length === 0) return;
      all.push(...secrets);
      const { redactor } = await import('../http/redact.ts');
      redact = redactor(all);
    },
    redact: (text) => redact(text),
  };
}

/** The first signal asks for an end at the next commit; the second ends at once. */
function stopSignal(): AbortSignal {
  const controller = new AbortController();
  const stop = (code: 'INTERRUPTED' | 'TERMINATED', message: string, exitCode: number): void => {
    if (controller.signal.aborted) process.exit(exitCode);
    controller.abort(new SassyError(code, { message }));
    if (code === 'INTERRUPTED') process.stderr.write('\nstopping after the page in hand; Ctrl-C again stops at once\n');
  };
  process.on('SIGINT', () => stop('INTERRUPTED', 'stopped by Ctrl-C', 130));
  process.on('SIGTERM', () => stop('TERMINATED', 'stopped by SIGTERM', 143));
  return controller.signal;
}

process.exitCode = await main(process.argv.slice(2));
