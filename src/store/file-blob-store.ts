import { dirname, isAbsolute, join, resolve } from 'node:path';
import { hasCode } from '../errors/error-code.ts';
import { SassyError } from '../errors/sassy-error.ts';
import type { Host } from '../util/host.ts';
import type { BlobStore } from './blob-store.ts';
import { createDurably, forget, isTempName } from './durable-file.ts';
import { onFile } from './file-error.ts';

/** Where folders cannot be synced (a read-only mount, some network file systems) nothing of ours is waiting to be. */
const CANNOT_SYNC = ['EACCES', 'EPERM', 'EROFS', 'EINVAL', 'ENOTSUP', 'ENOENT'] as const;

/**
 * Raw data in a folder. Reading never creates anything. Errors: DISK_FULL, DATA_DIR, each with the path and what mends it.
 * After an error nothing is tried again: a second fsync that succeeds does not mean that the first one's bytes are safe.
 */
export function fileBlobStore(host: Host, root: string): BlobStore {
  const { fs } = host;
  const base = resolve(root);
  const ready = new Map<string, Promise<void>>();
  const locate = (key: string): string => join(base, checkedKey(key));

  /** Once per folder and process. An earlier process may have died between making the folders and syncing their parents. */
  async function makeFolder(folder: string): Promise<void> {
    await fs.mkdir(folder);
    for (let path = folder; path !== base && path !== dirname(path); path = dirname(path))
      await fs.syncFolder(dirname(path));
  }

  function folderOf(path: string): Promise<void> {
    const folder = dirname(path);
    const made = ready.get(folder) ?? onFile('write', folder, () => makeFolder(folder));
    ready.set(folder, made);
    return made;
  }

  return {
    locate,
    async put(key, chunks) {
      const path = locate(key);
      await folderOf(path);
      await onFile('write', path, async () => {
        try {
          await fs.writeNew(path, chunks);
        } catch (error) {
          // Half a file on a full disk would only keep others from writing. One that was there before is not ours.
          if (!hasCode(error, 'EEXIST')) await forget(fs, path);
          throw error;
        }
        await fs.syncFolder(dirname(path));
      });
    },
    async putIfAbsent(key, chunks) {
      const path = locate(key);
      await folderOf(path);
      return createDurably(host, path, chunks);
    },
    async get(key) {
      const path = locate(key);
      return onFile('read', path, async () => {
        try {
          return await fs.readFile(path);
        } catch (error) {
          if (hasCode(error, 'ENOENT')) return undefined;
          throw error;
        }
      });
    },
    async range(key, offset, length) {
      const path = locate(key);
      return onFile('read', path, async () => {
        try {
          return await fs.readRange(path, offset, length);
        } catch (error) {
          if (!hasCode(error, 'ENOENT')) throw error;
          throw new SassyError('STORE_CORRUPT', {
            message: `${path} is missing`,
            why: 'a commit names this file, and sassy removes no file before another holds what is in it',
            fix: 'put the file back from a backup',
            cause: error,
          });
        }
      });
    },
    async list(prefix) {
      const folder = locate(prefix);
      const names = await onFile('read', folder, () => fs.list(folder));
      return names
        .filter((name) => !isTempName(name))
        .map((name) => `${prefix}${name}`)
        .sort();
    },
    async delete(key) {
      const path = locate(key);
      await onFile('remove', path, () => fs.unlink(path));
    },
    async settle(prefix) {
      const folder = locate(prefix);
      await onFile('read', folder, async () => {
        try {
          await fs.syncFolder(folder);
        } catch (error) {
          if (!hasCode(error, ...CANNOT_SYNC)) throw error;
        }
      });
    },
    async sweep(prefix) {
      const folder = locate(prefix);
      const names = await onFile('read', folder, () => fs.list(folder));
      for (const name of names.filter(isTempName)) {
        const path = join(folder, name);
        await onFile('remove', path, () => fs.unlink(path));
      }
    },
  };
}

/** Keys are made from stream names: none may lead out of the root, or collide with temporary names. */
function checkedKey(key: string): string {
  const parts = (key.endsWith('/') ? key.slice(0, -1) : key).split('/');
  const bad = parts.some((part) => part === '' || part === '.' || part === '..');
  if (bad || isAbsolute(key) || key.includes('\0') || key.includes('\\') || isTempName(key)) {
    throw new SassyError('INTERNAL', {
      message: `${JSON.stringify(key)} is no key of the raw store`,
      why: 'a key is a relative path without "..", backslashes, NUL or the mark of temporary files',
      fix: 'check the name of the stream',
    });
  }
  return key;
}
