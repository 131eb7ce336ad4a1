import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startSnykEmulator, type SnykEmulator } from '../emulators/snyk/snyk-emulator.ts';
import { answerOf, type CliAnswer, runCli, startCli, workspace } from '../support/cli.ts';
import { expectedFinding } from './expected-entities.ts';

/** SASSY_KILLS=200 is the acceptance run; the default keeps the suite short. */
const KILLS = Number(process.env['SASSY_KILLS'] ?? 8);
const ISSUES_PER_ORG = 300;

describe('kill -9 during stream and parse', () => {
  let emulator: SnykEmulator;
  beforeAll(async () => {
    emulator = await startSnykEmulator({ orgs: 3, issuesPerOrg: ISSUES_PER_ORG, projectsPerOrg: 20, latencyMs: 5 });
  });
  afterAll(() => emulator.close());

  it(
    `${KILLS} kills at random times, then the same command: missing 0, doubled 0`,
    { timeout: 30_000 + KILLS * 15_000 },
    async () => {
      const random = seeded(20_261_122);
      for (let kill = 0; kill < KILLS; kill += 1) {
        const place = workspace();
        const options = {
          cwd: place.folder,
          env: { SASSY_SNYK__TOKEN: emulator.token, SASSY_SNYK__BASE_URL: emulator.url },
        };
        const run = (args: string): Promise<CliAnswer> =>
          runCli(['run', 'snyk', ...args.split(' '), '--json'], options);
        try {
          const command = kill % 2 === 0 ? 'stream' : 'parse';
          if (command === 'parse') expect((await run('stream')).code).toBe(0);
          const child = startCli(['run', 'snyk', command], options);
          const ended = answerOf(child);
          await delay(150 + random() * 900);
          child.kill('SIGKILL');
          await ended;
          const again = await run(command);
          expect(again.code, `kill ${kill}: ${again.stderr}`).toBe(0);
          const records = (await run('show issues --all')).lines();
          expect(records.length, `kill ${kill}: doubled or missing`).toBe(emulator.truth.issues.length);
          expect(new Set(records.map(({ id }: { id: string }) => id)).size).toBe(records.length);
          expect((await run('parse')).code).toBe(0);
          const findings = (await run('show Finding')).lines().map(({ projectName: _name, ...finding }) => finding);
          expect(byId(findings)).toEqual(byId(emulator.truth.issues.map(expectedFinding)));
        } finally {
          place.remove();
        }
      }
    },
  );
});

function byId(list: readonly { readonly id: string }[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(list.map((item) => [item.id, item]));
}

/** mulberry32: the same kills each run. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
