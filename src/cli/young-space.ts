import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

/** Both halves. A collection costs about the same however much is dead, so it must not be too small either. */
const ENOUGH = 16 * 2 ** 20;
const LOOK_MS = 5;

/**
 * Keeps the part of the heap for what has just been made from growing beyond 16 MB. It would grow to 96 MB and more in a run over millions of
 * records, of which nearly all die at once: the same time, and 100 MB less. V8 has no limit that could be set once a process runs, but it can be told not to
 * grow any more. It holds for this thread alone: others begin with as much as they need.
 */
export function keepYoungSpaceSmall(): void {
  const look = setInterval(() => {
    const space = getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space');
    if (space !== undefined && space.space_size < ENOUGH) return;
    setFlagsFromString('--semi-space-growth-factor=1');
    clearInterval(look);
  }, LOOK_MS);
  look.unref();
}
