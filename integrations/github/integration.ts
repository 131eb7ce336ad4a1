import { AbstractIntegration, Check, FullRefresh, Incremental, Integration, Parser } from 'sassy';
import type { CheckContext, Dataset } from 'sassy';
import { Finding, Person, Project } from '../_domain/security.ts';
import { githubHttp } from './http.ts';
import { requirePermissions } from './permissions.ts';
import { fromCodeScanning, fromDependabot, fromSecretScanning, toPerson, toProject } from './mapping.ts';
import { Config } from './schema.ts';
import type { CodeScanningAlert, DependabotAlert, Member, Repository, SecretScanningAlert } from './schema.ts';
import {
  AlertLists,
  CodeScanningAlerts,
  DependabotAlerts,
  Members,
  Repositories,
  repositoryLists,
  SecretScanningAlerts,
} from './streams.ts';

@Integration({
  title: 'GitHub',
  config: Config,
  http: githubHttp,
  streams: [Repositories, Members, AlertLists, DependabotAlerts, CodeScanningAlerts, SecretScanningAlerts],
  entities: [Project, Person, Finding],
})
export class GitHubIntegration extends AbstractIntegration<Config> {
  @Check('the login can list the repositories of every account that is configured')
  async repositories({ config, http }: CheckContext<Config>): Promise<void> {
    for (const path of repositoryLists(config)) await http.getJson(path, { per_page: 1 });
  }

  @Check('the login has the permissions that alerts and members need')
  async permissions({ config, http }: CheckContext<Config>): Promise<void> {
    await requirePermissions(config, http);
  }

  @Parser(Project)
  async *projects(@FullRefresh(Repositories) repositories: Dataset<Repository>): AsyncGenerator<Project> {
    for await (const repository of repositories) yield toProject(repository);
  }

  @Parser(Person)
  async *people(@FullRefresh(Members) members: Dataset<Member>): AsyncGenerator<Person> {
    for await (const member of members) yield toPerson(member);
  }

  /** One finding for each alert of any kind, with the repository it was found in. */
  @Parser(Finding)
  async *findings(
    @Incremental(DependabotAlerts) dependabot: Dataset<DependabotAlert>,
    @Incremental(CodeScanningAlerts) codeScanning: Dataset<CodeScanningAlert>,
    @Incremental(SecretScanningAlerts) secretScanning: Dataset<SecretScanningAlert>,
    @FullRefresh(Repositories) repositories: Dataset<Repository>,
  ): AsyncGenerator<Finding> {
    const byName = await repositories.keyBy(({ full_name }) => full_name?.toLowerCase());
    for await (const alert of dependabot) yield fromDependabot(alert, byName);
    for await (const alert of codeScanning) yield fromCodeScanning(alert, byName);
    for await (const alert of secretScanning) yield fromSecretScanning(alert, byName);
  }
}
