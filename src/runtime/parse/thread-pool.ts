import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import type { ThreadPlace, ThreadPool } from '../run-context.ts';

/** Garbage of a page or two must not be taken for something that lives, and a collection costs the same however much is dead. */
const YOUNG_MB = 48;
/**
 * Of the whole process, and of the heaps that begin from now on. V8 marks all that lives whenever the room that is left for
 * old objects is less than that for new ones, so with a heap that begins small it never stops marking: a sixth of all
 * processor time. The threads' heaps begin with room. Each thread is busy, so none helps another to collect.
 */
const FLAGS = ['--initial-old-space-size=96', `--min-semi-space-size=${YOUNG_MB / 3}`, '--no-parallel-scavenge'];

/** With more threads, taking in what they make is work enough for the one that has started them. */
const MOST_WITH_OURS = 3;

/** How many threads are started so that `count` work: up to a few, the one that starts them takes a share itself. */
export function workersOf(count: number): number {
  return count <= MOST_WITH_OURS ? count - 1 : count;
}

/** `ahead`: so many are started at once, so that they load while the one that calls this does so too. */
export function threadPool(place: ThreadPlace, ahead: number): ThreadPool {
  const idle = Array.from({ length: ahead }, () => start(place));
  return {
    take: () => idle.shift() ?? start(place),
    giveBack(worker) {
      rest(worker);
      idle.push(worker);
    },
    async close() {
      await Promise.all(idle.splice(0).map((worker) => worker.terminate()));
    },
  };
}

function start(place: ThreadPlace): Worker {
  for (const flag of FLAGS) setFlagsFromString(flag);
  const file = import.meta.url.endsWith('.ts') ? './parser-worker.ts' : './parser-worker.js';
  const worker = new Worker(new URL(file, import.meta.url), {
    workerData: place,
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
  });
  rest(worker);
  return worker;
}

/** What goes wrong in one that nobody has taken is met again by who takes it: it has ended then. */
function rest(worker: Worker): void {
  worker.on('error', () => undefined);
  worker.unref();
}
