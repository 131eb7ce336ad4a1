import { Check, FullRefresh, Incremental, Integration, Parser, Stream, type RequestContext } from 'sassy';
import { AbstractIntegration, headerAuth, HttpStream, jsonApiLinks, type CheckContext, type Dataset } from 'sassy';
import { Config, Finding, Issue, Project } from './schema.ts';

@Stream({ record: Project, primaryKey: 'id' })
export class Projects extends HttpStream<Config, Project> {
  override request({ config }: RequestContext<Config>) {
    return { path: `/orgs/${config.org}/projects`, query: { limit: 100 } };
  }
  override readonly records = '/data';
  override readonly paginator = jsonApiLinks();
}

@Stream({ record: Issue, primaryKey: 'id', cursor: '/attributes/updated_at' })
export class Issues extends HttpStream<Config, Issue> {
  override request({ config, since }: RequestContext<Config>) {
    return { path: `/orgs/${config.org}/issues`, query: { limit: 100, updated_after: since } };
  }
  override readonly records = '/data';
  override readonly paginator = jsonApiLinks();
}

const auth = headerAuth('authorization', (config: Config) => config.token, { scheme: 'token' });
const http = { baseUrl: 'https://api.snyk.io/rest', query: { version: '2024-10-15' }, auth };

@Integration({ title: 'Snyk', config: Config, http, streams: [Projects, Issues], entities: [Finding] })
export class Snyk extends AbstractIntegration<Config> {
  @Check('the token can list organisations')
  async token({ http }: CheckContext<Config>) {
    await http.getJson('/orgs', { limit: 10 });
  }

  @Parser(Finding)
  async *findings(@FullRefresh(Projects) projects: Dataset<Project>, @Incremental(Issues) issues: Dataset<Issue>) {
    const project = await projects.keyBy('id');
    for await (const { id, attributes, relationships } of issues) {
      yield { id, title: attributes.title, project: project.get(relationships.scan_item.data.id)?.attributes.name };
    }
  }
}
