import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isSassyError } from '../../src/errors/sassy-error.ts';
import { acquireLock, readLock } from '../../src/store/lock.ts';
import type { Host, HostProcess } from '../../src/util/host.ts';
import { nodeHost } from '../../src/util/node-host.ts';
import { seededRandom } from './seeded-random.ts';
import { DeadProcess, simDisk } from './sim-fs.ts';
import { simMachine } from './sim-host.ts';
import { tempFolder } from './temp-folder.ts';

const request = { command: 'stream', runId: 'r1' };
const hostWith = (process: Partial<HostProcess>): Host => {
  const host = nodeHost();
  return { ...host, process: { ...host.process, ...process } };
};

describe('the run lock', () => {
  it('is held until it is released, and its number grows', async () => {
    const folder = await tempFolder();
    const host = nodeHost();
    const lock = await acquireLock(host, folder, request);
    expect([lock.epoch, lock.previous]).toEqual([1, 'none']);
    expect(await readLock(host, folder)).toMatchObject({ ...request, pid: process.pid, epoch: 1, elsewhere: false });
    await expect(acquireLock(host, folder, request)).rejects.toMatchObject({
      code: 'LOCK_HELD',
      exitCode: 75,
      message: expect.stringMatching(
        new RegExp(`stream, running since \\d\\d:\\d\\d, pid ${process.pid}, host ${host.process.hostname}$`),
      ),
    });
    await lock.verify();
    await lock.release();
    await lock.release();
    await expect(lock.verify()).rejects.toMatchObject({ code: 'FENCED' });
    expect(await readLock(host, folder)).toBeUndefined();
    const next = await acquireLock(host, folder, request);
    expect([next.epoch, next.previous]).toEqual([2, 'released']);
    expect(await readdir(join(folder, 'lock'))).toEqual(['00000002.json']);
  });

  it.each<[string, Partial<HostProcess>]>([
    ['whose process has ended', { startTime: (pid) => (pid === process.pid ? undefined : 'x') }],
    ['whose pid is another process now', { startTime: () => 'later' }],
    ['whose machine was started again', { bootId: 'other' }],
  ])('of a holder %s is taken at once, and the old holder notices', async (_, later) => {
    const folder = await tempFolder();
    const old = await acquireLock(nodeHost(), folder, request);
    expect(await readLock(hostWith(later), folder)).toBeUndefined();
    const lock = await acquireLock(hostWith({ ...later, pid: 1 }), folder, request);
    expect([lock.epoch, lock.previous]).toEqual([2, 'dead']);
    await expect(old.verify()).rejects.toMatchObject({ code: 'FENCED' });
    await old.release();
    await lock.verify();
  });

  it('of another machine is respected; emptying the file that the error names frees it', async () => {
    const folder = await tempFolder();
    await acquireLock(hostWith({ hostname: 'b' }), folder, request);
    const path = join(folder, 'lock/00000001.json');
    await expect(acquireLock(nodeHost(), folder, request)).rejects.toMatchObject({
      code: 'LOCK_HELD',
      fix: expect.stringContaining(path),
    });
    expect(await readLock(nodeHost(), folder)).toMatchObject({ hostname: 'b', elsewhere: true, path });
    await writeFile(path, '');
    const lock = await acquireLock(nodeHost(), folder, request);
    expect([lock.epoch, lock.previous]).toEqual([2, 'unreadable']);
  });

  it.each(['', '{', '[]', '{"pid":"x"}', '\0\0\0'])(
    'is not blocked for ever by a file that holds %j',
    async (garbage) => {
      const folder = await tempFolder();
      await mkdir(join(folder, 'lock'));
      await writeFile(join(folder, 'lock/00000041.json'), garbage);
      expect(await readLock(nodeHost(), folder)).toBeUndefined();
      const lock = await acquireLock(nodeHost(), folder, request);
      expect([lock.epoch, lock.previous]).toEqual([42, 'unreadable']);
    },
  );

  it('is not taken by a process that was asleep while others took it, ended, and cleared up', async () => {
    const folder = await tempFolder();
    const host = nodeHost();
    await (await acquireLock(host, folder, request)).release();
    let asleep = true;
    const sleeper: Host = {
      ...host,
      fs: {
        ...host.fs,
        async writeNew(path, chunks) {
          // It has seen number 1 released and is about to create 2; meanwhile 2 comes and goes, and 3 is held.
          if (asleep) {
            asleep = false;
            await (await acquireLock(host, folder, request)).release();
            await acquireLock(host, folder, request);
          }
          await host.fs.writeNew(path, chunks);
        },
      },
    };
    await expect(acquireLock(sleeper, folder, request)).rejects.toMatchObject({ code: 'LOCK_HELD' });
    expect(await readdir(join(folder, 'lock'))).toEqual(['00000003.json']);
  });

  it('is not created by looking at it', async () => {
    const folder = await tempFolder();
    expect(await readLock(nodeHost(), folder)).toBeUndefined();
    expect(await readdir(folder)).toEqual([]);
  });
});

/** Processes that take, hold, release, and die in any order of their steps. Never two holders, never an epoch twice. */
async function race(seed: number): Promise<number> {
  const random = seededRandom(seed);
  const disk = simDisk(random);
  const machine = simMachine('a', random);
  const epochs: number[] = [];
  let holder: { readonly isAlive: boolean } | undefined;
  async function run(name: string): Promise<void> {
    const dies = random.chance(0.4) ? random.int(40) : Infinity;
    let steps = 0;
    const process = disk.start(() => (steps++ === dies ? 'kill' : 'ok'));
    const host = machine.host(process);
    try {
      for (let turn = 0; turn < 3; turn += 1) {
        try {
          const lock = await acquireLock(host, '/c', { command: 'stream', runId: name });
          expect(holder?.isAlive ?? false, `seed ${seed}: two holders`).toBe(false);
          holder = process;
          epochs.push(lock.epoch);
          await lock.verify();
          await host.fs.list('/c/lock');
          holder = undefined;
          await lock.release();
        } catch (error) {
          if (!isSassyError(error, 'LOCK_HELD')) throw error;
        }
      }
    } catch (error) {
      if (!(error instanceof DeadProcess)) throw error;
    }
  }
  await Promise.all(Array.from({ length: 2 + random.int(5) }, (_, index) => run(`run-${index}`)));
  expect(epochs, `seed ${seed}: epochs do not grow`).toEqual([...new Set(epochs)].sort((a, b) => a - b));
  const host = machine.host(disk.start(() => 'ok'));
  const lock = await acquireLock(host, '/c', { command: 'stream', runId: 'last' });
  expect(lock.epoch).toBeGreaterThan(epochs.at(-1) ?? 0);
  expect(disk.files(), `seed ${seed}: left over`).toHaveLength(1);
  return epochs.length;
}

it('has one holder at a time in any interleaving, and the dead leave nothing behind', async () => {
  let taken = 0;
  for (let seed = 1; seed <= 200; seed += 1) taken += await race(seed);
  expect(taken).toBeGreaterThan(400);
});
