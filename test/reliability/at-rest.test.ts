import { copyFileSync, existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isSassyError } from '../../src/errors/sassy-error.ts';
import { fileBlobStore } from '../../src/store/file-blob-store.ts';
import { openRawWriter } from '../../src/store/raw-writer.ts';
import { nodeHost } from '../../src/util/node-host.ts';
import { damaged, damages } from './damage.ts';
import { type ItemServer, startItemServer } from './item-server.ts';
import { ITEMS, project, type Project } from './project.ts';
import { SEED, seeded } from './seeded.ts';
import { storedEntities, type StoredEntities, type StoredRaw, storedRaw } from './stored.ts';

/** Bits flipped in each file. SASSY_FLIPS=1000 for more. */
const FLIPS = Number(process.env['SASSY_FLIPS'] ?? 12);
const COMMITS = 'raw/items/commits';
const SEGMENTS = 'raw/items/segments';

/** C9: what lies on the disk is not what was written. It is told with the file's name, or the answer is the same as before. */
describe('damage at rest', { timeout: 300_000 }, () => {
  let server: ItemServer;
  let place: Project;
  let raw: StoredRaw;
  let entities: StoredEntities;
  beforeAll(async () => {
    server = await startItemServer(500);
    place = project({ integration: ITEMS, baseUrl: server.url, sinks: ['jsonl', 'duckdb'] });
    for (const args of ['stream --max-pages 2', 'parse', 'stream --max-pages 2', 'parse', 'stream']) {
      expect((await place.run(args)).code).toBe(0);
    }
    expect((await place.run('parse')).code).toBe(0);
    raw = await storedRaw(place);
    entities = await storedEntities(place, 'jsonl');
    expect(raw.commits).toBe(3);
    expect(entities.rows).toHaveLength(500);
    place.save('whole');
  });
  afterAll(async () => {
    place.remove();
    await server.close();
  });
  const path = (file: string): string => join(place.data, file);
  const below = (folder: string): readonly string[] => place.files().filter((file) => file.startsWith(folder));

  /** The same data, or an error that names one of `files`. Anything else is a wrong answer. */
  async function expectToldOrSame<T>(work: () => Promise<T>, same: T, files: readonly string[], what: string) {
    try {
      expect(await work(), what).toEqual(same);
      return false;
    } catch (error) {
      if (!isSassyError(error, 'STORE_CORRUPT') && !isSassyError(error, 'STORE_VERSION')) throw error;
      expect(
        files.some((file) => error.message.includes(basename(file))),
        `${what}: ${error.message}`,
      ).toBe(true);
      return true;
    }
  }

  it('each raw file, in every way: told by its name or the same data; a writer removes nothing', async () => {
    place.restore('whole');
    const random = seeded(SEED);
    const last = below(COMMITS).at(-1) ?? '';
    let told = 0;
    let trials = 0;
    for (const file of [...below(COMMITS), ...below(SEGMENTS)]) {
      for (const damage of damages(FLIPS, random)) {
        // Without its newest commit a stream is what it was before: see the test of it.
        if (file === last && damage.what === 'removed') continue;
        const where = `seed ${SEED}: ${file}: ${damage.what}`;
        trials += 1;
        await damaged(path(file), damage, async () => {
          const there = place.files();
          if (await expectToldOrSame(() => storedRaw(place), raw, [file], where)) told += 1;
          const blobs = fileBlobStore(nodeHost(), place.data);
          const writer = openRawWriter({ host: nodeHost(), blobs, stream: 'items', epoch: 99, runId: 'r' });
          const opened = await writer.then(
            () => true,
            (error: unknown) => isSassyError(error),
          );
          expect(opened, where).toBe(true);
          expect(place.files(), where).toEqual(there);
        });
      }
    }
    // Nothing in these files is unchecked, so nothing can go unnoticed.
    expect(told).toBe(trials);
  });

  it('files that changed places, a commit that is missing or there twice, a foreign one', async () => {
    const [first = '', second = '', third = ''] = below(COMMITS);
    const [one = '', two = ''] = below(SEGMENTS);
    const swap = (a: string, b: string): void => {
      renameSync(path(a), path('aside'));
      renameSync(path(b), path(a));
      renameSync(path('aside'), path(b));
    };
    const cases: readonly [string, readonly string[], () => void][] = [
      ['two segments', [one, two], () => swap(one, two)],
      ['two commits', [first, second], () => swap(first, second)],
      ['the same number twice', [third], () => copyFileSync(path(second), path(third))],
      ['one more than there is', ['00000004.json'], () => copyFileSync(path(third), path(`${COMMITS}/00000004.json`))],
      ['a hole', [second, third], () => renameSync(path(second), path('aside'))],
      [
        'a commit of another history',
        [third],
        () => {
          const text = readFileSync(path(third), 'utf8').replace(/"parent":"[^"]+"/, '"parent":"x"');
          writeFileSync(path(third), text);
        },
      ],
    ];
    for (const [what, files, inflict] of cases) {
      place.restore('whole');
      inflict();
      expect(await expectToldOrSame(() => storedRaw(place), raw, files, what), what).toBe(true);
    }
  });

  it('each file of the JSONL sink: told by its name or the same entities', async () => {
    place.restore('whole');
    const random = seeded(SEED + 1);
    for (const file of below('parsed/jsonl')) {
      for (const damage of damages(FLIPS, random)) {
        await damaged(path(file), damage, async () => {
          // Without its newest manifest the sink is what it was before, position and rows together.
          const before = await storedEntities(place, 'jsonl').catch(() => undefined);
          if (damage.what === 'removed' && before?.rows.length === 400) return;
          const where = `seed ${SEED}: ${file}: ${damage.what}`;
          await expectToldOrSame(() => storedEntities(place, 'jsonl'), entities, [file], where);
        });
      }
    }
  });

  it('the DuckDB file: named, or the same entities; restream makes it anew once it is moved away', async () => {
    const random = seeded(SEED + 2);
    const file = 'parsed/entities.duckdb';
    const only = ['show', 'Thing'].join(' ');
    writeFileSync(join(place.folder, 'sassy.config.ts'), `export default { sinks: ['duckdb'] };\n`);
    const all = damages(FLIPS, random);
    const chosen = FLIPS > 12 ? all : [...all.slice(0, 1), ...all.slice(FLIPS + 2)];
    for (const { what, inflict } of chosen) {
      place.restore('whole');
      inflict(path(file));
      const answer = await place.run(only);
      if (answer.code === 0) {
        expect(answer.lines(), what).toEqual(entities.rows);
        continue;
      }
      const code = answer.json()?.error?.code;
      expect(what === 'removed' ? ['NOTHING_THERE'] : ['STORE_CORRUPT'], `${what}: ${answer.stderr}`).toContain(code);
      expect(answer.stderr).toContain('entities.duckdb');
      if (existsSync(path(file))) renameSync(path(file), `${path(file)}.bad`);
      expect((await place.run('restream')).code, what).toBe(0);
      expect((await place.run(only)).lines(), what).toEqual(entities.rows);
    }
  });

  it('the newest commit lost: fetched again, and read by the parsers again', async () => {
    place.restore('whole');
    const last = below(COMMITS).at(-1) ?? '';
    renameSync(path(last), path('aside'));
    expect((await place.run('stream')).code).toBe(0);
    expect([...(await storedRaw(place)).ids].sort()).toEqual([...raw.ids].sort());
    server.count = 520;
    expect((await place.run('stream')).code).toBe(0);
    expect((await place.run('parse')).code).toBe(0);
    expect((await storedEntities(place, 'duckdb')).rows).toHaveLength(520);
    server.count = 500;
  });

  it('raw data moved away and fetched again: parse reads the new history from its beginning', async () => {
    place.restore('whole');
    renameSync(path('raw/items'), path('moved'));
    server.count = 510;
    expect((await place.run('stream --full')).code).toBe(0);
    const answer = await place.run('parse');
    expect(answer.code, answer.stderr).toBe(0);
    expect(answer.stderr).toContain('its raw data is not the one that was read before');
    expect((await storedEntities(place, 'duckdb')).rows).toHaveLength(510);
    expect((await place.run('parse')).json().parsers[0].inputs).toEqual({ items: 0 });
    server.count = 500;
  });

  it('a backup of the raw data put back: what is fetched after it is read, whatever its commit numbers', async () => {
    place.restore('whole');
    for (const file of [...below(COMMITS).slice(1), ...below(SEGMENTS).slice(1)]) renameSync(path(file), path('aside'));
    server.count = 530;
    expect((await place.run('stream --max-pages 1')).code).toBe(0);
    expect((await place.run('stream')).code).toBe(0);
    expect(readdirSync(path(COMMITS)).length).toBeGreaterThanOrEqual(3);
    expect((await place.run('parse')).code).toBe(0);
    expect((await storedEntities(place, 'duckdb')).rows).toHaveLength(530);
    server.count = 500;
  });

  it('a lock file that is damaged: taken over, or the error says which file to empty', async () => {
    const random = seeded(SEED + 3);
    for (const { what, inflict } of damages(1, random).slice(0, 4)) {
      place.restore('whole');
      const [lock = ''] = below('lock/');
      inflict(path(lock));
      const answer = await place.run('parse');
      if (answer.code === 0) continue;
      expect(answer.code, what).toBe(75);
      expect(answer.stderr, what).toContain(path(lock));
    }
  });
});
