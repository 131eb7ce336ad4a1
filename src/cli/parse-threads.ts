import { availableParallelism, totalmem } from 'node:os';
import type { RunContext } from '../runtime/run-context.ts';
import type { Session } from './session.ts';

/** What a thread may come to need, with what it looks things up in. */
const BYTES_A_THREAD = 2 ** 30;
const MOST = 8;

/**
 * In how many threads parsers that say `parallel` run: as `--threads` says, then the project's config, then as many as there
 * are processors, as long as each finds a GiB of memory. Undefined for one.
 */
export function parseThreads(session: Session, given: number | undefined): RunContext['threads'] {
  const { manifest, paths, projectConfig } = session;
  const fitting = Math.min(availableParallelism(), Math.floor(totalmem() / BYTES_A_THREAD), MOST);
  const count = given ?? projectConfig.threads ?? fitting;
  return count < 2 ? undefined : { count, name: manifest.name, folder: manifest.folder, root: paths.root };
}
