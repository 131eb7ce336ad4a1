import { describe, expect, it } from 'vitest';
import type { StreamState } from '../../src/model/state.ts';
import { fileBlobStore } from '../../src/store/file-blob-store.ts';
import { openRawStream } from '../../src/store/raw-stream.ts';
import { openRawWriter } from '../../src/store/raw-writer.ts';
import { nodeHost } from '../../src/util/node-host.ts';
import { testPage } from './pages.ts';
import { seededRandom } from './seeded-random.ts';
import { tempFolder } from './temp-folder.ts';

const host = nodeHost();
const slice = (n: number): string => JSON.stringify({ parent: `0a1b2c3d-${n}` });

describe('the state of many slices', () => {
  it('keeps each commit under 64 KiB with 100 000 slices, and reads back whole', async () => {
    const folder = await tempFolder();
    const blobs = fileBlobStore(host, folder);
    const options = { host, blobs, stream: 'things', epoch: 1, runId: 'run' };
    const writer = await openRawWriter(options);
    for (let from = 0; from < 100_000; from += 10_000) {
      const slices = Object.fromEntries(
        Array.from({ length: 10_000 }, (_, n) => [
          slice(from + n),
          { cursor: '2026-01-01T00:00:00.000000000Z', listing: n },
        ]),
      );
      writer.append(testPage('{"id":1}'), 1);
      await writer.commitChange({ slices, rest: {} });
    }
    // One more change of one slice costs one slice, not all.
    await writer.commitChange({ slices: { [slice(7)]: { listing: 77 } }, rest: {} });
    const stream = await openRawStream(blobs, 'things');
    for await (const { number } of stream.commits()) {
      const file = await blobs.get(`raw/things/commits/${String(number).padStart(8, '0')}.json`);
      expect(file?.byteLength).toBeLessThan(64 * 1024);
    }
    const state = await stream.state();
    expect(Object.keys(state.slices)).toHaveLength(100_000);
    expect(state.slices[slice(7)]).toEqual({ listing: 77 });
    const last = stream.head?.index;
    expect(last?.frame.rawLength).toBeLessThan(2000);
    // A writer that opens it anew recovers nothing away and goes on.
    const again = await openRawWriter({ ...options, epoch: 2 });
    await again.commitChange({ slices: { [slice(8)]: undefined }, rest: {} });
    expect(Object.keys((await (await openRawStream(blobs, 'things')).state()).slices)).toHaveLength(99_999);
  });

  it('is the same after any changes, small or large, whoever opened the stream last', async () => {
    const random = seededRandom(7);
    const folder = await tempFolder();
    const blobs = fileBlobStore(host, folder);
    const model = new Map<string, StreamState['slices'][string]>();
    for (let run = 1; run <= 6; run += 1) {
      const writer = await openRawWriter({ host, blobs, stream: 'things', epoch: run, runId: 'run' });
      expect(writer.state).toEqual({ slices: Object.fromEntries(model) });
      for (let step = 0; step < 12; step += 1) {
        const slices: Record<string, StreamState['slices'][string] | undefined> = {};
        if (random.chance(0.1)) for (const key of model.keys()) slices[key] = undefined;
        else {
          for (let n = random.int(400); n > 0; n -= 1)
            slices[slice(random.int(900))] = random.chance(0.2)
              ? undefined
              : { listing: random.int(5), cursor: 'x'.repeat(random.int(80)) };
        }
        for (const [key, state] of Object.entries(slices)) {
          if (state === undefined) model.delete(key);
          else model.set(key, state);
        }
        await writer.commitChange({ slices, rest: {} });
        expect((await (await openRawStream(blobs, 'things')).state()).slices).toEqual(Object.fromEntries(model));
      }
    }
  });
});
