import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  type Snapshot,
  listScenarios,
  readSnapshot,
  snapshotPath,
  snapshotText,
  writeSnapshot,
} from '../../src/snapshot/snapshot-file.ts';
import { nodeHost } from '../../src/util/node-host.ts';
import { recorded, snapshotOf, withFolder } from './server.ts';

const host = nodeHost();
const full: Snapshot = snapshotOf([recorded('/a?b=1', { z: 1, a: [1, 2], ['__proto__']: { x: 1 }, n: null })], {
  note: 'by hand',
  config: { b: '2', a: '1' },
  expected: {
    streams: { issues: 2 },
    entities: {
      Finding: [
        { id: 'b', a: 1 },
        { id: 'c', a: null },
      ],
    },
  },
});

describe('a snapshot file', () => {
  test('is read back as it was written, by way of a temporary file that is gone', async () => {
    await withFolder(async (folder) => {
      const file = snapshotPath(folder, 'snyk', 'first-sync');
      await writeSnapshot(host, file, full, { secrets: [] });
      await writeSnapshot(host, file, full, { secrets: [] });
      const read = await readSnapshot(host, file);
      expect(read).toEqual(full);
      expect(snapshotText(read)).toBe(await readFile(file, 'utf8'));
      expect(await readdir(join(folder, 'snyk'))).toEqual(['first-sync.json']);
      expect(await listScenarios(host, join(folder, 'snyk'))).toEqual(['first-sync']);
    });
  });

  test('has one order of keys, whatever the order they come in; bodies and entities keep theirs', () => {
    const { expected, interactions, ...rest } = full;
    const turned: Snapshot = { expected, interactions, ...rest, config: { a: '1', b: '2' } };
    expect(snapshotText(turned)).toBe(snapshotText(full));
    const text = snapshotText(full);
    const places = [
      '"format"',
      '"integration"',
      '"scenario"',
      '"source"',
      '"recordedAt"',
      '"note"',
      '"baseUrl"',
      '"config"',
      '"interactions"',
      '"expected"',
    ];
    expect(places.map((key) => text.indexOf(key))).toEqual(
      places.map((key) => text.indexOf(key)).sort((a, b) => a - b),
    );
    expect(text.indexOf('"z"')).toBeLessThan(text.indexOf('"a": ['));
    expect(text.endsWith('}\n')).toBe(true);
  });
});

describe('reading refuses', () => {
  const write = async (folder: string, text: string): Promise<string> => {
    await mkdir(join(folder, 'snyk'), { recursive: true });
    const file = join(folder, 'snyk', 'first-sync.json');
    await writeFile(file, text);
    return file;
  };

  test('a scenario that is not there, and names those that are', async () => {
    await withFolder(async (folder) => {
      await write(folder, snapshotText(full));
      await expect(readSnapshot(host, join(folder, 'snyk', 'frist-sync.json'))).rejects.toMatchObject({
        code: 'UNKNOWN_SCENARIO',
        message: 'there is no snapshot snyk/frist-sync',
        why: 'there are: first-sync; did you mean first-sync?',
      });
      await expect(readSnapshot(host, join(folder, 'jira', 'x.json'))).rejects.toMatchObject({
        why: 'jira has no snapshots yet',
      });
    });
  });

  test('another format', async () => {
    await withFolder(async (folder) => {
      const file = await write(folder, snapshotText(full).replace('"format": 1', '"format": 2'));
      await expect(readSnapshot(host, file)).rejects.toMatchObject({ code: 'STORE_VERSION' });
    });
  });

  test.each([
    ['no JSON', '{"format": 1,', 'it is not JSON'],
    ['a missing part', JSON.stringify({ ...full, expected: undefined }), '/expected'],
    ['two bodies', snapshotText(full).replace('"json": {', '"text": "x", "json": {'), '/interactions/0/response'],
    [
      'no body',
      JSON.stringify({
        ...full,
        interactions: [{ request: full.interactions[0]?.request, response: { status: 200, headers: {} } }],
      }),
      '/interactions/0/response',
    ],
    [
      'another host',
      snapshotText(full).replace('https://api.snyk.io/a', 'https://evil.test/a'),
      '/interactions/0/request/url',
    ],
  ])('%s, and says where', async (_name, text, place) => {
    await withFolder(async (folder) => {
      const error: unknown = await readSnapshot(host, await write(folder, text)).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'STORE_CORRUPT', why: expect.stringContaining(place) });
    });
  });
});
