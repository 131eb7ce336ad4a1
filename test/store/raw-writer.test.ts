import { describe, expect, it } from 'vitest';
import type { StreamState } from '../../src/model/state.ts';
import { fileBlobStore } from '../../src/store/file-blob-store.ts';
import { openRawStream } from '../../src/store/raw-stream.ts';
import { openRawWriter, type RawWriter } from '../../src/store/raw-writer.ts';
import { nodeHost } from '../../src/util/node-host.ts';
import { collect, testPage, textOf } from './pages.ts';
import { seededRandom } from './seeded-random.ts';
import { simDisk, type Fate, type Step } from './sim-fs.ts';
import { simMachine } from './sim-host.ts';
import { tempFolder } from './temp-folder.ts';

const state = (cursor: string): StreamState => ({ slices: { '{}': { cursor } } });

async function openAt(folder: string): Promise<RawWriter> {
  const host = nodeHost();
  return openRawWriter({ host, blobs: fileBlobStore(host, folder), stream: 'issues', epoch: 4, runId: 'r' });
}

describe('the raw writer', () => {
  it('commits pages and state together, and goes on from there', async () => {
    const folder = await tempFolder();
    const writer = await openAt(folder);
    expect(writer.head).toBeUndefined();
    writer.append(testPage('{"a":1}'), 3);
    writer.append(testPage('{"a":22}', { listing: 2 }), 4);
    expect(writer.pending).toEqual({ pages: 2, bytes: 15 });
    const commit = await writer.commit(state('x'), 2);
    expect(commit).toMatchObject({
      number: 1,
      epoch: 4,
      runId: 'r',
      pages: 2,
      records: 7,
      bytes: 15,
      listing: 2,
      parent: '',
    });
    expect(writer.pending).toEqual({ pages: 0, bytes: 0 });
    const again = await openAt(folder);
    expect(again.head).toEqual(commit);
    expect((await again.commit(state('y')))?.number).toBe(2);
  });

  it('makes no commit when nothing is new, and one without a segment when only the state is', async () => {
    const folder = await tempFolder();
    const writer = await openAt(folder);
    expect(await writer.commit({ slices: {} })).toBeUndefined();
    expect(await writer.commit({ slices: { a: { cursor: '1', listing: 2 } } })).toMatchObject({
      number: 1,
      segments: [],
    });
    expect(await writer.commit({ slices: { a: { listing: 2, cursor: '1' } } })).toBeUndefined();
    expect(await (await openAt(folder)).commit({ slices: { a: { listing: 2, cursor: '1' } } })).toBeUndefined();
  });

  it('cuts frames and puts them into one segment; pages appended meanwhile belong to the next commit', async () => {
    const folder = await tempFolder();
    const host = nodeHost();
    const blobs = fileBlobStore(host, folder);
    const writer = await openRawWriter({ host, blobs, stream: 'issues', epoch: 1, runId: 'r', frameBytes: 1000 });
    const texts = Array.from({ length: 40 }, (_, index) => JSON.stringify({ index, text: 'y'.repeat(100) }));
    for (const text of texts.slice(0, 30)) {
      writer.append(testPage(text), 1);
      await writer.ready();
    }
    const first = writer.commit(state('1'));
    for (const text of texts.slice(30)) writer.append(testPage(text), 1);
    const second = writer.commit(state('2'));
    expect((await first)?.segments[0]?.frames.length).toBeGreaterThan(5);
    expect([(await first)?.segments.length, (await first)?.pages, (await second)?.pages]).toEqual([1, 30, 10]);
    expect((await collect((await openRawStream(blobs, 'issues')).pages())).map(textOf)).toEqual(texts);
  });

  it('puts the frames of one commit into several segments when they are too many for one', async () => {
    const folder = await tempFolder();
    const host = nodeHost();
    const identity = { host, blobs: fileBlobStore(host, folder), stream: 'issues', epoch: 4, runId: 'r' };
    const writer = await openRawWriter({ ...identity, frameBytes: 1, segmentBytes: 600 });
    const texts = Array.from({ length: 9 }, (_, number) => JSON.stringify({ number }));
    for (const text of texts) writer.append(testPage(text), 1);
    const commit = await writer.commit(state('x'));
    const sizes = commit?.segments.map(({ frames }) => frames.reduce((sum, { length }) => sum + length, 0)) ?? [];
    expect(sizes.length).toBeGreaterThan(1);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(600);
    expect((await collect((await openRawStream(identity.blobs, 'issues')).pages())).map(textOf)).toEqual(texts);
    await openRawWriter(identity);
    expect((await collect((await openRawStream(identity.blobs, 'issues')).pages())).map(textOf)).toEqual(texts);
  });

  it('is broken after an error of any step of a commit, and says the same one again', async () => {
    let failed = 0;
    for (let at = 0; at < 40; at += 1) {
      const random = seededRandom(at);
      let fate: (step: Step) => Fate = () => 'ok';
      const host = simMachine('a', random).host(simDisk(random).start((step) => fate(step)));
      const writer = await openRawWriter({
        host,
        blobs: fileBlobStore(host, '/data'),
        stream: 'issues',
        epoch: 1,
        runId: 'r',
      });
      let step = 0;
      fate = (kind) => (kind !== 'unlink' && step++ === at ? 'EIO' : 'ok');
      writer.append(testPage('1'), 1);
      const error = await writer.commit(state('1')).then(
        () => undefined,
        (reason: Error) => reason,
      );
      if (error === undefined) continue;
      failed += 1;
      expect(error).toMatchObject({ code: 'DATA_DIR' });
      await expect(writer.commit(state('2'))).rejects.toBe(error);
      await expect(writer.ready()).rejects.toBe(error);
      expect(() => writer.append(testPage('2'), 1)).toThrow(error);
    }
    expect(failed).toBeGreaterThan(10);
  });

  it('accepts a commit that the store says is taken when it is our own', async () => {
    const host = nodeHost();
    const inner = fileBlobStore(host, await tempFolder());
    // As an object store answers whose first answer got lost.
    const blobs = {
      ...inner,
      putIfAbsent: async (key: string, chunks: readonly Uint8Array[]) => !(await inner.putIfAbsent(key, chunks)),
    };
    const writer = await openRawWriter({ host, blobs, stream: 'issues', epoch: 1, runId: 'r' });
    writer.append(testPage('1'), 1);
    expect(await writer.commit(state('1'))).toMatchObject({ number: 1, pages: 1 });
    expect(await collect((await openRawStream(inner, 'issues')).pages())).toHaveLength(1);
  });
});
