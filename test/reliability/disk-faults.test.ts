import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CliAnswer } from '../support/cli.ts';
import { type ItemServer, startItemServer } from './item-server.ts';
import { entitiesOf, ready, SCENARIOS } from './scenarios.ts';
import { sample, SEED, seeded } from './seeded.ts';
import { storedRaw, strays } from './stored.ts';
import { faultedFrom, faultedRun, straceMissing } from './syscalls.ts';

/** SASSY_SWEEP=all: every such call of every scenario; the default is one each of some. */
const ALL = process.env['SASSY_SWEEP'] === 'all';
const POINTS = ALL ? undefined : 1;
const ONLY = process.env['SASSY_SCENARIOS'];
const SCENARIO_NAMES = ALL ? new RegExp(ONLY ?? '') : /^stream$|^parse into JSONL/;

const FAULTS = [
  {
    fault: 'error=ENOSPC',
    calls: /^(write|writev|pwrite64|pwritev|openat|mkdir|link|rename|ftruncate|fallocate)$/,
    // Later calls of `openat` are for reading as well, and a full disk can be read.
    lasting: /^(write|pwrite64|mkdir)$/,
    codes: ['DISK_FULL'],
    text: /disk is full|no room on the disk/,
  },
  {
    fault: 'error=EIO',
    calls: /^(fsync|fdatasync)$/,
    lasting: /^(fsync|fdatasync)$/,
    codes: ['DATA_DIR'],
    text: /the disk reports a failure|check the disk/,
  },
] as const;

const KIND = process.env['SASSY_FAULTS'] ?? '';

const missing = straceMissing();

/** C6, C8: an error of the disk, once and from there on: told by its name, nothing lost; the same command ends well later. */
describe.skipIf(missing !== undefined)(`errors of the disk${missing === undefined ? '' : ` (${missing})`}`, () => {
  let server: ItemServer;
  beforeAll(async () => {
    server = await startItemServer(500);
  });
  afterAll(() => server.close());

  it.for(SCENARIOS.filter(({ name }) => SCENARIO_NAMES.test(name)))(
    '$name',
    { timeout: ALL ? 3_600_000 : 120_000 },
    async (scenario) => {
      const { project, points, raw, entities } = await ready(scenario, server);
      const random = seeded(SEED);
      const endings = new Map<string, number>();
      const wrong: string[] = [];
      try {
        for (const { fault, calls, lasting: lastingCalls, codes, text } of FAULTS.filter((one) =>
          one.fault.includes(KIND),
        )) {
          for (const lasting of [false, true]) {
            const eligible = points.filter(({ syscall }) => (lasting ? lastingCalls : calls).test(syscall));
            for (const point of sample(eligible, POINTS, random)) {
              const where = `${fault}${lasting ? ' for ever' : ''}: ${point.syscall} ${point.path} #${point.when}`;
              project.restore('start');
              const { answer, reached } = lasting
                ? await faultedFrom(project, scenario.command, point, fault, points)
                : await faultedRun(project, scenario.command, point, fault);
              const ending = `${fault} ${lasting ? 'for ever' : 'once'} ${point.syscall}: ${reached ? '' : 'not met, '}exit ${answer.code} ${codesOf(answer).join(' ')}`;
              endings.set(ending, (endings.get(ending) ?? 0) + 1);
              try {
                const between = await storedRaw(project);
                expect(between.bodies).toEqual(raw.bodies.slice(0, between.bodies.length));
                // A file that is not needed (a name that is only tidied away, DuckDB's own checkpoint) may fail unnoticed.
                if (answer.code === 0) {
                  expect(between.ids).toEqual(raw.ids);
                } else {
                  expect(answer.code, answer.stderr).toBe(1);
                  expect(codes).toContain(codesOf(answer)[0]);
                  expect(answer.stdout + answer.stderr).toMatch(text);
                }
                const again = await project.run(scenario.command);
                expect(again.code, again.stderr).toBe(0);
                const now = await storedRaw(project);
                expect(now.bodies).toEqual(raw.bodies);
                expect(now.ids).toEqual(raw.ids);
                expect((await entitiesOf(scenario, project))?.rows).toEqual(entities?.rows);
                expect(strays(project, now)).toEqual([]);
              } catch (error) {
                wrong.push(`${where}: ${error instanceof Error ? error.message : String(error)}\n${answer.stderr}`);
              }
            }
          }
        }
        if (ALL)
          for (const [ending, count] of endings) process.stdout.write(`${scenario.name}: ${count} x ${ending}\n`);
        expect(wrong, `seed ${SEED}`).toEqual([]);
      } finally {
        project.remove();
      }
    },
  );
});

/** Of the streams, the parsers and the command as a whole. */
function codesOf(answer: CliAnswer): readonly string[] {
  const { streams = [], parsers = [], error } = answer.json() ?? {};
  const codes = [...streams, ...parsers].flatMap((item) => item.error?.code ?? []);
  return [...new Set([...codes, ...(error === undefined ? [] : [error.code])])];
}
