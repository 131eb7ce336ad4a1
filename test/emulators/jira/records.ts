import type { Json } from './contract.ts';

import type { IssueData, ProjectData, UserData } from './world.ts';
import type { ZoneClock } from './zone-clock.ts';

/** Who looks, and at what: the same data has other forms for Cloud and Data Center, and other times in other zones. */
export interface View {
  readonly isCloud: boolean;
  /** With the version: `http://127.0.0.1:8080/rest/api/3`. */
  readonly api: string;
  readonly clock: ZoneClock;
}

const categories = {
  new: [2, 'To Do', 'blue-gray'],
  indeterminate: [4, 'In Progress', 'yellow'],
  done: [3, 'Done', 'green'],
};

export function userRecord(user: UserData, { isCloud, api }: View): Json {
  const avatarUrls = { '48x48': `https://avatars.example.com/${encodeURIComponent(user.id)}/48` };
  const rest = { avatarUrls, displayName: user.name, active: user.active };
  if (!isCloud) {
    const name = dcName(user);
    const email = user.email ?? `${name}@example.com`;
    const self = `${api}/user?username=${name}`;
    return {
      self,
      key: `JIRAUSER${dcNumber(user)}`,
      name,
      emailAddress: email,
      ...rest,
      deleted: false,
      locale: 'en_US',
    };
  }
  return {
    self: `${api}/user?accountId=${encodeURIComponent(user.id)}`,
    accountId: user.id,
    accountType: user.kind,
    ...(user.email === null ? {} : { emailAddress: user.email }),
    ...rest,
  };
}

const dcNumber = (user: UserData): string => user.name.split(' ')[1] ?? '';
const dcName = (user: UserData): string => `user.${dcNumber(user)}`;

export function projectRecord(project: ProjectData, { isCloud, api }: View): Json {
  const { id, key, name, kind, category } = project;
  return {
    expand: 'description,lead,issueTypes,url,projectKeys,permissions,insight',
    self: `${api}/project/${id}`,
    id,
    key,
    name,
    description: '',
    projectTypeKey: kind,
    ...(category === null ? {} : { projectCategory: { self: `${api}/projectCategory/1`, id: '1', name: category } }),
    ...(isCloud ? { simplified: false, style: 'classic', isPrivate: false, properties: {} } : { archived: false }),
  };
}

export function issueRecord(issue: IssueData, view: View): Json {
  const { api, isCloud, clock } = view;
  const { id, project, status, description } = issue;
  const [categoryId, categoryName, colorName] = categories[status.category];
  const user = (data: UserData | null): Json | null => (data === null ? null : userRecord(data, view));
  const isDone = status.category === 'done';
  return {
    expand: 'operations,versionedRepresentations,editmeta,changelog,renderedFields',
    id,
    self: `${api}/issue/${id}`,
    key: `${project.key}-${issue.number}`,
    fields: {
      summary: issue.summary,
      description: isCloud ? description.document : description.wiki,
      issuetype: { self: `${api}/issuetype/1`, id: '1', name: issue.kind, subtask: issue.kind === 'Sub-task' },
      project: projectRecord(project, view),
      status: {
        self: `${api}/status/1`,
        name: status.name,
        id: '1',
        statusCategory: {
          self: `${api}/statuscategory/${categoryId}`,
          id: categoryId,
          key: status.category,
          colorName,
          name: categoryName,
        },
      },
      priority: issue.priority === null ? null : { self: `${api}/priority/3`, name: issue.priority, id: '3' },
      labels: issue.labels,
      components: [],
      assignee: user(issue.assignee),
      created: clock.jiraTime(issue.created),
      updated: clock.jiraTime(issue.updated),
      resolution: isDone ? { self: `${api}/resolution/1`, id: '1', name: 'Done' } : null,
      resolutiondate: isDone ? clock.jiraTime(issue.updated) : null,
      duedate: null,
      customfield_10001: issue.number * 1.5,
      comment: { comments: [], maxResults: 0, total: 0, startAt: 0 },
    },
  };
}
