import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { isSassyError } from '../../src/errors/sassy-error.ts';
import { compactStream } from '../../src/store/compaction.ts';
import { fileBlobStore } from '../../src/store/file-blob-store.ts';
import { openRawStream } from '../../src/store/raw-stream.ts';
import { openRawWriter } from '../../src/store/raw-writer.ts';
import { collect, testPage, textOf } from './pages.ts';
import { seededRandom } from './seeded-random.ts';
import { simDisk } from './sim-fs.ts';
import { simMachine } from './sim-host.ts';

/** A writer and a compaction that both believe in their right to the stream, in an order drawn from the seed. */
async function writerAndCompaction(seed: number): Promise<{ fenced: number; merged: number }> {
  const random = seededRandom(seed);
  const disk = simDisk(random.fork());
  const machine = simMachine('a', random.fork());
  const acknowledged: string[] = [];
  const count = { fenced: 0, merged: 0 };
  const identity = (runId: string) => {
    const host = machine.host(disk.start(() => 'ok'));
    return { host, blobs: fileBlobStore(host, '/data'), stream: 'issues', epoch: 1, runId };
  };
  const write = async (commits: number): Promise<void> => {
    const writer = await openRawWriter(identity('write'));
    for (let number = 0; number < commits; number += 1) {
      // Else the writer would be done first nearly always.
      for (let turns = random.int(30); turns > 0; turns -= 1) await turn();
      const text = JSON.stringify({ number: acknowledged.length });
      writer.append(testPage(text), 1);
      await writer.commit({ slices: { '{}': { cursor: text } } });
      acknowledged.push(text);
    }
  };
  const unlessFenced = async (work: Promise<unknown>): Promise<void> => {
    try {
      await work;
    } catch (error) {
      if (!isSassyError(error, 'FENCED')) throw error;
      count.fenced += 1;
    }
  };
  await write(4);
  const compact = async (): Promise<void> => void (count.merged += (await compactStream(identity('compact'))).merged);
  await Promise.all([unlessFenced(write(4)), unlessFenced(compact())]);
  await openRawWriter(identity('last'));
  const stream = await openRawStream(identity('reader').blobs, 'issues');
  expect((await collect(stream.pages())).map(textOf), `seed ${seed}`).toEqual(acknowledged);
  const live = new Set((await collect(stream.commits())).flatMap(({ segments }) => segments.map(({ id }) => id)));
  if (stream.head?.overlay !== undefined) live.add(stream.head.overlay.id);
  const files = disk.files().filter((file) => file.includes('/segments/'));
  expect(files, `seed ${seed}`).toHaveLength(live.size);
  return count;
}

it('a commit is the writer’s or the compaction’s when both are at work, and nothing is lost or left over', async () => {
  const total = { fenced: 0, merged: 0 };
  for (let seed = 1; seed <= 80; seed += 1) {
    const { fenced, merged } = await writerAndCompaction(seed);
    total.fenced += fenced;
    total.merged += merged;
  }
  expect(total.fenced).toBeGreaterThan(10);
  expect(total.merged).toBeGreaterThan(10);
});
