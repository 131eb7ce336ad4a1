import { appendFileSync, mkdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { isSassyError } from '../../src/errors/sassy-error.ts';
import { acquireLock } from '../../src/store/lock.ts';
import { nodeHost } from '../../src/util/node-host.ts';

/**
 * One of the processes that race for a lock: `node lock-process.ts <folder> race <times>` or `… hold`.
 * While it holds the lock it also makes a folder that exists once; when that fails, two hold it.
 */
const [folder = '', mode = '', times = '0'] = process.argv.slice(2);
const host = nodeHost();

async function take(): Promise<boolean> {
  try {
    const lock = await acquireLock(host, folder, { command: mode, runId: String(process.pid) });
    mkdirSync(join(folder, 'inside'));
    appendFileSync(join(folder, 'epochs'), `${lock.epoch}\n`);
    if (mode === 'hold') await host.clock.sleep(60_000);
    rmdirSync(join(folder, 'inside'));
    await lock.release();
    return true;
  } catch (error) {
    if (isSassyError(error, 'LOCK_HELD')) return false;
    throw error;
  }
}

let taken = 0;
const wanted = mode === 'hold' ? 1 : Number(times);
while (taken < wanted) {
  if (await take()) taken += 1;
  else await host.clock.sleep(host.random() * 5);
}
