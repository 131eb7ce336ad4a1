import { codeOf } from '../errors/error-code.ts';
import { SassyError } from '../errors/sassy-error.ts';

const CHOOSE_OTHER = 'or choose another place with --data-dir';

/** What mends a failed file operation, by Node's code. */
const FIXES: Readonly<Record<string, string>> = {
  EACCES: `give this user the right to read and write there, ${CHOOSE_OTHER}`,
  EPERM: `give this user the right to read and write there, ${CHOOSE_OTHER}`,
  EROFS: `the file system is read-only: mount it for writing, ${CHOOSE_OTHER}`,
  ENOTDIR: `a file is in the place of a folder: move it away, ${CHOOSE_OTHER}`,
  EISDIR: `a folder is in the place of a file: move it away, ${CHOOSE_OTHER}`,
  ELOOP: `a symbolic link leads back to itself: mend it, ${CHOOSE_OTHER}`,
  ENAMETOOLONG: 'choose a shorter path with --data-dir',
  ENOENT: 'the folder was removed or taken over while it was in use: run the same command again',
  EFBIG: 'raise the limit on file size (ulimit -f), then run the same command again',
  EMFILE: 'raise the limit on open files (ulimit -n), then run the same command again',
  ENFILE: 'close other programs that hold many files open, then run the same command again',
  EIO: 'the disk reports a failure: check it before you run the command again',
};

/** An error of a file operation, as the user should read it. What did not come from the file system is returned as it is. */
export function fileError(error: unknown, doing: 'read' | 'write' | 'remove', path: string): unknown {
  const code = codeOf(error);
  if (!(error instanceof Error) || code === undefined || error instanceof SassyError) return error;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new SassyError('DISK_FULL', {
      message: `cannot ${doing} ${path}: ${code === 'ENOSPC' ? 'the disk is full' : 'the disk quota is used up'}`,
      why: error.message,
      fix: 'free some space and run the same command again',
      cause: error,
    });
  }
  return new SassyError('DATA_DIR', {
    message: `cannot ${doing} ${path}`,
    why: error.message,
    fix: FIXES[code] ?? `check that the data folder is on a healthy local disk, ${CHOOSE_OTHER}`,
    cause: error,
  });
}

/** Runs a file operation and turns its error into one for the user. */
export async function onFile<T>(doing: 'read' | 'write' | 'remove', path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw fileError(error, doing, path);
  }
}
