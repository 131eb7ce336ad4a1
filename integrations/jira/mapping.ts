import { CVE, idsIn } from '../_domain/mapping.ts';
import type { Person, Project, WorkItem } from '../_domain/security.ts';
import { plainText } from './adf.ts';
import { personId } from './person-id.ts';
import type { Issue, JiraProject, JiraUser } from './schema.ts';
import { utcTime } from './time.ts';

const SOURCE = 'jira';

export function toProject({
  id,
  self,
  key,
  name,
  projectTypeKey,
  archived,
  deleted,
  projectCategory,
}: JiraProject): Project {
  const tags = { key, category: projectCategory?.name };
  return {
    id,
    source: SOURCE,
    name: name || key || id,
    kind: projectTypeKey || 'project',
    origin: SOURCE,
    active: archived !== true && deleted !== true,
    orgId: null,
    orgName: null,
    file: null,
    branch: null,
    criticality: [],
    environment: [],
    lifecycle: [],
    tags: Object.fromEntries(Object.entries(tags).flatMap(([tag, value]) => (value ? [[tag, value]] : []))),
    url: browseUrl(self, key),
    repository: null,
    createdAt: null,
  };
}

export function toWorkItem({ id, self, key, fields }: Issue): WorkItem {
  const { status, assignee } = fields;
  const category = status?.statusCategory?.key;
  const description = plainText(fields.description);
  const labels = fields.labels ?? [];
  return {
    id,
    source: SOURCE,
    key: key || id,
    title: fields.summary || key || id,
    kind: fields.issuetype?.name || 'Issue',
    status: status?.name || null,
    // Before Jira 6.2 a status has no category: what has a resolution is done.
    done: category ? category === 'done' : (fields.resolution ?? null) !== null,
    priority: fields.priority?.name || null,
    projectId: fields.project?.id ?? null,
    assigneeId: assignee ? personId(assignee) : null,
    description,
    labels,
    cves: idsIn([fields.summary, description, ...labels], CVE),
    url: browseUrl(self, key),
    createdAt: utcTime(fields.created),
    updatedAt: utcTime(fields.updated),
  };
}

export function toPerson(user: JiraUser): Person {
  const id = personId(user) ?? '';
  return {
    id,
    source: SOURCE,
    name: user.displayName || user.name || user.emailAddress || id,
    email: user.emailAddress || null,
    active: user.active !== false,
    kind: user.accountType || 'user',
  };
}

/** The page for people, on the site that the record's own address names; the gateway of OAuth has no such pages. */
function browseUrl(self: string | null | undefined, key: string | null | undefined): string | null {
  const [, site] = /^(https?:\/\/.+?)\/rest\//.exec(self ?? '') ?? [];
  return !site || !key || /\/\/api\.atlassian\.com\//.test(site) ? null : `${site}/browse/${key}`;
}
