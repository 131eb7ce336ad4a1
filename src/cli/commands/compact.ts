import { compactStreams, type StreamCompaction } from '../../runtime/upkeep/compact-run.ts';
import type { Answer } from '../environment.ts';
import { knownNames } from '../names.ts';
import { withProgress } from '../progress.ts';
import { byteSize, counted } from '../render/numbers.ts';
import { resultHead } from '../result-head.ts';
import { locked, runContext, type Session } from '../session.ts';

/** `sassy run <i> compact`: merges small segments of the raw data. With `--dry-run` it takes no lock. */
export async function compactCommand(
  session: Session,
  { streams, dryRun }: { readonly streams: readonly string[] | undefined; readonly dryRun: boolean },
): Promise<Answer> {
  const { manifest } = session;
  knownNames('UNKNOWN_STREAM', 'stream', streams, manifest.streams);
  const names = manifest.streams.map(({ name }) => name).filter((name) => streams?.includes(name) ?? true);
  const done = await withProgress(session, (progress) => {
    const context = runContext(session, progress);
    return dryRun
      ? compactStreams(context, undefined, names)
      : locked(session, 'compact', (lock) => compactStreams(context, lock, names));
  });
  const json = { command: 'compact', ...resultHead(session, 0, []), runId: session.runId, dryRun, streams: done };
  return { exitCode: 0, json, text: done.map((stream) => lineOf(stream, dryRun)).join('') };
}

function lineOf({ name, merged, bytes, indexes, files }: StreamCompaction, dryRun: boolean): string {
  if (merged === 0 && indexes === 0) return `${name}: nothing to merge in ${counted(files.before, 'file')}\n`;
  const did = dryRun ? 'would merge' : 'merged';
  const states = indexes === 0 ? '' : `, ${counted(indexes, 'state of the past', 'states of the past')} removed`;
  return `${name}: ${did} ${counted(merged, 'segment')} (${byteSize(bytes)})${states}: ${files.before} files → ${files.after}\n`;
}
