import { AbstractIntegration, Check, FullRefresh, Incremental, Integration, Parser } from 'sassy';
import type { CheckContext, Dataset } from 'sassy';
import { Person, Project, WorkItem } from '../_domain/security.ts';
import { toPerson, toProject, toWorkItem } from './mapping.ts';
import { BOARDS, ME, TEAMS, USERS } from './queries.ts';
import { type Board, Config, type Item, type User } from './schema.ts';
import { ask, Boards, Items, mondayHttp, Teams, Users } from './streams.ts';

@Integration({
  title: 'monday.com',
  config: Config,
  http: mondayHttp,
  streams: [Boards, Users, Teams, Items],
  entities: [Project, WorkItem, Person],
})
export class MondayIntegration extends AbstractIntegration<Config> {
  @Check('the token is accepted (me:read)')
  async token({ http, config }: CheckContext<Config>): Promise<void> {
    await http.send(ask(config, ME));
  }

  @Check('the token can list boards (boards:read, workspaces:read)')
  async boards({ http, config }: CheckContext<Config>): Promise<void> {
    await http.send(ask(config, BOARDS, { limit: 1, page: 1 }));
  }

  @Check('the token can list people (users:read)')
  async users({ http, config }: CheckContext<Config>): Promise<void> {
    await http.send(ask(config, USERS, { limit: 1, page: 1 }));
  }

  @Check('the token can list teams (teams:read)')
  async teams({ http, config }: CheckContext<Config>): Promise<void> {
    await http.send(ask(config, TEAMS));
  }

  @Parser(Project)
  async *projects(@FullRefresh(Boards) boards: Dataset<Board>): AsyncGenerator<Project> {
    for await (const board of boards) yield toProject(board);
  }

  @Parser(WorkItem, { parallel: true })
  async *workItems(@Incremental(Items) items: Dataset<Item>): AsyncGenerator<WorkItem> {
    for await (const item of items) yield toWorkItem(item);
  }

  @Parser(Person)
  async *people(@FullRefresh(Users) users: Dataset<User>): AsyncGenerator<Person> {
    for await (const user of users) yield toPerson(user);
  }
}
