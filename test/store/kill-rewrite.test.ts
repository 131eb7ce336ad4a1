import { expect, it } from 'vitest';
import { answerOf, startCli } from '../support/cli.ts';
import { fileBlobStore } from '../../src/store/file-blob-store.ts';
import { openRawWriter } from '../../src/store/raw-writer.ts';
import { nodeHost } from '../../src/util/node-host.ts';
import { testPage } from './pages.ts';
import { everyByte, peopleProject } from './people-service.ts';

/** How many times each command is killed; the simulation kills at every step, this one kills the real thing. */
const KILLS = Number(process.env['SASSY_TEST_KILLS'] ?? 1);

it(
  'a command that is killed leaves the data as before or as after, and the same again finishes it',
  { timeout: 600_000 },
  async () => {
    const crm = await peopleProject();
    try {
      expect((await crm.run('stream', '--streams', 'people')).code).toBe(0);
      const host = nodeHost();
      const writer = await openRawWriter({
        host,
        blobs: fileBlobStore(host, crm.data),
        stream: 'people',
        epoch: 1,
        runId: 'r',
      });
      const commit = async (times: number): Promise<void> => {
        for (let n = 0; n < times; n += 1) {
          const data = Array.from({ length: 20 }, (_, index) => crm.put(`person-${index}`));
          writer.append(testPage(JSON.stringify({ data }), { recordCount: 20 }), 20);
          await writer.commit({ slices: { '{}': { cursor: data.at(-1)?.updated_at ?? '' } } });
        }
      };
      await commit(40);
      expect((await crm.run('parse', '--parsers', 'contacts')).code).toBe(0);
      const shown = async (): Promise<readonly string[]> =>
        (await crm.run('show', 'people')).lines().map((person) => JSON.stringify(person));
      const newest = await shown();
      let killed = 0;
      for (const args of [
        ['compact'],
        ['retain', '--keep', '0h'],
        ['erase', '--stream', 'people', '--key', 'person-7'],
      ]) {
        const before = killed;
        // A command that was over before it was killed is tried again, and killed sooner.
        for (let kill = 0; kill < KILLS || (killed === before && kill < KILLS + 5); kill += 1) {
          const child = startCli(['run', 'crm', ...args, '--json'], { cwd: crm.folder });
          const ended = answerOf(child);
          // Somewhere in the second half of its life: the first is spent on loading.
          const sooner = killed === before ? kill + 1 : 1;
          setTimeout(() => child.kill('SIGKILL'), (250 + Math.random() * 500) / sooner).unref();
          if ((await ended).signal === 'SIGKILL') killed += 1;
          const left = await shown();
          const isErased = args[0] === 'erase' && left.length === 19;
          expect(left).toEqual(isErased ? newest.filter((text) => !text.includes('person-7"')) : newest);
        }
        const done = await crm.run(...args);
        expect([0, 6], done.stderr).toContain(done.code);
      }
      expect(killed).toBeGreaterThan(0);
      expect(await shown()).toHaveLength(19);
      expect(everyByte(crm.data)).not.toContain('person-7');
      expect(everyByte(crm.data)).not.toContain('.tmp-');
    } finally {
      crm.close();
    }
  },
);
