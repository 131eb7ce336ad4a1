import { dirname, join } from 'node:path';
import { hasCode } from '../errors/error-code.ts';
import { SassyError } from '../errors/sassy-error.ts';
import type { Host, HostFs } from '../util/host.ts';
import { createDurably, forget, isTempName, replaceDurably } from './durable-file.ts';
import { onFile } from './file-error.ts';
import * as lockFile from './lock-file.ts';
import type { LastLock, LockContent, LockStatus } from './lock-file.ts';

export interface LockRequest {
  /** For people: what is running. */
  readonly command: string;
  readonly runId: string;
}

/** The right to write to a connection. */
export interface RunLock {
  /** The number of our lock file. Each holder's is higher than all before. */
  readonly epoch: number;
  /** What stood there before: `unreadable` deserves a line to the user, since nobody could ask that holder. */
  readonly previous: Exclude<LockStatus, 'running' | 'elsewhere'>;
  /** Rejects with FENCED when the lock was taken over, or its file was changed or removed by hand. */
  verify(): Promise<void>;
  /** Lets go, keeping the number. Nothing happens when it was released or taken over before. Rejects only when the disk does. */
  release(): Promise<void>;
}

export interface LockHolder extends LockContent {
  readonly epoch: number;
  /** The lock file. */
  readonly path: string;
  /** On another machine: nobody here can tell whether it still runs. */
  readonly elsewhere: boolean;
}

/** Each failed attempt means that another process went ahead, so a few are enough to find it holding the lock. */
const ATTEMPTS = 20;

/**
 * Takes the run lock of a connection's folder, or rejects with LOCK_HELD. The lock is the file with the highest number in
 * `lock/`; a file is created whole by link(2), which one process alone can do for a number. A dead holder's is taken at once.
 */
export async function acquireLock(host: Host, folder: string, { command, runId }: LockRequest): Promise<RunLock> {
  const { fs } = host;
  const lockFolder = lockFile.lockFolderOf(folder);
  await onFile('write', lockFolder, () => fs.mkdir(lockFolder));
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const last = await lockFile.readLastLock(fs, lockFolder);
    const previous = lockFile.lockStatus(host.process, last);
    if (previous === 'running' || previous === 'elsewhere') throw lockHeld(host, last, previous);
    // A holder that did not end well may have died before the new folders were safe on the disk.
    if (previous !== 'released') await syncParents(fs, lockFolder);
    const epoch = (last?.number ?? 0) + 1;
    const content = lockFile.ownLock(host, command, runId);
    const path = lockFile.lockPath(lockFolder, epoch);
    if (!(await createDurably(host, path, [lockFile.lockBytes(content)]))) continue;
    // Between our look and our link others may have taken this number, ended, been followed by a higher one and had
    // their file removed. The higher one was created before that, so it is seen now. Then ours means nothing.
    if ((await lockFile.lockNumbers(fs, lockFolder)).at(-1) !== epoch) {
      await forget(fs, path);
      continue;
    }
    await removeOlder(fs, lockFolder, epoch);
    return heldLock(
      host,
      lockFolder,
      { number: epoch, path, content, text: lockFile.lockBytes(content).toString() },
      previous,
    );
  }
  throw new SassyError('LOCK_HELD', {
    message: 'several runs are starting on this connection at the same moment',
    why: `${ATTEMPTS} times another one was first`,
  });
}

/** Who holds the lock now; undefined when it is free, or its holder is dead. Reads only. */
export async function readLock(host: Host, folder: string): Promise<LockHolder | undefined> {
  const last = await lockFile.readLastLock(host.fs, lockFile.lockFolderOf(folder));
  const status = lockFile.lockStatus(host.process, last);
  if (last?.content === undefined || (status !== 'running' && status !== 'elsewhere')) return undefined;
  return { ...last.content, epoch: last.number, path: last.path, elsewhere: status === 'elsewhere' };
}

function heldLock(
  host: Host,
  lockFolder: string,
  own: LastLock & { readonly content: LockContent },
  previous: RunLock['previous'],
): RunLock {
  const isOurs = async (): Promise<boolean> => {
    const last = await lockFile.readLastLock(host.fs, lockFolder);
    return last?.number === own.number && last.text === own.text;
  };
  return {
    epoch: own.number,
    previous,
    async verify() {
      if (await isOurs()) return;
      throw new SassyError('FENCED', {
        message: `this run has lost its lock ${own.path}`,
        why: 'another run took it over, or the file was changed or removed by hand',
      });
    },
    async release() {
      if (await isOurs())
        await replaceDurably(host, own.path, [lockFile.lockBytes({ ...own.content, released: true })]);
    },
  };
}

/** Older locks, and what racing or killed processes left. Whoever still needs such a file finds that it came too late. */
async function removeOlder(fs: HostFs, lockFolder: string, epoch: number): Promise<void> {
  const older = (await lockFile.lockNumbers(fs, lockFolder)).filter((number) => number < epoch);
  const temps = (await onFile('read', lockFolder, () => fs.list(lockFolder))).filter(isTempName);
  const paths = [
    ...older.map((number) => lockFile.lockPath(lockFolder, number)),
    ...temps.map((name) => join(lockFolder, name)),
  ];
  for (const path of paths) await onFile('remove', path, () => fs.unlink(path));
}

/** Up to the root, as far as we may: which of the folders above are new is not known. */
async function syncParents(fs: HostFs, folder: string): Promise<void> {
  for (let path = dirname(folder); ; path = dirname(path)) {
    try {
      await fs.syncFolder(path);
    } catch (error) {
      if (hasCode(error, 'EACCES', 'EPERM', 'EROFS', 'EINVAL', 'ENOTSUP')) return;
      await onFile('write', path, () => Promise.reject(error));
    }
    if (path === dirname(path)) return;
  }
}

function lockHeld(host: Host, last: LastLock | undefined, status: 'running' | 'elsewhere'): SassyError {
  const { command = '', since = '', pid = 0, hostname = '' } = last?.content ?? {};
  const elsewhere = `wait for it to end; if ${hostname} is gone for good, empty the file ${last?.path ?? ''}`;
  return new SassyError('LOCK_HELD', {
    message: `another run is working on this connection: ${command}, running since ${timeOf(host, since)}, pid ${pid}, host ${hostname}`,
    ...(status === 'elsewhere'
      ? {
          why: 'it was started on another machine, so it cannot be seen from here whether it still runs',
          fix: elsewhere,
        }
      : {}),
  });
}

/** `10:04`, with the day when it is not today's. Local time: it is read by people at this machine. */
function timeOf(host: Host, since: string): string {
  const at = new Date(since);
  const time = `${String(at.getHours()).padStart(2, '0')}:${String(at.getMinutes()).padStart(2, '0')}`;
  if (at.toDateString() === new Date(host.clock.now()).toDateString()) return time;
  const day = [at.getFullYear(), at.getMonth() + 1, at.getDate()]
    .map((part) => String(part).padStart(2, '0'))
    .join('-');
  return `${day} ${time}`;
}
