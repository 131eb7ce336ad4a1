import { Worker } from 'node:worker_threads';
import type { ThreadPlace, ThreadPool } from '../run-context.ts';

/** Garbage of a page or two must not be taken for something that lives. */
const YOUNG_MB = 24;

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
