import { ITEMS, project, type Project } from './project.ts';
import type { ItemServer } from './item-server.ts';
import { type SinkName, type StoredEntities, storedEntities, type StoredRaw, storedRaw } from './stored.ts';
import { faultedRun, goldenRun, type Point } from './syscalls.ts';

export interface Scenario {
  readonly name: string;
  readonly sink: SinkName;
  readonly command: 'stream' | 'parse' | 'restream';
  /** Brings the connection to where the command is given. */
  readonly prepare: (project: Project) => Promise<void>;
}

const streamed = async (at: Project): Promise<void> => void (await well(at, 'stream'));

/** Half is parsed, the rest is streamed: the command changes a table that is there. */
const parsedHalf = async (at: Project): Promise<void> => {
  await well(at, 'stream --max-pages 3');
  await well(at, 'parse');
  await well(at, 'stream');
};

export const SCENARIOS: readonly Scenario[] = [
  { name: 'stream', sink: 'duckdb', command: 'stream', prepare: async () => undefined },
  {
    name: 'stream, after a run that was killed just before its commit',
    sink: 'duckdb',
    command: 'stream',
    async prepare(at) {
      await well(at, 'stream --max-pages 2');
      at.save('half');
      const { points } = await goldenRun(at, 'stream');
      at.restore('half');
      const link = points.find(({ syscall, path }) => syscall.startsWith('link') && path.includes('/commits/'));
      if (link === undefined) throw new Error('the golden run made no commit');
      const { reached } = await faultedRun(at, 'stream', link, 'signal=SIGKILL');
      if (!reached) throw new Error('the run was not killed');
    },
  },
  { name: 'parse into DuckDB', sink: 'duckdb', command: 'parse', prepare: streamed },
  { name: 'parse of what is new into DuckDB', sink: 'duckdb', command: 'parse', prepare: parsedHalf },
  { name: 'restream into DuckDB', sink: 'duckdb', command: 'restream', prepare: parsedHalf },
  { name: 'parse into JSONL', sink: 'jsonl', command: 'parse', prepare: streamed },
  { name: 'parse of what is new into JSONL', sink: 'jsonl', command: 'parse', prepare: parsedHalf },
  { name: 'restream into JSONL', sink: 'jsonl', command: 'restream', prepare: parsedHalf },
  { name: 'parse of what is new into Parquet', sink: 'parquet', command: 'parse', prepare: parsedHalf },
  { name: 'restream into Parquet', sink: 'parquet', command: 'restream', prepare: parsedHalf },
];

export interface Ready {
  readonly project: Project;
  readonly points: readonly Point[];
  readonly raw: StoredRaw;
  readonly entities: StoredEntities | undefined;
}

/** The scenario made ready as `start`, with what the undisturbed run makes of it. */
export async function ready(scenario: Scenario, server: ItemServer): Promise<Ready> {
  const at = project({ integration: ITEMS, baseUrl: server.url, sinks: [scenario.sink] });
  await scenario.prepare(at);
  at.save('start');
  const { points, answer } = await goldenRun(at, scenario.command);
  if (answer.code !== 0) throw new Error(`${scenario.name}: ${answer.stderr}`);
  return { project: at, points, raw: await storedRaw(at), entities: await entitiesOf(scenario, at) };
}

export async function entitiesOf({ command, sink }: Scenario, at: Project): Promise<StoredEntities | undefined> {
  return command === 'stream' ? undefined : storedEntities(at, sink);
}

async function well(at: Project, args: string): Promise<void> {
  const { code, stderr } = await at.run(args);
  if (code !== 0) throw new Error(`${args}: exit ${code}: ${stderr}`);
}
