import { join } from 'node:path';
import { z } from 'zod';
import { hasCode } from '../errors/error-code.ts';
import type { Host, HostFs, HostProcess } from '../util/host.ts';
import { onFile } from './file-error.ts';
import { paddedNumber } from './store-keys.ts';

/** What stands in `lock/00000007.json`. */
export const LockContent = z.object({
  pid: z.number(),
  /** Tells a process from a later one with the same pid. */
  startTime: z.string(),
  bootId: z.string(),
  hostname: z.string(),
  command: z.string(),
  runId: z.string(),
  /** ISO 8601. */
  since: z.string(),
  released: z.literal(true).optional(),
});
export type LockContent = z.infer<typeof LockContent>;

/** The lock file with the highest number: the only one that means anything. */
export interface LastLock {
  readonly number: number;
  readonly path: string;
  readonly text: string;
  /** Undefined when the text is no lock: a damaged disk, or a file emptied by hand. */
  readonly content: LockContent | undefined;
}

export function lockFolderOf(folder: string): string {
  return join(folder, 'lock');
}

export function lockPath(lockFolder: string, number: number): string {
  return join(lockFolder, `${paddedNumber(number)}.json`);
}

/** The numbers of the lock files, ascending. Names that are not ours are left out. */
export async function lockNumbers(fs: HostFs, lockFolder: string): Promise<readonly number[]> {
  const names = await onFile('read', lockFolder, () => fs.list(lockFolder));
  return names
    .filter((name) => /^\d{8,}\.json$/.test(name))
    .map((name) => Number.parseInt(name, 10))
    .sort((a, b) => a - b);
}

/** Far more than runs can follow each other while we look; a dangling symbolic link would otherwise hold us for ever. */
const LOOKS = 100;

/** Reads the last lock file; again when it was replaced by a later one between listing and reading. */
export async function readLastLock(fs: HostFs, lockFolder: string): Promise<LastLock | undefined> {
  let last: LastLock | undefined;
  for (let look = 0; look < LOOKS; look += 1) {
    const number = (await lockNumbers(fs, lockFolder)).at(-1);
    if (number === undefined) return undefined;
    const path = lockPath(lockFolder, number);
    last = { number, path, text: '', content: undefined };
    try {
      const text = (await fs.readFile(path)).toString('utf8');
      return { number, path, text, content: parseLock(text) };
    } catch (error) {
      if (!hasCode(error, 'ENOENT')) await onFile('read', path, () => Promise.reject(error));
    }
  }
  return last;
}

/** Who we are, as a lock file says it. */
export function ownLock(host: Host, command: string, runId: string): LockContent {
  const { pid, hostname, bootId } = host.process;
  const since = new Date(host.clock.now()).toISOString();
  return { pid, startTime: host.process.startTime(pid) ?? '', bootId, hostname, command, runId, since };
}

export function lockBytes(content: LockContent): Buffer {
  return Buffer.from(`${JSON.stringify(content)}\n`);
}

/**
 * - `elsewhere`: on another machine, so that nobody here can tell whether it runs.
 * - `dead`: its process has ended, or its machine was started again since.
 */
export type LockStatus = 'none' | 'released' | 'unreadable' | 'running' | 'elsewhere' | 'dead';

export function lockStatus(self: HostProcess, last: LastLock | undefined): LockStatus {
  if (last === undefined) return 'none';
  const { content } = last;
  if (content === undefined) return 'unreadable';
  if (content.released === true) return 'released';
  if (content.hostname !== self.hostname) return 'elsewhere';
  if (content.bootId !== self.bootId) return 'dead';
  return self.startTime(content.pid) === content.startTime ? 'running' : 'dead';
}

function parseLock(text: string): LockContent | undefined {
  try {
    return LockContent.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
