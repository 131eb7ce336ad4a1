import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** The most memory that a process has had, in MiB, as the system tells until it ends; 0 where there is no /proc. */
export function watchMemory({ pid }: ChildProcess): () => number {
  let most = 0;
  const look = (): void => {
    most = Math.max(most, mibOf(pid, 'VmHWM'));
  };
  const timer = setInterval(look, 20);
  return () => {
    clearInterval(timer);
    return Math.round(most);
  };
}

/** How memory grows with what is done: MiB for each `unit` of `done()`, a straight line through the second half. */
export function watchGrowth({ pid }: ChildProcess, done: () => number, unit: number): () => number {
  const points: { readonly x: number; readonly y: number }[] = [];
  const timer = setInterval(() => {
    const y = mibOf(pid, 'VmRSS');
    if (y > 0) points.push({ x: done() / unit, y });
  }, 250);
  return () => {
    clearInterval(timer);
    const half = points.slice(points.length >> 1);
    const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
    const [x, y] = [mean(half.map((point) => point.x)), mean(half.map((point) => point.y))];
    const spread = half.reduce((sum, point) => sum + (point.x - x) ** 2, 0);
    const slope = half.reduce((sum, point) => sum + (point.x - x) * (point.y - y), 0) / spread;
    return Math.round(slope * 10) / 10;
  };
}

/** A line of /proc/<pid>/status in MiB; 0 when the process has ended. */
function mibOf(pid: number | undefined, name: 'VmHWM' | 'VmRSS'): number {
  try {
    const text = readFileSync(`/proc/${String(pid)}/status`, 'utf8');
    return Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(text)?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}
