import { existsSync, mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { answerOf } from '../support/cli.ts';
import { type ItemServer, itemOf, startItemServer } from './item-server.ts';
import { ITEMS, project, type Project } from './project.ts';
import { storedEntities, storedRaw, strays } from './stored.ts';

/** SASSY_OOM_MIB=1000: the size of the plan. */
const OOM_MIB = Number(process.env['SASSY_OOM_MIB'] ?? 40);
const COUNT = 500;
const PAD = 'x'.repeat(10_000);

describe('limits of the machine', { timeout: 120_000 }, () => {
  let server: ItemServer;
  let place: Project;
  beforeEach(async () => {
    server = await startItemServer(COUNT);
    place = project({ integration: ITEMS, baseUrl: server.url });
  });
  afterEach(async () => {
    await server.close();
    place.remove();
  });

  async function expectExact(): Promise<void> {
    const again = await place.run('sync');
    expect(again.code, again.stderr).toBe(0);
    const raw = await storedRaw(place);
    expect(raw.ids).toHaveLength(COUNT);
    expect(new Set(raw.ids).size).toBe(COUNT);
    expect(strays(place, raw)).toEqual([]);
    expect((await storedEntities(place, 'duckdb')).rows).toHaveLength(COUNT);
  }

  const LIMITS =
    process.env['SASSY_SWEEP'] === 'all' ? Array.from({ length: 42 }, (_, index) => 22 + index) : [22, 26, 33, 40, 64];
  it.each(LIMITS)('C7: %d open files at most: enough, or told', { timeout: 60_000 }, async (files) => {
    const child = place.start('sync', { under: ['bash', '-c', `ulimit -n ${files}; exec "$0" "$@"`] });
    // A run that hangs has asked for nothing and holds no lock: it would hang for ever.
    const killer = setTimeout(() => child.kill('SIGKILL'), 20_000);
    const answer = await answerOf(child);
    clearTimeout(killer);
    // With fewer than 22 Node cannot load what would tell it.
    expect([0, 1], answer.stderr).toContain(answer.code);
    if (answer.code === 1) {
      expect(answer.stderr).toMatch(/ulimit -n/);
      expect(answer.json().error.code).toMatch(/OPEN_FILES|DATA_DIR/);
    }
    await expectExact();
  });

  it('C10: the data folder is removed while a run works: an error, nothing elsewhere; the next run begins anew', async () => {
    const arrived = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<boolean>();
    server.before = ({ url }) => {
      if (url?.includes('page=3') !== true) return false;
      arrived.resolve();
      return gate.promise;
    };
    const ended = answerOf(place.start('stream'));
    await arrived.promise;
    rmSync(join(place.folder, '.sassy'), { recursive: true });
    gate.resolve(false);
    const answer = await ended;
    expect([1, 75], answer.stderr).toContain(answer.code);
    expect(answer.stdout).toMatch(/FENCED|DATA_DIR/);
    await expectExact();
  });

  it('C10: the data folder is swapped for a link to another one: the run that lost it commits nothing there', async () => {
    const arrived = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<boolean>();
    server.before = ({ url }) => {
      if (url?.includes('page=3') !== true) return false;
      arrived.resolve();
      return gate.promise;
    };
    const ended = answerOf(place.start('stream'));
    await arrived.promise;
    const [home, other] = [join(place.folder, '.sassy'), join(place.folder, 'other')];
    mkdirSync(other);
    renameSync(home, join(place.folder, 'moved'));
    symlinkSync(other, home);
    gate.resolve(false);
    const answer = await ended;
    expect([1, 75], answer.stderr).toContain(answer.code);
    expect(existsSync(join(other, 'acme/acme/raw/items/commits/00000001.json'))).toBe(false);
    await expectExact();
  });

  it(`C14: ${OOM_MIB} MiB with a heap of 64 MB`, { timeout: 60_000 + OOM_MIB * 1000 }, async () => {
    const pages = OOM_MIB;
    server.before = ({ url }, response) => {
      const page = Number(new URL(url ?? '', server.url).searchParams.get('page') ?? 0);
      const data = Array.from({ length: 100 }, (_, index) => ({ ...itemOf(page * 100 + index), pad: PAD }));
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ data, next: page + 1 < pages ? `/items?page=${page + 1}` : null }));
      return true;
    };
    for (const command of ['stream', 'parse', 'restream']) {
      const answer = await place.run(command, { nodeFlags: ['--max-old-space-size=64'] });
      expect(answer.code, `${command}: ${answer.stderr}`).toBe(0);
    }
    expect((await storedEntities(place, 'duckdb')).rows).toHaveLength(pages * 100);
  });
});
