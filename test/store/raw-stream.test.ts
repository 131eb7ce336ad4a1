import { copyFile, readFile, readdir, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { isSassyError } from '../../src/errors/sassy-error.ts';
import type { BlobStore } from '../../src/store/blob-store.ts';
import { fileBlobStore } from '../../src/store/file-blob-store.ts';
import { openRawStream, type PageQuery } from '../../src/store/raw-stream.ts';
import { openRawWriter } from '../../src/store/raw-writer.ts';
import { nodeHost } from '../../src/util/node-host.ts';
import { collect, testPage, textOf } from './pages.ts';
import { seededRandom } from './seeded-random.ts';
import { tempFolder } from './temp-folder.ts';

const host = nodeHost();
let folder: string;
let blobs: BlobStore;

/** Commits of three pages each, in frames of about two; every second commit belongs to listing 2. */
async function write(commits: number): Promise<void> {
  const writer = await openRawWriter({ host, blobs, stream: 'issues', epoch: 1, runId: 'r', frameBytes: 500 });
  const first = (writer.head?.number ?? 0) + 1;
  for (let number = first; number < first + commits; number += 1) {
    const listing = number % 2 === 0 ? 2 : 1;
    for (const page of [1, 2, 3]) writer.append(testPage(`"${number}.${page}"`, { listing }), 1);
    await writer.commit({ slices: { '{}': { cursor: String(number) } } }, listing);
  }
}

const read = async (query?: PageQuery): Promise<string[]> =>
  (await collect((await openRawStream(blobs, 'issues')).pages(query))).map((page) => textOf(page).slice(1, -1));

const files = async (kind: 'commits' | 'segments'): Promise<string[]> => {
  const at = join(folder, 'raw/issues', kind);
  return (await readdir(at)).sort().map((name) => join(at, name));
};

const file = async (kind: 'commits' | 'segments', index: number): Promise<string> => {
  const path = (await files(kind))[index];
  if (path === undefined) throw new Error('no such file');
  return path;
};

beforeEach(async () => {
  folder = await tempFolder();
  blobs = fileBlobStore(host, folder);
});

describe('a raw stream', () => {
  it('without commits is empty', async () => {
    const stream = await openRawStream(blobs, 'issues');
    expect([stream.head, await collect(stream.pages()), await collect(stream.commits())]).toEqual([undefined, [], []]);
  });

  it('gives the pages of the commits asked for, oldest or newest first, of one listing or all', async () => {
    await write(4);
    const all = ['1.1', '1.2', '1.3', '2.1', '2.2', '2.3', '3.1', '3.2', '3.3', '4.1', '4.2', '4.3'];
    expect(await read()).toEqual(all);
    expect(await read({ order: 'newest' })).toEqual(all.toReversed());
    expect(await read({ after: 1, upTo: 3 })).toEqual(all.slice(3, 9));
    expect(await read({ after: 2, order: 'newest' })).toEqual(all.slice(6).toReversed());
    expect(await read({ after: 4 })).toEqual([]);
    expect(await read({ listing: 2 })).toEqual([...all.slice(3, 6), ...all.slice(9)]);
    const stream = await openRawStream(blobs, 'issues');
    expect(await stream.totals()).toEqual({ pages: 12, records: 12, bytes: 60 });
    expect((await collect(stream.commits({ order: 'newest' }))).map(({ number }) => number)).toEqual([4, 3, 2, 1]);
  });

  it('tells the pages of one listing from others in the same commit', async () => {
    const writer = await openRawWriter({ host, blobs, stream: 'issues', epoch: 1, runId: 'r' });
    for (const listing of [1, 2]) writer.append(testPage(`"${listing}"`, { listing }), 1);
    await writer.commit({ slices: {} });
    expect(await read({ listing: 2 })).toEqual(['2']);
  });

  it('reads a long history in order, from both ends', async () => {
    await write(70);
    const all = await read();
    expect([all.length, all[0], all.at(-1)]).toEqual([210, '1.1', '70.3']);
    expect(await read({ order: 'newest' })).toEqual(all.toReversed());
  });

  it('shows what it showed when it was opened, while another goes on writing', async () => {
    await write(2);
    const stream = await openRawStream(blobs, 'issues');
    const pages = stream.pages()[Symbol.asyncIterator]();
    await pages.next();
    await write(2);
    let count = 1;
    while ((await pages.next()).done !== true) count += 1;
    expect([count, stream.head?.number, (await openRawStream(blobs, 'issues')).head?.number]).toEqual([6, 2, 4]);
  });

  it('reads only the segments of the commits asked for', async () => {
    await write(3);
    await rm(await file('segments', 0));
    expect(await read({ after: 1 })).toHaveLength(6);
    await expect(read()).rejects.toMatchObject({
      code: 'STORE_CORRUPT',
      message: expect.stringContaining('00000001-'),
    });
  });
});

describe('a damaged store', () => {
  const corrupt = (name: string): object => ({ code: 'STORE_CORRUPT', message: expect.stringContaining(name) });

  it('with a commit missing is corrupt, for readers and writers', async () => {
    await write(3);
    await rm(await file('commits', 1));
    await expect(read()).rejects.toMatchObject(corrupt('00000002.json'));
    await expect(write(1)).rejects.toMatchObject(corrupt('00000002.json'));
    expect(await files('segments')).toHaveLength(3);
  });

  it('whose last commits are gone is not recovered by removing what they named', async () => {
    await write(3);
    await rm(await file('commits', 2));
    await rm(await file('commits', 1));
    await expect(write(1)).rejects.toMatchObject(corrupt('00000002.json'));
    expect(await files('segments')).toHaveLength(3);
  });

  it('with a commit of another history is corrupt', async () => {
    await write(2);
    const other = fileBlobStore(host, join(folder, 'other'));
    const writer = await openRawWriter({ host, blobs: other, stream: 'issues', epoch: 1, runId: 'r' });
    await writer.commit({ slices: { x: {} } });
    await copyFile(join(folder, 'other/raw/issues/commits/00000001.json'), await file('commits', 0));
    await expect(read()).rejects.toMatchObject(corrupt('00000002.json'));
  });

  it('with two segments swapped, one cut short or zeroed is corrupt', async () => {
    await write(3);
    const [first, second, third] = [await file('segments', 0), await file('segments', 1), await file('segments', 2)];
    await rename(first, `${first}.x`);
    await rename(second, first);
    await rename(`${first}.x`, second);
    await expect(read()).rejects.toMatchObject(corrupt(first));
    const { length } = await readFile(third);
    await truncate(third, length - 1);
    await expect(read({ after: 2 })).rejects.toMatchObject(corrupt(third));
    await writeFile(third, Buffer.alloc(length));
    await expect(read({ after: 2 })).rejects.toMatchObject(corrupt(third));
  });

  it('gives the identical data or names the file, wherever bits flip or files are cut', async () => {
    await write(4);
    const whole = await read();
    const paths = [...(await files('commits')), ...(await files('segments'))];
    const random = seededRandom(7);
    let found = 0;
    for (let trial = 0; trial < 220; trial += 1) {
      const path = random.pick(paths);
      const good = await readFile(path);
      const at = random.int(good.length);
      const bad = Buffer.from(good);
      bad.writeUInt8(bad.readUInt8(at) ^ (1 << random.int(8)), at);
      await writeFile(path, random.chance(0.7) ? bad : good.subarray(0, at));
      try {
        expect(await read()).toEqual(whole);
      } catch (error) {
        if (!isSassyError(error, 'STORE_CORRUPT')) throw error;
        expect(error.message).toContain(path);
        found += 1;
      }
      await writeFile(path, good);
    }
    // Every byte of both kinds of file is under a checksum.
    expect(found).toBe(220);
    expect(await read()).toEqual(whole);
  });
});
