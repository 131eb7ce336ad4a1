import { basename } from 'node:path';
import type { ErrorCode } from '../../errors/registry.ts';
import { isSassyError, SassyError, type ErrorDetails } from '../../errors/sassy-error.ts';

const AGAIN = 'move the file away, then make the entities again from the raw data: sassy run <integration> restream';

interface Kind {
  readonly pattern: RegExp;
  readonly code: ErrorCode;
  readonly details: (file: string, text: string) => ErrorDetails;
}

/** DuckDB's errors carry no code: its texts are all there is. Taken from DuckDB 1.5.6; the first that matches. */
const KINDS: readonly Kind[] = [
  {
    pattern: /could not set lock on file|unique file handle conflict|already attached|with a different configuration/i,
    code: 'LOCK_HELD',
    details: (file, text) => ({
      message: `${file} is open in ${holder(text)}`,
      why: 'DuckDB lets one process at a time write a file',
    }),
  },
  {
    pattern: /no space left on device|disk quota exceeded|max_temp_directory_size|failed to offload/i,
    code: 'DISK_FULL',
    details: (file) => ({ message: `there is no room on the disk for ${file}` }),
  },
  {
    pattern: /fsync failed|input\/output error|EIO: i\/o error/i,
    code: 'DATA_DIR',
    details: (file) => ({
      message: `the disk reports a failure at ${file}`,
      state: 'safe: raw data is committed; the sink is as it was, or has the whole of this batch',
      fix: 'check the disk before you run the command again',
    }),
  },
  {
    pattern: /database does not exist/i,
    code: 'NOTHING_THERE',
    details: (file) => ({ message: `there is no ${file} yet`, fix: 'sassy run <integration> parse' }),
  },
  {
    pattern: /(newer|older|different) version of duckdb|only read versions?/i,
    code: 'STORE_VERSION',
    details: (file) => ({ message: `${file} was written by another version of DuckDB`, fix: AGAIN }),
  },
  {
    pattern: /not a valid duckdb database|corrupt|checksum|could not read enough bytes|failed to deserialize/i,
    code: 'STORE_CORRUPT',
    details: (file) => ({ message: `${file} is not what DuckDB wrote`, fix: AGAIN }),
  },
  {
    pattern: /no such file or directory|permission denied|is a directory|read-only file system/i,
    code: 'DATA_DIR',
    details: (file) => ({ message: `${file} cannot be opened` }),
  },
];

function holder(text: string): string {
  const pid = /PID (\d+)/.exec(text)?.[1];
  return pid === undefined ? 'this process already' : `another process (pid ${pid})`;
}

/** The SassyError for what DuckDB threw about a database file: SINK_FAILED with DuckDB's words where nothing fits better. */
export function duckDbError(error: unknown, path: string): SassyError {
  if (isSassyError(error)) return error;
  const text = error instanceof Error ? error.message : String(error);
  const file = basename(path);
  const kind = KINDS.find(({ pattern }) => pattern.test(text));
  if (kind === undefined)
    return new SassyError('SINK_FAILED', { message: `${file}: DuckDB refused it`, why: text, cause: error });
  return new SassyError(kind.code, { why: text, ...kind.details(file, text), cause: error });
}
