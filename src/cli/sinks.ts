import { join } from 'node:path';
import { SassyError } from '../errors/sassy-error.ts';
import { openDuckDbSink } from '../sink/duckdb/duckdb-sink.ts';
import { removeTemporaries } from '../sink/jsonl/jsonl-cleanup.ts';
import { openJsonlSink } from '../sink/jsonl/jsonl-sink.ts';
import { openParquetSink } from '../sink/parquet/parquet-sink.ts';
import { openStdoutSink } from '../sink/stdout-sink.ts';
import type { Sink } from '../sink/sink.ts';
import { onFile } from '../store/file-error.ts';
import { Secret } from '../util/secret.ts';
import { connectionText } from './config/connection.ts';
import { nameOf, partitionsOf, postgresChoice, type SinkChoice } from './config/sink-choice.ts';
import { openPostgresOf, variableOf } from './postgres-settings.ts';
import type { Session } from './session.ts';
import type { SinkPlace } from './sink-place.ts';

/** The sinks that the project has chosen, the first of which is what `show`, `status` and the results speak of. */
export function sinkChoices({ projectConfig }: Pick<Session, 'projectConfig'>): readonly [SinkChoice, ...SinkChoice[]] {
  const [first = 'duckdb', ...others] = projectConfig.sinks ?? [];
  return [first, ...others];
}

/** Runs `work` with all sinks of the project open for writing. */
export async function withSinks<T>(session: Session, work: (sinks: readonly Sink[]) => Promise<T>): Promise<T> {
  const sinks: Sink[] = [];
  try {
    for (const choice of sinkChoices(session)) sinks.push(await openSink(session, choice, 'write'));
    return await work(sinks);
  } finally {
    for (const sink of sinks) await sink.close();
  }
}

/** Runs `work` with the first sink of the project, to look at it. NOTHING_THERE, LOCK_HELD and what else keeps it shut. */
export async function withFirstSink<T>(session: Session, work: (sink: Sink) => Promise<T>): Promise<T> {
  const [choice] = sinkChoices(session);
  return withSink(session, choice, work);
}

/** Runs `work` with one sink, to look at it. */
export async function withSink<T>(
  session: SinkPlace,
  choice: SinkChoice,
  work: (sink: Sink) => Promise<T>,
): Promise<T> {
  const sink = await openSink(session, choice, 'read');
  try {
    return await work(sink);
  } finally {
    await sink.close();
  }
}

/** True when the answer to people must not go where the entities go. */
export function printsEntities(session: Session): boolean {
  return sinkChoices(session).includes('stdout');
}

async function openSink(session: SinkPlace, choice: SinkChoice, mode: 'read' | 'write'): Promise<Sink> {
  const { environment, paths } = session;
  const { host, stdout, redaction } = environment;
  const postgres = postgresChoice(choice);
  if (postgres !== undefined) return openPostgresOf(session, postgres, mode);
  switch (nameOf(choice)) {
    case 'duckdb':
      if (mode === 'write') await onFile('write', paths.parsed, () => host.fs.mkdir(paths.parsed));
      return openDuckDbSink({ file: paths.duckdb, readOnly: mode === 'read', host });
    case 'jsonl':
      if (mode === 'write') await onFile('remove', paths.jsonl, () => removeTemporaries(host, paths.jsonl));
      return openJsonlSink({ host, folder: paths.jsonl });
    case 'parquet': {
      const folder = join(paths.parsed, 'parquet');
      return openParquetSink({ host, folder, partitionBy: partitionsOf(choice), readOnly: mode === 'read' });
    }
    case 'stdout': {
      const write = (text: string): Promise<void> => stdout.write(redaction.redact(text));
      return openStdoutSink({ host, folder: join(paths.parsed, 'stdout'), write });
    }
    default:
      return openOwn(session, choice, mode);
  }
}

async function openOwn(session: SinkPlace, choice: SinkChoice, mode: 'read' | 'write'): Promise<Sink> {
  if (typeof choice === 'string' || !('open' in choice)) throw new Error(`no sink ${nameOf(choice)}`);
  const { environment, manifest, connection, paths, projectFolder } = session;
  try {
    return await choice.open({
      integration: manifest.name,
      connection: connectionText({ integration: manifest.name, connection }),
      folder: join(paths.parsed, choice.sink),
      mode,
      async secret(variable) {
        const value = variableOf(environment, projectFolder, variable);
        if (value === undefined) return undefined;
        const secret = new Secret(value);
        await environment.redaction.add([secret]);
        return secret;
      },
    });
  } catch (error) {
    if (error instanceof SassyError) throw error;
    throw new SassyError('SINK_FAILED', {
      message: `the sink ${choice.sink} could not be opened`,
      why: error instanceof Error ? error.message : String(error),
      cause: error,
    });
  }
}
