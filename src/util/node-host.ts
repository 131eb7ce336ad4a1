import { readFileSync } from 'node:fs';
import * as fs from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { hasCode } from '../errors/error-code.ts';
import type { Clock, Host, HostFs, HostProcess } from './host.ts';
import { writeAll } from './write-all.ts';

/** setTimeout fires at once for delays beyond 2^31-1 ms, so a server-given wait is cut into pieces below it. */
const LONGEST_TIMER_MS = 2 ** 30;

const clock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  async sleep(ms, signal) {
    signal?.throwIfAborted();
    let left = Math.max(0, ms);
    do {
      const piece = Math.min(left, LONGEST_TIMER_MS);
      try {
        await delay(piece, undefined, signal === undefined ? {} : { signal });
      } catch (error) {
        signal?.throwIfAborted();
        throw error;
      }
      left -= piece;
    } while (left > 0);
  },
};

const nodeFs: HostFs = {
  async mkdir(path) {
    const first = await fs.mkdir(path, { recursive: true, mode: 0o700 });
    if (first === undefined) return;
    for (let folder = path; ; folder = dirname(folder)) {
      await nodeFs.syncFolder(dirname(folder));
      if (folder === first || folder === dirname(folder)) return;
    }
  },
  async list(path) {
    try {
      return await fs.readdir(path);
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return [];
      throw error;
    }
  },
  readFile: (path) => fs.readFile(path),
  async readRange(path, offset, length) {
    const handle = await fs.open(path, 'r');
    try {
      const buffer = Buffer.allocUnsafe(length);
      let done = 0;
      while (done < length) {
        const { bytesRead } = await handle.read(buffer, done, length - done, offset + done);
        if (bytesRead === 0) break;
        done += bytesRead;
      }
      return buffer.subarray(0, done);
    } finally {
      await handle.close();
    }
  },
  async writeNew(path, chunks) {
    const handle = await fs.open(path, 'wx', 0o600);
    try {
      await writeAll(handle, chunks);
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
  link: (existing, path) => fs.link(existing, path),
  rename: (from, path) => fs.rename(from, path),
  unlink: (path) => fs.rm(path, { force: true }),
  removeFolder: (path) => fs.rm(path, { recursive: true, force: true }),
  async syncFolder(path) {
    const handle = await fs.open(path, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
};

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}

/** Field 22 of /proc/<pid>/stat; the name in field 2 may hold spaces and brackets, so count from its last bracket. */
function linuxStartTime(pid: number): string | undefined {
  const stat = readOrEmpty(`/proc/${pid}/stat`);
  if (stat === '') return undefined;
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return hasCode(error, 'EPERM');
  }
}

const nodeProcess: HostProcess = {
  pid: process.pid,
  hostname: hostname(),
  bootId: readOrEmpty('/proc/sys/kernel/random/boot_id'),
  startTime: (pid) => linuxStartTime(pid) ?? (process.platform !== 'linux' && isRunning(pid) ? 'running' : undefined),
};

/** The machine itself. */
export function nodeHost(): Host {
  return { clock, random: () => Math.random(), fs: nodeFs, process: nodeProcess };
}
