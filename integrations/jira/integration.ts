import {
  AbstractIntegration,
  Check,
  FullRefresh,
  Incremental,
  Integration,
  isSassyError,
  Parser,
  SassyError,
} from 'sassy';
import type { CheckContext, Dataset } from 'sassy';
import { Person, Project, WorkItem } from '../_domain/security.ts';
import { api, jiraHttp } from './http.ts';
import { toPerson, toProject, toWorkItem } from './mapping.ts';
import { Config, type Issue, type JiraProject, type JiraUser, Permissions } from './schema.ts';
import { Issues, Projects, Users } from './streams.ts';

@Integration({
  title: 'Jira',
  config: Config,
  http: jiraHttp,
  streams: [Projects, Users, Issues],
  entities: [Project, Person, WorkItem],
})
export class JiraIntegration extends AbstractIntegration<Config> {
  @Check('the login is accepted')
  async login({ http, config }: CheckContext<Config>): Promise<void> {
    await http.getJson(api(config, '/myself'));
  }

  /** Without it Jira refuses nothing: its lists are empty. */
  @Check('the login has the permission "Browse projects"')
  async browseProjects(context: CheckContext<Config>): Promise<void> {
    await requirePermission(context, 'BROWSE_PROJECTS', 'in a project, by its permission scheme');
  }

  @Check('the login has the global permission "Browse users and groups"')
  async browseUsers(context: CheckContext<Config>): Promise<void> {
    await requirePermission(context, 'USER_PICKER', 'under Settings > System > Global permissions');
  }

  @Parser(Project)
  async *projects(@FullRefresh(Projects) projects: Dataset<JiraProject>): AsyncGenerator<Project> {
    for await (const project of projects) yield toProject(project);
  }

  @Parser(Person)
  async *people(@FullRefresh(Users) users: Dataset<JiraUser>): AsyncGenerator<Person> {
    for await (const user of users) yield toPerson(user);
  }

  @Parser(WorkItem, { parallel: true })
  async *workItems(@Incremental(Issues) issues: Dataset<Issue>): AsyncGenerator<WorkItem> {
    for await (const issue of issues) yield toWorkItem(issue);
  }
}

/** Asks for a permission of the login; a server that does not answer the question is not taken for a no. */
async function requirePermission({ http, config }: CheckContext<Config>, name: string, where: string): Promise<void> {
  const answer = await http.getJson(api(config, '/mypermissions'), { permissions: name }).catch((error: unknown) => {
    if (isSassyError(error, 'API_REFUSED')) return undefined;
    throw error;
  });
  if (Permissions.safeParse(answer).data?.permissions[name]?.havePermission !== false) return;
  throw new SassyError('PERMISSION_DENIED', {
    message: `The login does not have the permission ${name}`,
    why: 'Jira shows only what a login may see: without it lists are empty or refused',
    fix: `let a Jira administrator give it ${where}`,
  });
}
