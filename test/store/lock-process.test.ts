import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { acquireLock } from '../../src/store/lock.ts';
import { nodeHost } from '../../src/util/node-host.ts';
import { tempFolder } from './temp-folder.ts';

const script = fileURLToPath(new URL('./lock-process.ts', import.meta.url));

function start(folder: string, ...args: readonly string[]): ChildProcess {
  const child = spawn(process.execPath, [script, folder, ...args], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

it('lets eight processes in one at a time, each with an epoch of its own', async () => {
  const folder = await tempFolder();
  const ends = Array.from({ length: 8 }, () => once(start(folder, 'race', '25'), 'exit'));
  expect(await Promise.all(ends)).toEqual(Array.from({ length: 8 }, () => [0, null]));
  const epochs = (await readFile(join(folder, 'epochs'), 'utf8')).trim().split('\n').map(Number);
  expect(epochs).toEqual(Array.from({ length: 200 }, (_, index) => index + 1));
}, 60_000);

it('is taken at once from a process that was killed', async () => {
  const folder = await tempFolder();
  const holder = start(folder, 'hold');
  while (!existsSync(join(folder, 'epochs'))) await new Promise((resolve) => setTimeout(resolve, 5));
  await expect(acquireLock(nodeHost(), folder, { command: 'x', runId: 'x' })).rejects.toMatchObject({
    code: 'LOCK_HELD',
  });
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  await rmdir(join(folder, 'inside'));
  expect(await acquireLock(nodeHost(), folder, { command: 'x', runId: 'x' })).toMatchObject({
    epoch: 2,
    previous: 'dead',
  });
});
