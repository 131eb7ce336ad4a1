import { SassyError } from '../../errors/sassy-error.ts';
import { type Erasure, eraseRecord } from '../../runtime/upkeep/erase-run.ts';
import type { ParserOutcome } from '../../runtime/parse/parse-run.ts';
import type { RunLock } from '../../store/lock.ts';
import { nameOf } from '../config/sink-choice.ts';
import type { Answer } from '../environment.ts';
import { knownNames } from '../names.ts';
import { withProgress } from '../progress.ts';
import { byteSize, counted } from '../render/numbers.ts';
import { resultHead } from '../result-head.ts';
import { locked, runContext, type Session } from '../session.ts';
import { printsEntities, sinkChoices } from '../sinks.ts';
import { parseAll, parseExitCode } from './parse.ts';

export interface EraseFlags {
  readonly stream: string;
  readonly key: string;
  readonly wholePages: boolean;
  readonly dryRun: boolean;
}

/** Sinks whose entities are in the data folder. */
const IN_FOLDER: ReadonlySet<string> = new Set(['duckdb', 'jsonl', 'parquet', 'stdout']);

/**
 * `sassy run <i> erase --stream s --key k`: removes every version of one record from all that is kept of the connection,
 * then makes the entities again. Its answer names no key and no run log is kept of it: the log would be a trace of the record.
 */
export async function eraseCommand(session: Session, flags: EraseFlags): Promise<Answer> {
  const { manifest } = session;
  const { stream, key, wholePages, dryRun } = flags;
  knownNames('UNKNOWN_STREAM', 'stream', [stream], manifest.streams);
  const definition = manifest.streams.find(({ name }) => name === stream);
  if (definition === undefined || definition.primaryKey.length === 0) {
    throw new SassyError('USAGE', {
      message: `the records of ${stream} have no key`,
      why: 'its primaryKey is [], so nobody can say which record is meant',
      fix: `give the stream a primaryKey: stored records have it from then on too`,
    });
  }
  const erase = (lock: RunLock | undefined): Promise<Erasure> =>
    withProgress(session, (progress) =>
      eraseRecord(runContext(session, progress), { definition, key, wholePages, lock }),
    );
  if (dryRun) return answerOf(session, flags, await erase(undefined), []);
  return locked(session, 'erase', async (lock) => {
    const erasure = await erase(lock);
    return answerOf(session, flags, erasure, await madeAgain(session, erasure));
  });
}

/** Sinks outside of the data folder keep a former generation: a second restream takes its place. */
async function madeAgain(session: Session, { entities, isParsed }: Erasure): Promise<readonly ParserOutcome[]> {
  const outside = sinkChoices(session).some((choice) => !IN_FOLDER.has(nameOf(choice)));
  if (printsEntities(session) || !(entities || (isParsed && outside))) return [];
  const flags = { parsers: undefined, mode: 'restream', dryRun: false, diff: false } as const;
  const first = await parseAll(session, flags);
  return outside && parseExitCode(first) % 6 === 0 ? parseAll(session, flags) : first;
}

function answerOf(session: Session, flags: EraseFlags, erasure: Erasure, outcomes: readonly ParserOutcome[]): Answer {
  const { stream, dryRun } = flags;
  const errors = outcomes.map(({ error }) => error);
  const code = parseExitCode(outcomes);
  const exitCode = code === 0 && erasure.unreadable > 0 ? 6 : code;
  const { entities, isParsed: _isParsed, ...told } = erasure;
  const isMade = outcomes.length > 0 && errors.every((error) => error === undefined);
  const json = {
    command: 'erase',
    ...resultHead(session, exitCode, errors),
    dryRun,
    stream,
    ...told,
    entities: entities && !dryRun ? (isMade ? 'made again' : 'removed') : isMade ? 'made again' : 'untouched',
    parsers: outcomes.map(({ result }) => result),
  };
  const name = session.manifest.name;
  const did = dryRun ? 'would erase' : 'erased';
  const { versions, pages, others, rewritten, quarantined, logs, mentions, unreadable } = erasure;
  const lines = [
    versions === 0
      ? `no version of it is stored in ${stream}`
      : `${did} ${counted(versions, 'version')} on ${counted(pages, 'page')} of ${stream}`,
  ];
  if (rewritten > 0) lines.push(`  ${byteSize(rewritten)} of files written anew, the old ones removed`);
  if (others > 0)
    lines.push(
      `  ${counted(others, 'other record')} with whole pages; to fetch them again: sassy run ${name} stream --full --streams ${stream}`,
    );
  if (quarantined > 0) lines.push(`  ${counted(quarantined, 'entry', 'entries')} of quarantine`);
  if (logs > 0) lines.push(`  ${counted(logs, 'line')} of run logs`);
  if (isMade) lines.push('  the entities were made again from what is left');
  else if (entities && dryRun) lines.push('  the entities would be removed and made again');
  else if (entities) lines.push(`  the entities were removed; to make them again: sassy run ${name} restream`);
  if (unreadable > 0)
    lines.push(`  ${counted(unreadable, 'page')} mention it and cannot be read: --whole-pages does not reach them`);
  for (const { stream: other, pages: count, positions } of mentions) {
    if (count > 0)
      lines.push(`  ${counted(count, 'page')} of ${other} still mention its key, in other records or as their slice`);
    if (positions > 0)
      lines.push(
        `  ${counted(positions, 'commit')} of ${other} have its key in their position; those files never change`,
      );
  }
  if (versions > 0 && !dryRun) lines.push('next:  it comes back when the service still shows it: erase it there first');
  return { exitCode, json, text: `${lines.join('\n')}\n` };
}
