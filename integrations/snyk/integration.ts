import { AbstractIntegration, Check, FullRefresh, Incremental, Integration, Parser } from 'sassy';
import type { CheckContext, Dataset } from 'sassy';
import { Finding, Project } from '../_domain/security.ts';
import { toFinding, toProject } from './mapping.ts';
import { Config, type Issue, type Org, type SnykProject } from './schema.ts';
import { Issues, Orgs, Projects, snykHttp } from './streams.ts';

@Integration({
  title: 'Snyk',
  config: Config,
  http: snykHttp,
  streams: [Orgs, Projects, Issues],
  entities: [Project, Finding],
})
export class SnykIntegration extends AbstractIntegration<Config> {
  @Check('the token can list organisations')
  async token({ http }: CheckContext<Config>): Promise<void> {
    await http.getJson('/orgs', { limit: 10 });
  }

  @Parser(Project)
  async *projects(
    @FullRefresh(Projects) projects: Dataset<SnykProject>,
    @FullRefresh(Orgs) orgs: Dataset<Org>,
  ): AsyncGenerator<Project> {
    const org = await orgs.keyBy('id');
    for await (const project of projects) yield toProject(project, org.get(project.relationships.organization.data.id));
  }

  /** One finding for each issue, with the name of the project it was seen in. */
  @Parser(Finding)
  async *findings(
    @Incremental(Issues) issues: Dataset<Issue>,
    @FullRefresh(Projects) projects: Dataset<SnykProject>,
  ): AsyncGenerator<Finding> {
    const project = await projects.keyBy('id');
    for await (const issue of issues) yield toFinding(issue, project.get(issue.relationships.scan_item.data.id));
  }
}
