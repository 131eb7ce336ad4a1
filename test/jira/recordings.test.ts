import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type CliAnswer, runCli, workspace } from '../support/cli.ts';
import { type Answer, Recordings, serveRecorded } from './recorded-sites.ts';

const FOLDER = resolve(import.meta.dirname, '../../../shared/data/jira');
const isHere = existsSync(FOLDER);
const recordings = new Recordings(FOLDER);
const ok = (body: unknown): Answer => ({ status: 200, headers: {}, body });

/** The recorded lists, site by site: what was recorded together, or is of one kind, is served by one server. */
const lists = {
  'Cloud 2025 (port-ocean-examples)': (): Expected => ({
    deployment: 'cloud',
    answers: {
      '/rest/api/3/project/search': ok({
        startAt: 0,
        maxResults: 50,
        total: 4,
        isLast: true,
        values: recordings.json('port-ocean-examples/project.records.json'),
      }),
      '/rest/api/3/users/search': ok(recordings.json('port-ocean-examples/user.records.json')),
      '/rest/api/3/search/jql': ok({ issues: recordings.json('port-ocean-examples/issue.records.json'), isLast: true }),
    },
    records: { projects: 4, users: 4, issues: 4 },
    entities: {
      Project: { id: '10183', name: 'AI Agentic Demo', kind: 'software', tags: { key: 'AI' }, url: null },
      Person: {
        id: '000000000000000000',
        name: 'John Doe',
        email: 'jdoe@example.com',
        kind: 'atlassian',
        active: true,
      },
      WorkItem: {
        id: '73987',
        key: 'SEC-108',
        status: 'To Do',
        done: false,
        priority: 'Medium',
        labels: ['security'],
        projectId: '10084',
        assigneeId: '712020:00000000-0000-0000-0000-000000000002',
        updatedAt: '2026-01-25T23:39:16.439Z',
        description: expect.stringContaining(
          'Description: This bucket/blob container/storage account has an overly permissive policy',
        ),
      },
    },
  }),
  'Cloud 2022, with the old search (jupiterone-graph-jira)': (): Expected => ({
    deployment: 'cloud',
    answers: {
      '/rest/api/3/project/search': recordings.answer('jupiterone-graph-jira/validateInvocationCloud.json', '/project'),
      '/rest/api/3/users/search': ok([
        recordings.answer('jupiterone-graph-jira/validateInvocation.json', '/myself').body,
      ]),
      '/rest/api/3/search/jql': recordings.answer('jupiterone-graph-jira/fetchIssuesPage.json'),
    },
    records: { projects: 2, users: 1, issues: 1 },
    entities: {
      WorkItem: {
        id: '10000',
        key: 'JJI-1',
        kind: 'Story',
        done: false,
        assigneeId: null,
        updatedAt: '2022-01-08T21:35:20.446Z',
        description: 'We need a Jira Cloud account for testing graph-jira.',
      },
    },
  }),
  'Data Center 8.20 (jupiterone-graph-jira, api-v2)': (): Expected => ({
    deployment: 'datacenter',
    answers: {
      '/rest/api/2/project': recordings.answer('jupiterone-graph-jira/api-v2.fetchProjects.json'),
      '/rest/api/2/user/search': ok([
        recordings.answer('jupiterone-graph-jira/validateInvocationLocal.json', '/myself').body,
      ]),
      '/rest/api/2/search': recordings.answer('jupiterone-graph-jira/api-v2.fetchIssuesPageSinceAtTimestamp.json'),
    },
    records: { projects: 1, users: 1, issues: 24 },
    entities: {
      Project: { id: '10000', name: 'Sample Project', kind: 'software', url: 'http://localhost:8080/browse/SP' },
      Person: { id: 'JIRAUSER10100', kind: 'user', email: 'jupiterone-dev@email.net' },
      WorkItem: {
        id: '10022',
        key: 'SP-23',
        kind: 'Story',
        done: true,
        assigneeId: 'JIRAUSER10000',
        projectId: '10000',
        updatedAt: '2021-12-28T20:37:12.000Z',
      },
    },
  }),
  'Server 5 (jira-ruby-mocks)': (): Expected => ({
    deployment: 'datacenter',
    answers: {
      '/rest/api/2/project': ok(recordings.json('jira-ruby-mocks/project.json')),
      '/rest/api/2/user/search': ok([recordings.json('jira-ruby-mocks/user_accountId=1234567890abcdef01234567.json')]),
      '/rest/api/2/search': ok(recordings.json('jira-ruby-mocks/issue.json')),
    },
    records: { projects: 1, users: 1, issues: 11 },
    entities: {
      Person: { id: 'admin', name: 'admin', kind: 'user' },
      WorkItem: {
        id: '10014',
        key: 'SAMPLEPROJECT-13',
        status: 'Open',
        done: false,
        priority: 'Major',
        assigneeId: 'admin',
        updatedAt: '2011-12-15T02:35:06.000Z',
      },
    },
  }),
};

/** Recorded refusals, each in the place of another stream, and what they must come to. */
const refusals = {
  Cloud: (): Refused => ({
    deployment: 'cloud',
    answers: {
      '/rest/api/3/project/search': recordings.answer(
        'jupiterone-graph-jira/validateInvocationCloudInvalidPassword.json',
        '/myself',
      ),
      '/rest/api/3/users/search': recordings.answer('jupiterone-graph-jira/addNewIssue.json', '/issue', 400),
      '/rest/api/3/search/jql': recordings.answer('jupiterone-graph-jira/fetchIssuesPageNonExtantProject.json'),
    },
    codes: { projects: 'LOGIN_REFUSED', users: 'API_REFUSED', issues: 'API_REFUSED' },
  }),
  'Data Center': (): Refused => ({
    deployment: 'datacenter',
    answers: {
      '/rest/api/2/project': recordings.answer(
        'jupiterone-graph-jira/api-v2.projectKeyToProjectIdNonExtantProject.json',
      ),
      '/rest/api/2/user/search': recordings.answer(
        'jupiterone-graph-jira/detectVersion2.json',
        '/rest/api/3/serverInfo',
      ),
      // A page of a server that is no Jira.
      '/rest/api/2/search': recordings.answer(
        'jupiterone-graph-jira/detectVersionNotJiraHost.json',
        '/rest/api/2/serverInfo',
      ),
    },
    codes: { projects: 'API_REFUSED', users: 'LOGIN_REFUSED', issues: 'API_REFUSED' },
  }),
};

describe.skipIf(!isHere)(
  isHere ? 'recorded traffic of Jira' : `recorded traffic of Jira: ${FOLDER} is not here`,
  () => {
    const closing: (() => Promise<void> | void)[] = [];
    afterEach(async () => {
      for (const close of closing.splice(0)) await close();
    });

    async function site(
      deployment: string,
      answers: Readonly<Record<string, Answer>>,
    ): Promise<(args: string) => Promise<CliAnswer>> {
      const server = await serveRecorded(answers);
      const place = workspace();
      closing.push(server.close, place.remove);
      const env = {
        SASSY_JIRA__BASE_URL: server.url,
        SASSY_JIRA__DEPLOYMENT: deployment,
        SASSY_JIRA__EMAIL: 'a@example.com',
        SASSY_JIRA__API_TOKEN: 'recorded',
      };
      return (args) => runCli(['run', 'jira', ...args.split(' '), '--json'], { cwd: place.folder, env });
    }

    it.each(Object.entries(lists))('%s: every record arrives and becomes its entity', async (_name, load) => {
      const { deployment, answers, records, entities } = load();
      const jira = await site(deployment, answers);
      const answer = await jira('sync');
      expect(answer.code, answer.stderr).toBe(0);
      const { streams, parsers }: Synced = answer.json();
      expect(Object.fromEntries(streams.map((stream) => [stream.name, stream.records]))).toEqual(records);
      expect(parsers.map(({ quarantined }) => quarantined)).toEqual([0, 0, 0]);
      expect(parsers.map(({ entities: { added } }) => added)).toEqual(Object.values(records));
      for (const [entity, expected] of Object.entries(entities)) {
        const rows = (await jira(`show ${entity}`)).lines();
        expect(
          rows.find(({ id }) => id === expected['id']),
          entity,
        ).toMatchObject(expected);
      }
    });

    it.each(Object.entries(refusals))('%s: recorded refusals get their verdicts', async (_name, load) => {
      const { deployment, answers, codes } = load();
      const answer = await (await site(deployment, answers))('stream');
      const streams: readonly { name: string; error: { code: string } }[] = answer.json().streams;
      expect(Object.fromEntries(streams.map(({ name, error }) => [name, error.code]))).toEqual(codes);
      expect(answer.code).not.toBe(0);
    });
  },
);

interface Site {
  readonly deployment: string;
  readonly answers: Readonly<Record<string, Answer>>;
}

interface Expected extends Site {
  readonly records: Readonly<Record<string, number>>;
  readonly entities: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

interface Refused extends Site {
  readonly codes: Readonly<Record<string, string>>;
}

interface Synced {
  readonly streams: readonly { readonly name: string; readonly records: number }[];
  readonly parsers: readonly { readonly quarantined: number; readonly entities: { readonly added: number } }[];
}
