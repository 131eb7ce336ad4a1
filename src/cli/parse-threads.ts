import { readdir, readFile, stat } from 'node:fs/promises';
import { availableParallelism, totalmem } from 'node:os';
import { join } from 'node:path';
import { hasCode } from '../errors/error-code.ts';
import { threadPool, workersOf } from '../runtime/parse/thread-pool.ts';
import type { RunContext, ThreadPlace, ThreadPool } from '../runtime/run-context.ts';
import type { ProjectConfig } from './config/project-config.ts';
import type { Session } from './session.ts';

/** What a thread may come to need, with what it looks things up in. */
const BYTES_A_THREAD = 2 ** 30;
const MOST = 8;
/** Compressed raw data, of which there is most probably enough to be shared out. */
const LARGE = 6 * 2 ** 20;

/**
 * In how many threads parsers that say `parallel` run: as `--threads` says, then the project's config, then as many as there
 * are processors, as long as each finds a GiB of memory. Undefined for one.
 */
export function parseThreads(session: Session, given: number | undefined): RunContext['threads'] {
  const { manifest, paths, projectConfig, threadPool: pool } = session;
  const count = countOf(projectConfig, given);
  if (count < 2) return undefined;
  const place = { name: manifest.name, folder: manifest.folder, root: paths.root };
  return { count, ...place, ...(pool === undefined ? {} : { pool }) };
}

/**
 * Starts the threads of a restream before anything is loaded, so that it does not wait for them. A guess, by the size of what
 * is stored and by whether the integration's own files speak of `parallel` at all: whether they are used is found out later.
 */
export async function threadsAhead(
  place: ThreadPlace,
  config: ProjectConfig,
  given: number | undefined,
): Promise<ThreadPool | undefined> {
  const count = countOf(config, given);
  if (count < 2 || !(await isLarge(join(place.root, 'raw'))) || !(await speaksOfParallel(place.folder)))
    return undefined;
  return threadPool(place, workersOf(count));
}

function countOf(config: ProjectConfig, given: number | undefined): number {
  const fitting = Math.min(availableParallelism(), Math.floor(totalmem() / BYTES_A_THREAD), MOST);
  return given ?? config.threads ?? fitting;
}

async function isLarge(raw: string): Promise<boolean> {
  for (const stream of await namesIn(raw)) {
    const segments = join(raw, stream, 'segments');
    let bytes = 0;
    for (const name of await namesIn(segments)) {
      bytes += (await stat(join(segments, name))).size;
      if (bytes >= LARGE) return true;
    }
  }
  return false;
}

async function speaksOfParallel(folder: string): Promise<boolean> {
  for (const name of await namesIn(folder)) {
    if (/\.m?[jt]s$/.test(name) && (await readFile(join(folder, name), 'utf8')).includes('parallel')) return true;
  }
  return false;
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (hasCode(error, 'ENOENT') || hasCode(error, 'ENOTDIR')) return [];
    throw error;
  }
}
