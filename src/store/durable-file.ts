import { dirname } from 'node:path';
import { hasCode } from '../errors/error-code.ts';
import { SassyError } from '../errors/sassy-error.ts';
import type { Host, HostFs } from '../util/host.ts';
import { fileError, onFile } from './file-error.ts';

const TEMP = '.tmp-';

/** True for the names that `createDurably` and `replaceDurably` write under until a file is whole. */
export function isTempName(name: string): boolean {
  return name.includes(TEMP);
}

/** A short text that is unlikely to be drawn twice. */
export function randomId(host: Host): string {
  return Math.floor(host.random() * 36 ** 10)
    .toString(36)
    .padStart(10, '0');
}

/**
 * Creates a file that appears whole or not at all: false when the name is taken, or another run took over meanwhile.
 * Durable when it resolves to true. The folder must exist. Of any number of processes that call it for one name, one gets true (link(2) is atomic).
 */
export async function createDurably(host: Host, path: string, chunks: readonly Uint8Array[]): Promise<boolean> {
  const temp = `${path}${TEMP}${randomId(host)}`;
  try {
    await onFile('write', path, () => host.fs.writeNew(temp, chunks));
    return await linkDurably(host.fs, temp, path);
  } finally {
    await forget(host.fs, temp);
  }
}

/** Replaces a file by rename: a reader sees the old content or the new. */
export async function replaceDurably(host: Host, path: string, chunks: readonly Uint8Array[]): Promise<void> {
  const temp = `${path}${TEMP}${randomId(host)}`;
  try {
    await onFile('write', path, async () => {
      await host.fs.writeNew(temp, chunks);
      await host.fs.rename(temp, path);
      await host.fs.syncFolder(dirname(path));
    });
  } catch (error) {
    await forget(host.fs, temp);
    throw error;
  }
}

async function linkDurably(fs: HostFs, temp: string, path: string): Promise<boolean> {
  try {
    await fs.link(temp, path);
  } catch (error) {
    // ENOENT: a run that took us for dead has swept our temporary file away.
    if (hasCode(error, 'EEXIST', 'ENOENT')) return false;
    if (!hasCode(error, 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK')) throw fileError(error, 'write', path);
    throw new SassyError('DATA_DIR', {
      message: `cannot write ${path}: the file system has no hard links`,
      why: 'a commit is made visible in one step by a hard link; without one a crash could leave half a commit',
      fix: 'keep the data on a local disk (ext4, xfs, btrfs, APFS, NTFS): choose it with --data-dir',
      cause: error,
    });
  }
  await onFile('write', path, () => fs.syncFolder(dirname(path)));
  return true;
}

/** A temporary file that cannot be removed harms nothing: no reader looks at it and recovery sweeps it away. */
export async function forget(fs: HostFs, path: string): Promise<void> {
  await fs.unlink(path).catch(() => undefined);
}
