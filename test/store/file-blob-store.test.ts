import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fileBlobStore } from '../../src/store/file-blob-store.ts';
import { nodeHost } from '../../src/util/node-host.ts';
import { seededRandom } from './seeded-random.ts';
import { simDisk } from './sim-fs.ts';
import { simMachine } from './sim-host.ts';
import { tempFolder } from './temp-folder.ts';

const text = (value: string): Buffer[] => [Buffer.from(value)];

describe('the file blob store', () => {
  it('stores, lists, reads and removes', async () => {
    const blobs = fileBlobStore(nodeHost(), await tempFolder());
    await blobs.put('raw/a/2', [Buffer.from('he'), Buffer.from('llo')]);
    await blobs.put('raw/a/1', text('x'));
    expect(await blobs.list('raw/a/')).toEqual(['raw/a/1', 'raw/a/2']);
    expect(String(await blobs.get('raw/a/2'))).toBe('hello');
    expect(String(await blobs.range('raw/a/2', 1, 3))).toBe('ell');
    expect(String(await blobs.range('raw/a/2', 3, 30))).toBe('lo');
    await blobs.delete('raw/a/2');
    await blobs.delete('raw/a/2');
    expect(await blobs.get('raw/a/2')).toBeUndefined();
    await expect(blobs.range('raw/a/2', 0, 1)).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
  });

  it('creates nothing by reading', async () => {
    const folder = await tempFolder();
    const blobs = fileBlobStore(nodeHost(), join(folder, 'deep/er'));
    expect([await blobs.list('raw/'), await blobs.get('raw/x')]).toEqual([[], undefined]);
    await blobs.settle?.('raw/');
    await blobs.sweep?.('raw/');
    expect(await readdir(folder)).toEqual([]);
  });

  it('lets one of many put a key if absent, and leaves no temporary file', async () => {
    const folder = await tempFolder();
    const stores = Array.from({ length: 20 }, () => fileBlobStore(nodeHost(), folder));
    const won = await Promise.all(stores.map((blobs, index) => blobs.putIfAbsent('commits/1', text(`by ${index}`))));
    expect(won.filter(Boolean)).toHaveLength(1);
    expect(String(await stores[0]?.get('commits/1'))).toBe(`by ${won.indexOf(true)}`);
    expect(await readdir(join(folder, 'commits'))).toEqual(['1']);
  });

  it('hides temporary files until they are swept', async () => {
    const folder = await tempFolder();
    const blobs = fileBlobStore(nodeHost(), folder);
    await blobs.put('commits/1', text('x'));
    await writeFile(join(folder, 'commits/2.tmp-abc'), 'half');
    expect(await blobs.list('commits/')).toEqual(['commits/1']);
    await blobs.sweep?.('commits/');
    expect(await readdir(join(folder, 'commits'))).toEqual(['1']);
  });

  it('does not overwrite a key, nor remove what was there', async () => {
    const blobs = fileBlobStore(nodeHost(), await tempFolder());
    await blobs.put('a', text('first'));
    await expect(blobs.put('a', text('second'))).rejects.toMatchObject({ code: 'DATA_DIR' });
    expect(String(await blobs.get('a'))).toBe('first');
  });

  it.each(['../x', '/etc/passwd', 'a/../../b', 'a//b', 'a\0b', 'a\\b', '', '.', 'a.tmp-1'])(
    'refuses the key %j',
    async (key) => {
      const blobs = fileBlobStore(nodeHost(), await tempFolder());
      await expect(blobs.put(key, text('x'))).rejects.toMatchObject({ code: 'INTERNAL' });
      await expect(blobs.get(key)).rejects.toMatchObject({ code: 'INTERNAL' });
    },
  );

  it('says what mends a file in the place of a folder', async () => {
    const folder = await tempFolder();
    await writeFile(join(folder, 'raw'), '');
    const blobs = fileBlobStore(nodeHost(), folder);
    const expected = {
      code: 'DATA_DIR',
      message: expect.stringContaining(folder),
      fix: expect.stringContaining('--data-dir'),
    };
    await expect(blobs.put('raw/a', text('x'))).rejects.toMatchObject(expected);
    await expect(blobs.list('raw/a/')).rejects.toMatchObject(expected);
  });

  it('does not make a new data folder in the place of one that was removed while in use', async () => {
    const folder = await tempFolder();
    await mkdir(join(folder, 'x'));
    const host = nodeHost();
    const blobs = fileBlobStore(host, join(folder, 'x'));
    await blobs.put('raw/a', text('x'));
    await host.fs.removeFolder(join(folder, 'x'));
    await expect(blobs.put('raw/b', text('x'))).rejects.toMatchObject({ code: 'DATA_DIR' });
    expect(await readdir(folder)).toEqual([]);
  });

  it('says that the disk is full, where, and gives the space of the half-written file back', async () => {
    const random = seededRandom(1);
    const disk = simDisk(random);
    const host = simMachine('a', random).host(disk.start((step) => (step === 'write' ? 'ENOSPC' : 'ok')));
    const blobs = fileBlobStore(host, '/data');
    const full = {
      code: 'DISK_FULL',
      message: expect.stringContaining('/data/raw/a'),
      fix: expect.stringContaining('free some space'),
    };
    await expect(blobs.put('raw/a', text('x'))).rejects.toMatchObject(full);
    await expect(blobs.putIfAbsent('raw/a', text('x'))).rejects.toMatchObject(full);
    expect(disk.files()).toEqual([]);
  });
});
