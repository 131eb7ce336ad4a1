import type { RunLock } from '../../store/lock.ts';
import type { Rewriter } from '../../store/rewrite.ts';
import type { RunContext } from '../run-context.ts';

/** Who rewrites a stream's raw data under the run lock. */
export function rewriterOf({ host, blobs, runId }: RunContext, lock: RunLock, stream: string): Rewriter {
  return { host, blobs, stream, epoch: lock.epoch, runId, guard: () => lock.verify() };
}
