import { defineIntegration, defineStream, entity, incremental, iterableSource, latest, parser } from 'sassy';
import { z } from 'zod';

const Config = z.object({ issues: z.coerce.number().int(), projects: z.coerce.number().int() });
const A_PAGE = 500;

const Project = z.looseObject({ id: z.string(), name: z.string(), owner: z.string() });
const Issue = z.looseObject({ id: z.string(), project: z.string(), title: z.string(), at: z.string() });
const Finding = entity(
  'Finding',
  { key: 'id' },
  { id: z.string(), title: z.string(), at: z.string(), project: z.string().optional(), owner: z.string().optional() },
);

/** Records that are made here, page by page, so that no server has to make gigabytes of them. */
function made(name: string, total: keyof z.infer<typeof Config>, record: (number: number) => unknown) {
  return iterableSource<z.infer<typeof Config>>({
    name,
    async *pages({ config, token }) {
      for (let start = Number(token ?? 0); start < config[total]; start += A_PAGE) {
        const length = Math.min(A_PAGE, config[total] - start);
        const records = Array.from({ length }, (_, index) => record(start + index));
        yield { records, next: start + length < config[total] ? String(start + length) : undefined };
      }
    },
  });
}

const uuid = (kind: string, number: number): string =>
  `${kind}0000-0000-4000-8000-${String((number * 1_000_003) % 2 ** 40).padStart(13, '0')}`;

const Projects = defineStream({
  name: 'projects',
  record: Project,
  primaryKey: 'id',
  source: made('projects', 'projects', (number) => ({
    id: uuid('aaaa', number),
    name: `Project ${number}`,
    owner: `team-${number % 97}`,
  })),
});

const Issues = defineStream({
  name: 'issues',
  record: Issue,
  primaryKey: 'id',
  cursor: '/at',
  source: made('issues', 'issues', (number) => ({
    id: uuid('bbbb', number),
    project: uuid('aaaa', number % 20_000),
    title: `Something to look at, number ${number}`,
    at: new Date(Date.UTC(2024, 0, 1) + number * 1000).toISOString(),
  })),
});

/** Issues joined with their projects, whatever their number: what a restream of millions of records takes of memory. */
export default defineIntegration({
  title: 'Join',
  config: Config,
  http: { baseUrl: 'https://unused.example.com' },
  streams: [Projects, Issues],
  entities: [Finding],
  parsers: {
    findings: parser(
      { projects: latest(Projects), issues: incremental(Issues) },
      Finding,
      async function* ({ projects, issues }) {
        for await (const { id, title, at, project } of issues) {
          const found = projects.get(project);
          yield { id, title, at, project: found?.name, owner: found?.owner };
        }
      },
      { parallel: true },
    ),
  },
});
