import { AbstractIntegration, Check, FullRefresh, Incremental, Integration, Parser } from 'sassy';
import type { CheckContext, Dataset } from 'sassy';
import { Finding, Person, Project } from '../_domain/security.ts';
import { toFinding, toPerson, toProject } from './mapping.ts';
import { Config, type Issue, type Membership, type Org, type SnykProject, type Target } from './schema.ts';
import { GroupMemberships, Groups, Issues, OrgMemberships, Orgs, Projects, snykHttp, Targets } from './streams.ts';

@Integration({
  title: 'Snyk',
  config: Config,
  http: snykHttp,
  streams: [Orgs, Projects, Issues, Targets, Groups, OrgMemberships, GroupMemberships],
  entities: [Project, Finding, Person],
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
    @FullRefresh(Targets) targets: Dataset<Target>,
  ): AsyncGenerator<Project> {
    const org = await orgs.keyBy('id');
    const target = await targets.keyBy('id');
    for await (const project of projects) {
      const { organization, target: origin } = project.relationships ?? {};
      yield toProject(project, org.get(organization?.data?.id), target.get(origin?.data?.id));
    }
  }

  /** One finding for each issue, with the name of the project it was seen in. */
  @Parser(Finding, { parallel: true })
  async *findings(
    @Incremental(Issues) issues: Dataset<Issue>,
    @FullRefresh(Projects) projects: Dataset<SnykProject>,
  ): AsyncGenerator<Finding> {
    const project = await projects.keyBy('id');
    for await (const issue of issues) yield toFinding(issue, project.get(issue.relationships?.scan_item?.data?.id));
  }

  /** Everybody who is a member of an organisation or of a group, once. */
  @Parser(Person)
  async *people(
    @FullRefresh(OrgMemberships) ofOrgs: Dataset<Membership>,
    @FullRefresh(GroupMemberships) ofGroups: Dataset<Membership>,
  ): AsyncGenerator<Person> {
    const seen = new Set<string>();
    for (const memberships of [ofOrgs, ofGroups]) {
      for await (const membership of memberships) {
        const person = toPerson(membership);
        if (person === undefined || seen.has(person.id)) continue;
        seen.add(person.id);
        yield person;
      }
    }
  }
}
