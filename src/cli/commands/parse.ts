import { SassyError } from '../../errors/sassy-error.ts';
import type { ParseRunResult } from '../../model/results.ts';
import type { LimitValue } from '../../model/limit.ts';
import { withOrphans } from '../../runtime/parse/orphans.ts';
import { connectionPaths } from '../../runtime/connection.ts';
import { type ParserOutcome, runParsers, runParsersInto } from '../../runtime/parse/parse-run.ts';
import { openDuckDbSink } from '../../sink/duckdb/duckdb-sink.ts';
import { openRawStream } from '../../store/raw-stream.ts';
import type { Answer } from '../environment.ts';
import { heaviestExitCode } from '../exit-code.ts';
import { knownNames } from '../names.ts';
import { parseThreads } from '../parse-threads.ts';
import { withProgress } from '../progress.ts';
import { summaryOf } from '../summary-of.ts';
import { resultHead } from '../result-head.ts';
import { locked, runContext, type Session } from '../session.ts';
import { printsEntities, withSinks } from '../sinks.ts';

export interface ParseFlags {
  readonly parsers: readonly string[] | undefined;
  readonly mode: 'parse' | 'restream' | 'verify';
  readonly dryRun: boolean;
  readonly diff: boolean;
  /** The commit that a restream begins with, of each stream. */
  readonly from?: ((stream: string) => number | undefined) | undefined;
  readonly maxChanged?: LimitValue | undefined;
  /** A git revision of the integration to compare with, in place of the present generation. Changes nothing. */
  readonly against?: string | undefined;
  readonly maxArchived?: LimitValue | undefined;
  readonly threads?: number | undefined;
}

/** `sassy run <i> parse` and `restream`: raw to entities. No network, no secret, no config. */
export async function parseCommand(session: Session, flags: ParseFlags): Promise<Answer> {
  knownNames('UNKNOWN_PARSER', 'parser', flags.parsers, session.manifest.parsers);
  await requireData(session);
  const { against } = flags;
  const command = flags.mode === 'restream' ? 'restream' : 'parse';
  const outcomes = await (against === undefined
    ? locked(session, command, () => parseAll(session, flags))
    : compareRevision(session, flags, against));
  const exitCode = parseExitCode(outcomes);
  const json: ParseRunResult = {
    command,
    ...resultHead(
      session,
      exitCode,
      outcomes.map(({ error }) => error),
    ),
    runId: session.runId,
    parsers: outcomes.map(({ result }) => result),
    drift: outcomes.flatMap(({ drift }) => drift),
  };
  return {
    exitCode,
    json,
    text: summaryOf(session, json, nextCommand(session, outcomes)),
    isAside: printsEntities(session),
  };
}

/** The part that `sync` and `record` share: the caller holds the lock. The outcomes are those of the first sink. */
export async function parseAll(session: Session, flags: ParseFlags): Promise<readonly ParserOutcome[]> {
  const parsers = session.manifest.parsers.filter(({ name }) => flags.parsers?.includes(name) ?? true);
  const codeHash = await session.codeHash();
  return withProgress(session, (progress) =>
    withSinks(session, async (sinks) => {
      const threads = parseThreads(session, flags.threads);
      const context = { ...runContext(session, progress), ...(threads === undefined ? {} : { threads }) };
      const all = await runParsersInto(context, sinks, { ...flags, parsers, codeHash });
      const failed = all.find((outcomes) => outcomes.some(({ error }) => error !== undefined));
      const [sink] = sinks;
      if (failed !== undefined || sink === undefined) return failed ?? [];
      return flags.dryRun || flags.mode === 'verify' ? (all[0] ?? []) : withOrphans(sink, parsers, all[0] ?? []);
    }),
  );
}

/** What the parsers make now, compared with what those of another revision make of the same raw data. */
async function compareRevision(
  session: Session,
  flags: ParseFlags,
  revision: string,
): Promise<readonly ParserOutcome[]> {
  const { withOldRevision } = await import('../old-revision.ts');
  const { host } = session.environment;
  return withOldRevision(session, revision, (old, folder) =>
    withProgress(session, async (progress) => {
      const paths = connectionPaths(folder, session.manifest.name, 'compared');
      await host.fs.mkdir(paths.parsed);
      const sink = await openDuckDbSink({ file: paths.duckdb });
      try {
        // Only the raw data is the connection's own: nothing is written there.
        const context = { ...runContext(session, progress), paths };
        const chosen = (all: Session['manifest']): Session['manifest']['parsers'] =>
          all.parsers.filter(({ name }) => flags.parsers?.includes(name) ?? true);
        const restream = { mode: 'restream', diff: false, dryRun: false, codeHash: revision } as const;
        const before = await runParsers({ ...context, manifest: old }, sink, { ...restream, parsers: chosen(old) });
        const failed = before.filter(({ error }) => error !== undefined);
        if (failed.length > 0) return failed;
        const { maxChanged } = flags;
        const now = { ...restream, diff: true, dryRun: true, maxChanged, parsers: chosen(session.manifest) };
        return await runParsers(context, sink, now);
      } finally {
        await sink.close();
      }
    }),
  );
}

/** 6 when records went to quarantine, as long as nothing worse happened. */
export function parseExitCode(outcomes: readonly ParserOutcome[]): number {
  const code = heaviestExitCode(outcomes.map(({ error }) => error));
  return code === 0 && outcomes.some(({ result }) => result.quarantined > 0) ? 6 : code;
}

async function requireData({ manifest, blobs, connection }: Session): Promise<void> {
  const heads = await Promise.all(manifest.streams.map(({ name }) => openRawStream(blobs, name)));
  if (heads.some(({ head }) => head !== undefined)) return;
  const option =
    connection === manifest.name ? '' : connection === 'replay' ? ' --replay demo' : ` --connection ${connection}`;
  throw new SassyError('NOTHING_THERE', {
    message: `nothing is stored for ${manifest.name}${connection === manifest.name ? '' : `/${connection}`} yet`,
    fix: `sassy run ${manifest.name} stream${option}`,
  });
}

function nextCommand(session: Session, outcomes: readonly ParserOutcome[]): string | undefined {
  const { manifest, connection } = session;
  const suffix = connection === manifest.name ? '' : ` --connection ${connection}`;
  if (outcomes.some(({ result }) => result.codeChanged === true)) return `sassy run ${manifest.name} restream${suffix}`;
  const table = outcomes.at(-1)?.table;
  return table === undefined ? undefined : `sassy query "select * from ${table} limit 5"${suffix}`;
}
