import type { StatusResult } from '../../model/results.ts';
import { connectionStatus } from '../../runtime/status.ts';
import { errorReport } from '../../errors/error-report.ts';
import { isSassyError } from '../../errors/sassy-error.ts';
import type { Sink } from '../../sink/sink.ts';
import { nameOf, type SinkChoice } from '../config/sink-choice.ts';
import type { Answer } from '../environment.ts';
import { summaryOf } from '../summary-of.ts';
import { resultHead } from '../result-head.ts';
import type { Session } from '../session.ts';
import { sinkChoices, withSink } from '../sinks.ts';

/** `sassy run <i> status`: what is committed, how far each parser is in each sink, who is running. Takes no lock. */
export async function statusCommand(session: Session): Promise<Answer> {
  const { environment, manifest, connection, paths, blobs } = session;
  const codeHash = await session.codeHash();
  const context = { host: environment.host, manifest, connection, paths, blobs };
  const [first, ...others] = sinkChoices(session);
  const { found: status, ...firstSink } = await lookAt(session, first, async (sink) =>
    connectionStatus(context, sink, codeHash),
  );
  const sinks: NonNullable<StatusResult['sinks']>[number][] = [firstSink];
  for (const choice of others) {
    const { found: _none, ...one } = await lookAt(session, choice, async () => undefined);
    sinks.push(one);
  }
  const json: StatusResult = { command: 'status', ...resultHead(session, 0, []), ...status, sinks };
  return { exitCode: 0, json, text: summaryOf(session, json, undefined) };
}

/** What keeps a sink shut for now is told; all else ends the command. */
const SHUT = ['LOCK_HELD', 'NOTHING_THERE', 'SINK_UNAVAILABLE', 'SINK_DENIED', 'CONFIG_MISSING'] as const;

type Looked<T> = NonNullable<StatusResult['sinks']>[number] & { readonly found: T };

/** `work` gets no sink while a parse holds it, or before there is one: status then tells what it can. */
async function lookAt<T>(
  session: Session,
  choice: SinkChoice,
  work: (sink: Sink | undefined) => Promise<T>,
): Promise<Looked<T>> {
  const name = nameOf(choice);
  try {
    return await withSink(session, choice, async (sink) => {
      const generations: Record<string, number> = {};
      for (const parser of session.manifest.parsers) {
        const position = await sink.position(parser.name);
        if (position !== undefined) generations[parser.name] = position.generation;
      }
      return { name, generations, found: await work(sink) };
    });
  } catch (error) {
    if (!SHUT.some((code) => isSassyError(error, code))) throw error;
    const isEmpty = isSassyError(error, 'NOTHING_THERE');
    return { name, generations: {}, ...(isEmpty ? {} : { error: errorReport(error) }), found: await work(undefined) };
  }
}
