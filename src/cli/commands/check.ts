import { runChecks } from '../../runtime/stream/check-run.ts';
import type { CheckRunResult } from '../../model/results.ts';
import type { Answer } from '../environment.ts';
import { streamsExitCode } from '../exit-code.ts';
import { goOnline } from '../online.ts';
import { withProgress } from '../progress.ts';
import { summaryOf } from '../summary-of.ts';
import { resultHead } from '../result-head.ts';
import type { Session } from '../session.ts';

/** `sassy run <i> check`: can we log in, and may we read each stream? Stores nothing and takes no lock. */
export async function checkCommand(session: Session): Promise<Answer> {
  const outcome = await withProgress(session, (report) =>
    goOnline(session, (event) => (event.type === 'note' ? report(event) : undefined), runChecks),
  );
  const exitCode = streamsExitCode(outcome.errors);
  const json: CheckRunResult = {
    command: 'check',
    ...resultHead(session, exitCode, outcome.errors),
    checks: outcome.checks,
    streams: outcome.streams,
  };
  const next = exitCode === 0 ? `sassy run ${session.manifest.name} stream` : undefined;
  return { exitCode, json, text: summaryOf(session, json, next) };
}
