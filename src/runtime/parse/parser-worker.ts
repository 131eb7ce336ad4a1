// The entry of a thread: see thread-pool.ts, which starts it.
import { enableCompileCache } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';
import type { ThreadPlace } from '../run-context.ts';

// Before all else is loaded, so that none of it is compiled anew.
enableCompileCache();
const { serveShares } = await import('./share-server.ts');
if (parentPort === null) throw new Error('this file is run in a thread');
// What the thread was started with, by the one file that starts it.
const place: ThreadPlace = workerData;
serveShares(parentPort, place);
