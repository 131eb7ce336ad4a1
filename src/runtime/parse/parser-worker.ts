// The entry of a thread: see parser-threads.ts, which starts it.
import { enableCompileCache } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';
import { nodeHost } from '../../util/node-host.ts';
import { runShare, type ShareTask } from './parser-share.ts';

/** Messages that may wait at the other side. */
const AHEAD = 4;

enableCompileCache();
const port = parentPort;
if (port === null) throw new Error('this file is run in a thread');
// What the thread was started with, by the one file that starts it.
const task: ShareTask = workerData;
let ahead = 0;
let go: (() => void) | undefined;
port.on('message', () => {
  ahead -= 1;
  go?.();
});
await runShare(nodeHost(), task, async (message, handedOver) => {
  port.postMessage(message, handedOver);
  ahead += 1;
  if (message.type === 'chunk' && ahead >= AHEAD) await new Promise<void>((resolve) => (go = resolve));
});
port.close();
