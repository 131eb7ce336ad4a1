import type { JiraTruth, Json } from '../emulators/jira/jira-emulator.ts';

/**
 * What the parsers should make of the emulator's own data, written a second time and in another way than the
 * integration does it, so that a slip in one is seen by the other.
 */
export function expectedEntities({ projects, users, issues, texts }: JiraTruth) {
  return {
    Project: projects.map((project) => ({
      id: text(project, 'id'),
      source: 'jira',
      name: text(project, 'name'),
      kind: text(project, 'projectTypeKey'),
      origin: 'jira',
      active: true,
      orgId: null,
      orgName: null,
      file: null,
      branch: null,
      criticality: [],
      environment: [],
      lifecycle: [],
      tags: {
        key: text(project, 'key'),
        ...(at(project, 'projectCategory') === undefined ? {} : { category: at(project, 'projectCategory', 'name') }),
      },
      url: page(project),
      repository: null,
      createdAt: null,
    })),
    Person: users.map((user) => ({
      id: personId(user),
      source: 'jira',
      name: text(user, 'displayName'),
      email: at(user, 'emailAddress') ?? null,
      active: at(user, 'active'),
      kind: at(user, 'accountType') ?? 'user',
    })),
    WorkItem: issues.map((issue) => ({
      id: text(issue, 'id'),
      source: 'jira',
      key: text(issue, 'key'),
      title: at(issue, 'fields', 'summary'),
      kind: at(issue, 'fields', 'issuetype', 'name'),
      status: at(issue, 'fields', 'status', 'name'),
      done: ['Done', "Won't fix"].includes(String(at(issue, 'fields', 'status', 'name'))),
      priority: at(issue, 'fields', 'priority', 'name') ?? null,
      projectId: at(issue, 'fields', 'project', 'id'),
      assigneeId: at(issue, 'fields', 'assignee') === null ? null : personId(at(issue, 'fields', 'assignee')),
      description: texts.get(text(issue, 'id')) ?? null,
      labels: at(issue, 'fields', 'labels'),
      cves: String(at(issue, 'fields', 'summary')).match(/CVE-[0-9-]+/g) ?? [],
      url: page(issue),
      createdAt: instant(at(issue, 'fields', 'created')),
      updatedAt: instant(at(issue, 'fields', 'updated')),
    })),
  };
}

/** The issues as a stream reads them: with the fields that it asks for, and no others. */
export function withoutUnasked(issue: Json): Json {
  const { fields, ...rest } = issue;
  const kept = Object.entries(Object(fields)).filter(([name]) => !/^customfield_|^comment$/.test(name));
  return { ...rest, fields: Object.fromEntries(kept) };
}

export function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((inner, name) => Object(inner)[name], value);
}

const text = (value: unknown, name: string): string => String(at(value, name));
const personId = (user: unknown): unknown => at(user, 'accountId') ?? at(user, 'key');
const page = (record: Json): string => `${new URL(text(record, 'self')).origin}/browse/${text(record, 'key')}`;

/** `2022-06-09T16:29:32.382-0700`: the clock of UTC is the wall clock less the offset. */
function instant(time: unknown): string {
  const [, wall = '', sign = '', hours = '', minutes = ''] = /^(.{23})([+-])(\d\d)(\d\d)$/.exec(String(time)) ?? [];
  const offsetMs = (Number(hours) * 60 + Number(minutes)) * 60_000;
  return new Date(Date.parse(`${wall}Z`) + (sign === '-' ? offsetMs : -offsetMs)).toISOString();
}
