import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { SoakAnswer, SoakTask } from './soak-worker.ts';

/** So many seeds are handed out at once: few enough to stop soon. */
const CHUNK = 50;

/** No seed takes so long; one that does goes round in circles, or waits for what will not come. */
const LONGEST_SEED_MS = 60_000;

/** Writers allocate frames of a megabyte that they hardly use; collecting after every few of them cost a third of the time. */
const HEAP = [
  '--max-semi-space-size=16',
  '--min-semi-space-size=16',
  '--initial-heap-size=1024',
  '--external-memory-accounted-in-global-limit',
];

export interface SoakPool {
  /** Resolves when every seed that was handed out has its answer. Gives the first seed that was not. */
  readonly done: Promise<number>;
  /** Hands out no more. */
  stop(): void;
  /** Of all processes. */
  readonly cpuMs: number;
}

/** Runs seeds `from` to before `to` in `jobs` processes. A process that dies or hangs is an answer too; another takes its place. */
export function soakPool(from: number, to: number, jobs: number, onAnswer: (answer: SoakAnswer) => void): SoakPool {
  let next = from;
  let isStopped = false;
  const cpuMs = new Map<ChildProcess, number>();

  function chunk(): SoakTask | undefined {
    if (isStopped || next >= to) return undefined;
    const task = { from: next, to: Math.min(to, next + CHUNK) };
    next = task.to;
    return task;
  }

  /** One process after the other, until there is nothing to do. */
  async function work(): Promise<void> {
    for (let task = chunk(); task !== undefined;) {
      const left: SoakTask = await runProcess(task);
      task = left.from < left.to ? left : chunk();
    }
  }

  /** Runs chunks in one process while it lives. Gives what is left of the last one after the seed that it died of. */
  function runProcess(first: SoakTask): Promise<SoakTask> {
    const child = fork(fileURLToPath(new URL('soak-worker.ts', import.meta.url)), {
      execArgv: [...process.execArgv, ...HEAP],
    });
    let { from: at, to: end } = first;
    let isHung = false;
    const watch = setTimeout(() => {
      isHung = true;
      child.kill('SIGKILL');
    }, LONGEST_SEED_MS);
    child.on('message', (answer: SoakAnswer) => {
      at = answer.seed + 1;
      cpuMs.set(child, answer.cpuMs);
      watch.refresh();
      onAnswer(answer);
      if (at < end) return;
      const task = chunk();
      if (task === undefined) return void child.disconnect();
      ({ from: at, to: end } = task);
      child.send(task);
    });
    child.send(first);
    return new Promise((resolve) => {
      child.on('exit', (code, signal) => {
        clearTimeout(watch);
        if (at < end) {
          const why = isHung ? `it did not end within ${LONGEST_SEED_MS} ms` : `its process died: ${signal ?? code}`;
          onAnswer({ seed: at, error: why, cpuMs: 0 });
        }
        resolve({ from: at + 1, to: end });
      });
    });
  }

  return {
    done: Promise.all(Array.from({ length: jobs }, work)).then(() => next),
    stop: () => (isStopped = true),
    get cpuMs() {
      return [...cpuMs.values()].reduce((sum, each) => sum + each, 0);
    },
  };
}
