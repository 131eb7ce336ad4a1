import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ItemServer, itemOf, startItemServer } from './item-server.ts';
import { entitiesOf, ready, SCENARIOS } from './scenarios.ts';
import { sample, SEED, seeded } from './seeded.ts';
import { storedRaw, strays } from './stored.ts';
import { faultedRun, straceMissing } from './syscalls.ts';

/** SASSY_SWEEP=all kills at every mutating call of every scenario (SASSY_SCENARIOS: of these); the default is a few of some. */
const ALL = process.env['SASSY_SWEEP'] === 'all';
const POINTS = ALL ? undefined : 2;
const ONLY = process.env['SASSY_SCENARIOS'];
const SCENARIO_NAMES = ALL ? new RegExp(ONLY ?? '') : /killed|what is new into DuckDB/;
const ITEMS_SERVED = 500;

const missing = straceMissing();

/** C2, C3: `kill -9` at a mutating call, then the same command: what is committed is what an undisturbed run leaves. */
describe.skipIf(missing !== undefined)(
  `kill at each mutating call${missing === undefined ? '' : ` (${missing})`}`,
  () => {
    let server: ItemServer;
    beforeAll(async () => {
      server = await startItemServer(ITEMS_SERVED);
    });
    afterAll(() => server.close());

    it.for(SCENARIOS.filter(({ name }) => SCENARIO_NAMES.test(name)))(
      '$name',
      { timeout: ALL ? 3_600_000 : 120_000 },
      async (scenario) => {
        const { project, points, raw, entities } = await ready(scenario, server);
        try {
          expect(raw.ids).toEqual(Array.from({ length: ITEMS_SERVED }, (_, n) => itemOf(n).id));
          expect(points.length).toBeGreaterThan(15);
          const chosen = sample(points, POINTS, seeded(SEED));
          const notMet: string[] = [];
          const wrong: string[] = [];
          for (const point of chosen) {
            const where = `${point.syscall} ${point.path} #${point.when}`;
            project.restore('start');
            const { reached } = await faultedRun(project, scenario.command, point, 'signal=SIGKILL');
            if (!reached) notMet.push(where);
            try {
              const again = await project.run(scenario.command);
              expect(again.code, again.stderr).toBe(0);
              const now = await storedRaw(project);
              expect(now.bodies).toEqual(raw.bodies);
              expect(now.ids).toEqual(raw.ids);
              expect((await entitiesOf(scenario, project))?.rows).toEqual(entities?.rows);
              expect(strays(project, now)).toEqual([]);
            } catch (error) {
              wrong.push(`${where}: ${error instanceof Error ? error.message : String(error)}`);
            }
          }
          if (ALL) process.stdout.write(`${scenario.name}: ${points.length} calls, not met again ${notMet.length}\n`);
          expect(wrong, `seed ${SEED}`).toEqual([]);
          // Which of its threads DuckDB writes with is its own affair: a few points may not be met again.
          expect(notMet.length, notMet.join('\n')).toBeLessThanOrEqual(Math.ceil(chosen.length * 0.1));
        } finally {
          project.remove();
        }
      },
    );
  },
);
