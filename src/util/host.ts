/**
 * Everything a run takes from the machine. Code below `cli/` reads the clock, sleeps, draws random numbers and
 * touches files only through a Host, so that a test can hold time still and lose unsynced writes.
 */
export interface Host {
  readonly clock: Clock;
  /** A number in [0, 1). Used for jitter and for ids that need only be unlikely to collide. */
  random(): number;
  readonly fs: HostFs;
  /** Who we are, for the run lock. */
  readonly process: HostProcess;
}

export interface Clock {
  /** Milliseconds since 1970 by the wall clock. For display and for the lock; never for durations or cursors. */
  now(): number;
  /** Milliseconds on a clock that never goes back. For durations. */
  monotonicMs(): number;
  /** Resolves after `ms` (any finite length: long waits are cut into pieces), rejects with `signal.reason` when aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export interface HostProcess {
  readonly pid: number;
  readonly hostname: string;
  /** Changes with each boot of the machine; empty where the system does not tell. */
  readonly bootId: string;
  /** When a process with this pid started, in the system's own ticks; undefined when there is none. */
  startTime(pid: number): string | undefined;
}

/** The bytes of a file, one after the other. */
export type Chunks = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

/** The file operations that the raw store and the lock are built from. Paths are absolute. Errors carry Node's `code`. */
export interface HostFs {
  /** Creates the folder and its parents, and makes the new directory entries durable. */
  mkdir(path: string): Promise<void>;
  /** Names in a folder; empty when the folder does not exist. */
  list(path: string): Promise<readonly string[]>;
  readFile(path: string): Promise<Buffer>;
  /** Reads exactly `length` bytes from `offset`; fewer only when the file ends before. */
  readRange(path: string, offset: number, length: number): Promise<Buffer>;
  /** Creates a file that must not exist (EEXIST otherwise), writes all chunks and syncs it to the disk before it resolves. */
  writeNew(path: string, chunks: Chunks): Promise<void>;
  /** A second name for a file; EEXIST when the name is taken. Atomic. */
  link(existing: string, path: string): Promise<void>;
  /** Replaces `path` atomically. */
  rename(from: string, path: string): Promise<void>;
  /** Removes a file; nothing happens when there is none. */
  unlink(path: string): Promise<void>;
  /** Removes a folder with all it holds; nothing happens when there is none. */
  removeFolder(path: string): Promise<void>;
  /** Makes the entries of a folder durable. */
  syncFolder(path: string): Promise<void>;
}
