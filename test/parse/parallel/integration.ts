import { isMainThread } from 'node:worker_threads';
import { defineIntegration, defineStream, entity, fullRefresh, httpSource, incremental, parser } from 'sassy';
import { z } from 'zod';

const source = httpSource({ request: () => ({ path: '/items' }), records: '/data' });

const Projects = defineStream({
  name: 'projects',
  record: z.object({ id: z.string(), name: z.string() }),
  primaryKey: 'id',
  source,
});
const Issues = defineStream({
  name: 'issues',
  record: z.object({ id: z.string(), project: z.string(), size: z.number(), updated: z.string(), text: z.string() }),
  primaryKey: 'id',
  cursor: 'updated',
  source,
});

const Finding = entity(
  'Finding',
  { key: 'id' },
  { id: z.string(), project: z.string().nullable(), size: z.number().max(9_000), at: z.date(), thread: z.string() },
);
type Issue = z.infer<typeof Issues.record>;

const finding = (issue: Issue, project: string | undefined): z.input<typeof Finding> => ({
  id: issue.id,
  project: project ?? null,
  size: issue.size,
  at: new Date(issue.updated),
  thread: '',
});

/** Parsers that are shared out among threads, and parsers that say so and should not. */
export const acme = defineIntegration({
  title: 'Acme',
  config: z.object({}),
  http: { baseUrl: 'https://api.example.com' },
  streams: [Projects, Issues],
  entities: [Finding],
  parsers: {
    joined: parser(
      { issues: incremental(Issues), projects: fullRefresh(Projects) },
      Finding,
      async function* ({ issues, projects }) {
        const project = await projects.keyBy('id');
        for await (const issue of issues) yield finding(issue, project.get(issue.project)?.name);
      },
      { parallel: true },
    ),
    where: parser(
      { issues: incremental(Issues) },
      Finding,
      async function* ({ issues }) {
        for await (const issue of issues)
          yield { ...finding(issue, undefined), thread: isMainThread ? 'main' : 'other' };
      },
      { parallel: true },
    ),
    throws: parser(
      { issues: incremental(Issues) },
      Finding,
      async function* ({ issues }) {
        for await (const issue of issues) {
          if (issue.id === 'i-0042') throw new Error('not this one');
          yield finding(issue, undefined);
        }
      },
      { parallel: true },
    ),
    asks: parser(
      { issues: incremental(Issues) },
      Finding,
      async function* ({ issues }) {
        for await (const issue of issues) {
          if (issue.id === 'i-0042') await fetch('https://api.example.com/more').catch(() => undefined);
          yield finding(issue, undefined);
        }
      },
      { parallel: true },
    ),
    collects: parser(
      { issues: incremental(Issues) },
      Finding,
      async function* ({ issues }) {
        const all: Issue[] = [];
        for await (const issue of issues) all.push(issue);
        for (const issue of all) yield finding(issue, String(all.length));
      },
      { parallel: true },
    ),
  },
});
