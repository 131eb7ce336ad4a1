import type { RunLock } from '../../store/lock.ts';
import { type Compaction, compactStream, isWorthCompacting, planCompaction } from '../../store/compaction.ts';
import type { RunContext } from '../run-context.ts';
import { rewriterOf } from './rewriter-of.ts';

export interface StreamCompaction extends Compaction {
  readonly name: string;
}

/** Merges the small segments of these streams; only says what there is to do when there is no lock. */
export async function compactStreams(
  context: RunContext,
  lock: RunLock | undefined,
  streams: readonly string[],
): Promise<readonly StreamCompaction[]> {
  const { blobs, signal } = context;
  const done: StreamCompaction[] = [];
  for (const name of streams) {
    signal.throwIfAborted();
    const compaction =
      lock === undefined
        ? await planCompaction(blobs, name)
        : await compactStream(rewriterOf(context, lock, name), signal);
    done.push({ name, ...compaction });
  }
  return done;
}

/**
 * At the end of a run: merges the segments of the streams that have gathered many small ones. What was streamed is committed
 * by then, so an error here is told and is not the run's: the next run tries again.
 */
export async function compactWhereWorth(context: RunContext, lock: RunLock, streams: readonly string[]): Promise<void> {
  const { blobs, signal, progress } = context;
  for (const name of streams) {
    if (signal.aborted) return;
    try {
      if (!(await isWorthCompacting(blobs, name))) continue;
      const { merged } = await compactStream(rewriterOf(context, lock, name), signal);
      if (merged > 0) progress({ type: 'note', text: `${name}: ${merged} small segments merged` });
    } catch (error) {
      if (signal.aborted) return;
      const why = error instanceof Error ? error.message : String(error);
      progress({
        type: 'note',
        text: `${name}: its small segments were not merged (${why}); the next run tries again`,
      });
    }
  }
}
