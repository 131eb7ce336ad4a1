import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { answerOf } from '../support/cli.ts';
import { type ItemServer, startItemServer } from './item-server.ts';
import { ITEMS, project, type Project } from './project.ts';
import { storedEntities, storedRaw } from './stored.ts';

/** C12: who reads while others write sees one state; what is made twice of the same raw data is the same to the byte. */
describe('readers and writers', { timeout: 120_000 }, () => {
  let server: ItemServer;
  let place: Project;
  beforeEach(async () => {
    server = await startItemServer(300);
    place = project({ integration: ITEMS, baseUrl: server.url, sinks: ['jsonl', 'parquet', 'duckdb'] });
  });
  afterEach(async () => {
    await server.close();
    place.remove();
  });

  it('show, status and parse while a stream is read: what is committed, and nothing of the page in hand', async () => {
    expect((await place.run('stream')).code).toBe(0);
    const before = await storedRaw(place);
    server.count = 700;
    const arrived = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<boolean>();
    server.before = ({ url }) => {
      if (url?.includes('page=3') !== true) return false;
      arrived.resolve();
      return gate.promise;
    };
    const child = place.start('stream');
    const ended = answerOf(child);
    await arrived.promise;
    expect(await storedRaw(place)).toEqual(before);
    expect((await place.run('show items --all')).lines()).toHaveLength(300);
    const status = await place.run('status');
    expect(status.code, status.stderr).toBe(0);
    expect(status.stdout).toContain(String(child.pid));
    // Whoever would write has to wait.
    for (const args of ['parse', 'restream']) expect((await place.run(args)).code, args).toBe(75);
    gate.resolve(false);
    expect((await ended).code).toBe(0);
    expect((await storedRaw(place)).ids).toHaveLength(700);
    expect((await place.run('parse')).code).toBe(0);
    expect((await storedEntities(place, 'duckdb')).rows).toHaveLength(700);
  });

  it('a reader beside a writer sees the state before a commit or after it', async () => {
    expect((await place.run('stream --max-pages 1')).code).toBe(0);
    const shown = place.run('show items --all');
    expect((await place.run('stream')).code).toBe(0);
    expect([100, 300]).toContain((await shown).lines().length);
  });

  it('two restreams give the same bytes: the lines of the JSONL sink and the Parquet files', async () => {
    expect((await place.run('sync')).code).toBe(0);
    const made = async (): Promise<readonly string[]> => {
      expect((await place.run('restream')).code).toBe(0);
      const generation = (await storedEntities(place, 'jsonl')).position?.generation ?? 0;
      const folder = `gen-${String(generation).padStart(6, '0')}/`;
      const files = place.files().filter((file) => file.endsWith('.parquet') || file.includes(folder));
      return files.map(
        (file) =>
          `${file.replace(/gen-\d+/, '')} ${createHash('sha256')
            .update(readFileSync(join(place.data, file)))
            .digest('hex')}`,
      );
    };
    const [first, second] = [await made(), await made()];
    expect(first.length).toBeGreaterThanOrEqual(2);
    expect(second).toEqual(first);
  });
});
