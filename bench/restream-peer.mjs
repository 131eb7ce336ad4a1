// The least code that makes the same of the same records: lines → JSON.parse → zod → map → JSON.stringify → write, one file of
// records after the other in worker threads. No keys, no versions, no sync to disk, no second run.
//   node bench/restream-peer.mjs IN_FOLDER OUT_FOLDER [THREADS]
import { closeSync, createReadStream, mkdirSync, openSync, readdirSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { Issue, toFinding } from './restream-project/integrations/restream/issue.ts';

const MEGABYTE = 2 ** 20;

async function restream(from, to) {
  const file = openSync(to, 'w');
  let records = 0;
  let out = '';
  let rest = Buffer.alloc(0);
  for await (const chunk of createReadStream(from, { highWaterMark: MEGABYTE })) {
    const bytes = Buffer.concat([rest, chunk]);
    let start = 0;
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, start)) {
      out += `${JSON.stringify(toFinding(Issue.parse(JSON.parse(bytes.utf8Slice(start, end)))))}\n`;
      records += 1;
      start = end + 1;
      if (out.length < MEGABYTE) continue;
      writeSync(file, out);
      out = '';
    }
    rest = bytes.subarray(start);
  }
  writeSync(file, out);
  closeSync(file);
  return records;
}

if (isMainThread) {
  const [from, to, threads = '2'] = process.argv.slice(2);
  mkdirSync(to, { recursive: true });
  const next = new Int32Array(new SharedArrayBuffer(4));
  const run = () =>
    new Promise((resolve, reject) => {
      const worker = new Worker(new URL(import.meta.url), { workerData: { from, to, next } });
      worker.on('message', resolve).on('error', reject);
    });
  const counts = await Promise.all(Array.from({ length: Number(threads) }, run));
  console.log(JSON.stringify({ records: counts.reduce((sum, count) => sum + count, 0) }));
} else {
  const { from, to, next } = workerData;
  const files = readdirSync(from).sort();
  let records = 0;
  for (let index = Atomics.add(next, 0, 1); index < files.length; index = Atomics.add(next, 0, 1)) {
    records += await restream(join(from, files[index]), join(to, files[index]));
  }
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
  parentPort.postMessage(records);
}
