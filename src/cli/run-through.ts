import { entityInfo } from '../model/entity.ts';
import { heaviestExitCode } from './exit-code.ts';
import type { ParserOutcome } from '../runtime/parse/parse-run.ts';
import type { StreamOutcome } from '../runtime/stream/stream-run.ts';
import { parseAll } from './commands/parse.ts';
import { readStreams } from './commands/stream.ts';
import type { OnlineOptions } from './online.ts';
import { jsonLine } from './render/json-line.ts';
import { locked, type Session } from './session.ts';
import { withFirstSink } from './sinks.ts';

export interface RunThrough {
  readonly streams: readonly StreamOutcome[];
  readonly parsers: readonly ParserOutcome[];
  /** Stream → records. */
  readonly records: Readonly<Record<string, number>>;
  /** Table → its entities in key order, as JSON values. */
  readonly entities: Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;
  /** 0 when every stream and parser came to its end. */
  readonly exitCode: number;
}

export interface RunThroughOptions {
  readonly streams: readonly string[] | undefined;
  readonly maxPages: number | undefined;
  readonly online: OnlineOptions;
}

/** Stream and parse, once, on an empty connection: what `record` keeps and what `test` compares. */
export async function runThrough(session: Session, options: RunThroughOptions): Promise<RunThrough> {
  return locked(session, 'test', async (lock) => {
    const flags = { streams: options.streams, full: false, since: undefined, maxPages: options.maxPages };
    const streams = await readStreams(session, flags, lock, options.online);
    session.environment.signal.throwIfAborted();
    const parsers = await parseAll(session, { parsers: undefined, mode: 'parse', dryRun: false, diff: false });
    const records = Object.fromEntries(streams.map(({ result }) => [result.name, result.records]));
    const exitCode = heaviestExitCode([...streams, ...parsers].map(({ error }) => error));
    return { streams, parsers, records, entities: await entitiesOf(session), exitCode };
  });
}

export async function entitiesOf(session: Session): Promise<RunThrough['entities']> {
  return withFirstSink(session, async (sink) => {
    const entities: Record<string, Readonly<Record<string, unknown>>[]> = {};
    for (const entity of session.manifest.entities) {
      const table = entityInfo(entity)?.table;
      if (table === undefined) continue;
      const rows: Readonly<Record<string, unknown>>[] = [];
      for await (const row of sink.read(table)) rows.push(JSON.parse(jsonLine(row)));
      entities[table] = rows;
    }
    return entities;
  });
}
