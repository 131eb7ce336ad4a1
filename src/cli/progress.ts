import type { ProgressEvent } from '../runtime/run-context.ts';
import { progress as drawProgress } from './render/progress.ts';
import { terminalOf } from './render/terminal.ts';
import type { Session } from './session.ts';

/** Shows on stderr what a run does while it runs; nothing with `--quiet`. */
export async function withProgress<T>(
  session: Session,
  work: (report: (event: ProgressEvent) => void) => Promise<T>,
): Promise<T> {
  const { environment, options } = session;
  if (options.quiet) return work(() => undefined);
  const terminal = terminalOf(environment.stderr, environment.variables, { noColor: !options.color });
  const shown = drawProgress(
    { write: (text) => environment.stderr.write(environment.redaction.redact(text)) },
    { animated: terminal.animated, now: () => environment.host.clock.monotonicMs(), width: terminal.width },
  );
  try {
    return await work((event) => {
      if (event.type === 'note') shown.note(event.text);
      else if (event.type === 'stream-end') shown.end(event.stream, event.outcome);
      else if (event.type === 'parser') shown.update(event.parser, { entities: event.entities });
      else shown.update(event.stream, { pages: event.pages, records: event.records, waitingFor: event.waitingFor });
    });
  } finally {
    shown.stop();
  }
}
