import { join } from 'node:path';
import type { StreamRunResult } from '../../model/results.ts';
import { type StreamOutcome, runStreams } from '../../runtime/stream/stream-run.ts';
import type { Answer } from '../environment.ts';
import { streamsExitCode } from '../exit-code.ts';
import { goOnline, type OnlineOptions } from '../online.ts';
import type { RunLock } from '../../store/lock.ts';
import { MOST_CONCURRENCY } from '../concurrency.ts';
import { knownNames } from '../names.ts';
import { withProgress } from '../progress.ts';
import { summaryOf } from '../summary-of.ts';
import { resultHead } from '../result-head.ts';
import { locked, type Session } from '../session.ts';

export interface StreamFlags {
  readonly streams: readonly string[] | undefined;
  readonly full: boolean;
  readonly since: string | undefined;
  readonly until?: string | undefined;
  readonly maxPages: number | undefined;
}

/** `sassy run <i> stream`: fetches what is new and commits it raw. */
export async function streamCommand(session: Session, flags: StreamFlags): Promise<Answer> {
  knownNames('UNKNOWN_STREAM', 'stream', flags.streams, session.manifest.streams);
  const outcomes = await locked(session, 'stream', (lock) => readStreams(session, flags, lock));
  return streamAnswer(session, outcomes);
}

/** The part that `sync` and `record` share: the caller holds the lock. */
export async function readStreams(
  session: Session,
  flags: StreamFlags,
  lock: RunLock,
  online: OnlineOptions = {},
): Promise<readonly StreamOutcome[]> {
  const { options, environment, paths } = session;
  // A replay has no memory: it begins with an empty connection, so that it ends the same however often it is run.
  if (options.replay !== undefined) {
    await environment.host.fs.removeFolder(join(paths.folder, 'raw'));
    await environment.host.fs.removeFolder(paths.parsed);
  }
  return withProgress(session, (progress) =>
    goOnline(
      session,
      progress,
      (context) =>
        runStreams(context, lock, {
          only: flags.streams,
          full: flags.full,
          since: flags.since,
          until: flags.until,
          maxPages: flags.maxPages,
          concurrency: MOST_CONCURRENCY,
        }),
      online,
    ),
  );
}

function streamAnswer(session: Session, outcomes: readonly StreamOutcome[]): Answer {
  const errors = outcomes.map(({ error }) => error);
  const json: StreamRunResult = {
    command: 'stream',
    ...resultHead(session, streamsExitCode(errors), errors),
    runId: session.runId,
    streams: outcomes.map(({ result }) => result),
  };
  return { exitCode: json.exitCode, json, text: summaryOf(session, json, nextCommand(session, json.exitCode)) };
}

function nextCommand({ manifest, connection, options }: Session, exitCode: number): string | undefined {
  if (exitCode !== 0) return undefined;
  const suffix = connection === manifest.name ? '' : ` --connection ${connection}`;
  return manifest.parsers.length === 0 || options.json ? undefined : `sassy run ${manifest.name} parse${suffix}`;
}
