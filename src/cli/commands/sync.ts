import type { ParserResult, SyncRunResult } from '../../model/results.ts';
import type { Answer } from '../environment.ts';
import { heaviestExitCode, streamsExitCode } from '../exit-code.ts';
import { knownNames } from '../names.ts';
import { summaryOf } from '../summary-of.ts';
import { resultHead } from '../result-head.ts';
import { locked, type Session } from '../session.ts';
import { printsEntities } from '../sinks.ts';
import { parseAll, parseExitCode } from './parse.ts';
import { readStreams, type StreamFlags } from './stream.ts';

/** `sassy run <i> sync`: stream, then parse what is committed, also where a stream failed. One lock for both. */
export async function syncCommand(session: Session, flags: StreamFlags): Promise<Answer> {
  knownNames('UNKNOWN_STREAM', 'stream', flags.streams, session.manifest.streams);
  return locked(session, 'sync', async (lock) => {
    const streams = await readStreams(session, flags, lock);
    const stopped = session.environment.signal.aborted;
    const parsers = stopped
      ? []
      : await parseAll(session, { parsers: undefined, mode: 'parse', dryRun: false, diff: false });
    const errors = [...streams, ...parsers].map(({ error }) => error);
    const streamCode = streamsExitCode(streams.map(({ error }) => error));
    const parseCode = parseExitCode(parsers);
    const exitCode = streamCode === 0 || (streamCode === 6 && parseCode !== 0) ? parseCode : streamCode;
    const json: SyncRunResult = {
      command: 'sync',
      ...resultHead(session, heaviestExitCode(errors) === 1 ? 1 : exitCode, errors),
      runId: session.runId,
      streams: streams.map(({ result }) => result),
      parsers: parsers.map(({ result }) => result),
      drift: parsers.flatMap(({ drift }) => drift),
    };
    return {
      exitCode: json.exitCode,
      json,
      text: summaryOf(session, json, nextCommand(session, parsers)),
      isAside: printsEntities(session),
    };
  });
}

function nextCommand(
  { manifest, connection }: Session,
  parsers: readonly { readonly table: string; readonly result: ParserResult }[],
): string | undefined {
  // The one with the most to look at.
  const [most] = parsers.toSorted((a, b) => entitiesOf(b.result) - entitiesOf(a.result));
  if (most === undefined) return undefined;
  const { table } = most;
  const suffix = connection === manifest.name ? '' : ` --connection ${connection}`;
  return `sassy query "select * from ${table} limit 5"${suffix}`;
}

function entitiesOf({ entities: { added, changed, unchanged } }: ParserResult): number {
  return added + changed + unchanged;
}
