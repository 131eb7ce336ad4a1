import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { compactStream } from '../../src/store/compaction.ts';
import { fileBlobStore } from '../../src/store/file-blob-store.ts';
import { openRawStream } from '../../src/store/raw-stream.ts';
import { openRawWriter } from '../../src/store/raw-writer.ts';
import { nodeHost } from '../../src/util/node-host.ts';
import { testPage } from './pages.ts';

/**
 * What it takes to merge many small segments, and to read them before and after:
 * `node test/store/compaction-bench.ts --segments 4000 --bytes 250000` (compressed bytes of each).
 */
const { values } = parseArgs({
  options: { segments: { type: 'string', default: '4000' }, bytes: { type: 'string', default: '250000' } },
});
const [segments, size] = [Number(values.segments), Number(values.bytes)];
const folder = await mkdtemp(join(tmpdir(), 'sassy-compaction-'));
const host = nodeHost();
const writer = { host, blobs: fileBlobStore(host, folder), stream: 'items', epoch: 1, runId: 'bench' };

async function timed(what: string, work: () => Promise<unknown>): Promise<void> {
  const [from, cpu] = [performance.now(), process.cpuUsage()];
  const result = await work();
  const { user, system } = process.cpuUsage(cpu);
  const seconds = ((performance.now() - from) / 1000).toFixed(1);
  const rss = Math.round(process.resourceUsage().maxRSS / 1024);
  console.log(
    `${what}: ${seconds} s, ${((user + system) / 1e6).toFixed(1)} s cpu, peak ${rss} MiB so far`,
    result ?? '',
  );
}

async function read(): Promise<string> {
  let pages = 0;
  for await (const _page of (await openRawStream(writer.blobs, 'items')).pages()) pages += 1;
  return `${pages} pages, ${(await readdir(join(folder, 'raw/items/segments'))).length} files`;
}

try {
  await timed('write', async () => {
    const raw = await openRawWriter(writer);
    for (let number = 1; number <= segments; number += 1) {
      // Random bytes in base64 are three quarters as long when compressed.
      raw.append(testPage(JSON.stringify({ data: randomBytes(size).toString('base64') })), 1);
      await raw.commit({ slices: { '{}': { cursor: String(number) } } });
    }
  });
  await timed('read before', read);
  await timed('read again', read);
  await timed('compact', () => compactStream(writer));
  await timed('read after', read);
  await timed('read again', read);
  await timed('compact again', () => compactStream(writer));
} finally {
  await rm(folder, { recursive: true, force: true });
}
