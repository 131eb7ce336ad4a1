import { SassyError } from '../../errors/sassy-error.ts';
import type { ParseRunResult } from '../../model/results.ts';
import type { LimitValue } from '../../model/limit.ts';
import { withOrphans } from '../../runtime/orphans.ts';
import { type ParserOutcome, runParsersInto } from '../../runtime/parse-run.ts';
import { openRawStream } from '../../store/raw-stream.ts';
import type { Answer } from '../environment.ts';
import { heaviestExitCode } from '../exit-code.ts';
import { knownNames } from '../names.ts';
import { withProgress } from '../progress.ts';
import { summaryOf } from '../summary-of.ts';
import { resultHead } from '../result-head.ts';
import { locked, printsEntities, runContext, type Session, withSinks } from '../session.ts';

export interface ParseFlags {
  readonly parsers: readonly string[] | undefined;
  readonly mode: 'parse' | 'restream';
  readonly dryRun: boolean;
  readonly diff: boolean;
  /** The commit that a restream begins with, of each stream. */
  readonly from?: ((stream: string) => number | undefined) | undefined;
  readonly maxChanged?: LimitValue | undefined;
  readonly maxArchived?: LimitValue | undefined;
}

/** `sassy run <i> parse` and `restream`: raw to entities. No network, no secret, no config. */
export async function parseCommand(session: Session, flags: ParseFlags): Promise<Answer> {
  knownNames('UNKNOWN_PARSER', 'parser', flags.parsers, session.manifest.parsers);
  await requireData(session);
  const outcomes = await locked(session, flags.mode, () => parseAll(session, flags));
  const exitCode = parseExitCode(outcomes);
  const json: ParseRunResult = {
    command: flags.mode,
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
    withSinks(session, 'write', async (sinks) => {
      const all = await runParsersInto(runContext(session, progress), sinks, { ...flags, parsers, codeHash });
      const failed = all.find((outcomes) => outcomes.some(({ error }) => error !== undefined));
      const [sink] = sinks;
      if (failed !== undefined || sink === undefined) return failed ?? [];
      return flags.dryRun ? (all[0] ?? []) : withOrphans(sink, parsers, all[0] ?? []);
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
