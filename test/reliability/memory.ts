import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** The most memory that a process has had, in MiB, as the system tells until it ends; 0 where there is no /proc. */
export function watchMemory({ pid }: ChildProcess): () => number {
  let most = 0;
  const look = (): void => {
    try {
      const kib = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${String(pid)}/status`, 'utf8'))?.[1];
      most = Math.max(most, Number(kib ?? 0) / 1024);
    } catch {
      // It has ended.
    }
  };
  const timer = setInterval(look, 20);
  return () => {
    clearInterval(timer);
    return Math.round(most);
  };
}
