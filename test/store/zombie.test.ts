import { join } from 'node:path';
import { expect, it } from 'vitest';
import { isSassyError } from '../../src/errors/sassy-error.ts';
import { fileBlobStore } from '../../src/store/file-blob-store.ts';
import { acquireLock } from '../../src/store/lock.ts';
import { openRawStream } from '../../src/store/raw-stream.ts';
import { openRawWriter, type RawWriter } from '../../src/store/raw-writer.ts';
import { nodeHost } from '../../src/util/node-host.ts';
import { collect, testPage, textOf } from './pages.ts';
import { seededRandom } from './seeded-random.ts';
import { simDisk } from './sim-fs.ts';
import { simMachine } from './sim-host.ts';
import { tempFolder } from './temp-folder.ts';

/** Two processes that both believe in their right to write, because the lock of the first was removed by hand. */
async function twoWriters(seed: number, guarded: boolean): Promise<{ fenced: number; committed: number }> {
  const random = seededRandom(seed);
  const disk = simDisk(random);
  const machine = simMachine('a', random);
  const acknowledged: string[] = [];
  let fenced = 0;
  const write = async (name: string, commits: number): Promise<void> => {
    const host = machine.host(disk.start(() => 'ok'));
    try {
      const lock = await acquireLock(host, '/data', { command: 'stream', runId: name });
      await host.fs.unlink(`/data/lock/${String(lock.epoch).padStart(8, '0')}.json`);
      const blobs = fileBlobStore(host, '/data');
      const guard = guarded ? { guard: lock.verify } : {};
      const writer = await openRawWriter({ host, blobs, stream: 'issues', epoch: lock.epoch, runId: name, ...guard });
      for (let number = 0; number < commits; number += 1) {
        const text = JSON.stringify({ name, number });
        writer.append(testPage(text), 1);
        await writer.commit({ slices: { '{}': { cursor: text } } });
        acknowledged.push(text);
      }
    } catch (error) {
      if (!isSassyError(error, 'FENCED') && !isSassyError(error, 'LOCK_HELD')) throw error;
      fenced += 1;
    }
  };
  await Promise.all([write('one', 5), write('two', 5)]);
  const host = machine.host(disk.start(() => 'ok'));
  const blobs = fileBlobStore(host, '/data');
  await openRawWriter({ host, blobs, stream: 'issues', epoch: 9, runId: 'last' });
  const stream = await openRawStream(blobs, 'issues');
  const visible = (await collect(stream.pages())).map(textOf);
  expect(visible.toSorted(), `seed ${seed}`).toEqual(acknowledged.toSorted());
  const segments = (await collect(stream.commits())).flatMap((commit) => commit.segments);
  expect(
    disk.files().filter((file) => file.includes('/segments/')),
    `seed ${seed}`,
  ).toHaveLength(segments.length);
  return { fenced, committed: visible.length };
}

it('never loses or mixes data when two writers meet: each commit is one’s or the other’s', async () => {
  const total = { fenced: 0, committed: 0 };
  for (let seed = 1; seed <= 150; seed += 1) {
    const { fenced, committed } = await twoWriters(seed, false);
    total.fenced += fenced;
    total.committed += committed;
  }
  expect(total.fenced).toBeGreaterThan(50);
  expect(total.committed).toBeGreaterThan(300);
});

it('refuses the second of two commits of one number, and takes its segment away', async () => {
  const folder = await tempFolder();
  const host = nodeHost();
  const blobs = fileBlobStore(host, folder);
  const open = (runId: string): Promise<RawWriter> => openRawWriter({ host, blobs, stream: 'issues', epoch: 1, runId });
  const [winner, zombie] = [await open('winner'), await open('zombie')];
  winner.append(testPage('"winner"'), 1);
  zombie.append(testPage('"zombie"'), 1);
  await winner.commit({ slices: {} });
  await expect(zombie.commit({ slices: {} })).rejects.toMatchObject({ code: 'FENCED', exitCode: 75 });
  expect(await blobs.list('raw/issues/segments/')).toHaveLength(1);
  expect((await collect((await openRawStream(blobs, 'issues')).pages())).map(textOf)).toEqual(['"winner"']);
});

it('stops a writer whose lock is gone before it writes anything', async () => {
  expect(await twoWriters(1, true)).toEqual({ fenced: 2, committed: 0 });
  const folder = await tempFolder();
  const host = nodeHost();
  const blobs = fileBlobStore(host, folder);
  const lock = await acquireLock(host, folder, { command: 'stream', runId: 'r' });
  const writer = await openRawWriter({ host, blobs, stream: 'issues', epoch: 1, runId: 'r', guard: lock.verify });
  await host.fs.unlink(join(folder, 'lock/00000001.json'));
  writer.append(testPage('1'), 1);
  await expect(writer.commit({ slices: {} })).rejects.toMatchObject({ code: 'FENCED' });
  expect(await host.fs.list(join(folder, 'raw'))).toEqual([]);
});
