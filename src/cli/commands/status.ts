import type { StatusResult } from '../../model/results.ts';
import { connectionStatus } from '../../runtime/status.ts';
import { openDuckDbSink } from '../../sink/duckdb-sink.ts';
import type { Sink } from '../../sink/sink.ts';
import { isSassyError } from '../../errors/sassy-error.ts';
import type { Answer } from '../environment.ts';
import { summaryOf } from '../summary-of.ts';
import { resultHead } from '../result-head.ts';
import type { Session } from '../session.ts';

/** `sassy run <i> status`: what is committed, how far each parser is, who is running. Takes no lock. */
export async function statusCommand(session: Session): Promise<Answer> {
  const { environment, manifest, connection, paths, blobs } = session;
  const sink = await readableSink(session);
  try {
    const context = { host: environment.host, manifest, connection, paths, blobs };
    const status = await connectionStatus(context, sink, await session.codeHash());
    const json: StatusResult = { command: 'status', ...resultHead(session, 0, []), ...status };
    return { exitCode: 0, json, text: summaryOf(session, json, undefined) };
  } finally {
    await sink?.close();
  }
}

/** Undefined while a parse holds the file, or before there is one: status then tells what it can. */
async function readableSink({ paths }: Session): Promise<Sink | undefined> {
  try {
    return await openDuckDbSink({ file: paths.duckdb, readOnly: true });
  } catch (error) {
    if (isSassyError(error, 'LOCK_HELD') || isSassyError(error, 'NOTHING_THERE')) return undefined;
    throw error;
  }
}
