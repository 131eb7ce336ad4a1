import { z } from 'zod';
import { plannedSource } from '../../src/integration/http-source.ts';
import { recordPlan } from '../../src/integration/record-plan.ts';
import type { Manifest } from '../../src/model/manifest.ts';
import type { StreamDefinition } from '../../src/model/stream.ts';
import { bodyCursor } from '../../src/pagination/body-cursor.ts';
import type { SeededRandom } from '../store/seeded-random.ts';
import type { ModelApiOptions } from './model-api.ts';

const LOOK_BACK_MS = 10 * 60_000;

/** How the issues of the model service are read. */
export interface StreamScenario {
  /** `listed`: in full after so many runs. `history`: the first run begins late, what lies before is loaded by others. */
  readonly flow: 'plain' | 'windows' | 'immutable' | 'listed' | 'history';
  readonly sorted: boolean;
  readonly sizeMs: number;
  readonly everyRuns: number;
  readonly api: ModelApiOptions;
  /** Pages are read in part. */
  readonly isPlanned: boolean;
  /** How long nothing happens between two runs, at most. */
  readonly restMs: number;
}

export function scenarioOf(random: SeededRandom): StreamScenario {
  const flow = random.pick(['plain', 'plain', 'windows', 'windows', 'immutable', 'listed', 'history'] as const);
  const sorted = random.chance(0.5);
  return {
    flow,
    sorted,
    sizeMs: random.pick([90_000, 7 * 60_000, 40 * 60_000]),
    everyRuns: 1 + random.int(2),
    restMs: random.pick([0, 0, 60 * 60_000]),
    api: {
      sorted,
      lateMs: LOOK_BACK_MS / 2,
      unavailable: random.pick([0, 0.02, 0.1]),
      expired: random.pick([0, 0, 0.1]),
      immutable: flow === 'immutable',
      ...(flow === 'listed' ? { deletions: 0.1 } : {}),
      untilIsInclusive: random.chance(0.5),
    },
    isPlanned: random.chance(0.7),
  };
}

/** Organisations, listed in full, and their issues. */
export function manifestOf({ flow, sorted, sizeMs, everyRuns, isPlanned }: StreamScenario, startMs: number): Manifest {
  const Record = z.looseObject({ id: z.string() });
  const paginator = bodyCursor({ from: '/next', to: 'after' });
  const planOf = (pointers: readonly string[]): ReturnType<typeof recordPlan> =>
    isPlanned ? recordPlan(Record, pointers) : undefined;
  const orgs: StreamDefinition = {
    name: 'orgs',
    record: Record,
    primaryKey: ['/id'],
    slices: { kind: 'whole' },
    source: plannedSource({ request: () => ({ path: '/orgs' }), records: '/data', paginator }, planOf(['/id'])),
  };
  const issues: StreamDefinition = {
    name: 'issues',
    record: Record,
    primaryKey: ['/id'],
    cursor: { pointer: '/updated_at', lookBackMs: LOOK_BACK_MS, ...(sorted ? { sorted: 'asc' } : {}) },
    slices: { kind: 'each', parent: 'orgs', key: '/id', as: 'org' },
    source: plannedSource(
      {
        request: ({ slice, since, until }) => ({ path: `/orgs/${slice['org'] ?? ''}/issues`, query: { since, until } }),
        records: '/data',
        paginator,
      },
      planOf(['/id', '/updated_at']),
    ),
    ...(flow === 'windows' ? { windows: { sizeMs, from: new Date(startMs).toISOString() } } : {}),
    ...(flow === 'history' ? { historyMs: sizeMs } : {}),
    ...(flow === 'immutable' ? { immutable: true } : {}),
    ...(flow === 'listed' ? { fullEvery: { runs: everyRuns } } : {}),
  };
  return {
    name: 'model',
    title: 'Model',
    folder: '/nowhere',
    config: z.object({}),
    http: { baseUrl: 'https://model.example' },
    streams: [orgs, issues],
    checks: [],
    parsers: [],
    entities: [],
  };
}
