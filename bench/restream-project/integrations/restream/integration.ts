import { AbstractIntegration, each, HttpStream, Incremental, Integration, jsonApiLinks, Parser, Stream } from 'sassy';
import type { Dataset, PageRequest, RequestContext } from 'sassy';
import { z } from 'zod';
import { Issue, toFinding } from './issue.ts';
import { Finding } from './schema.ts';

const Config = z.object({ baseUrl: z.url() });
type Config = z.infer<typeof Config>;
const Org = z.looseObject({ id: z.string() });

@Stream({ record: Org, primaryKey: 'id' })
class Orgs extends HttpStream<Config, z.infer<typeof Org>> {
  override request(): PageRequest {
    return { path: '/orgs', query: { limit: 100 } };
  }
  override readonly records = '/data';
  override readonly paginator = jsonApiLinks();
}

@Stream({ record: Issue, primaryKey: 'id', cursor: '/attributes/updated_at', slices: each(Orgs) })
class Issues extends HttpStream<Config, Issue> {
  override request({ slice, since }: RequestContext<Config>): PageRequest {
    return { path: `/orgs/${slice.org}/issues`, query: { limit: 100, updated_after: since } };
  }
  override readonly records = '/data';
  override readonly paginator = jsonApiLinks();
}

/** Issues to findings, one for one: what a restream costs, with the least that a parser can do. */
@Integration({
  title: 'Restream',
  config: Config,
  http: { baseUrl: 'https://api.snyk.io/rest', query: { version: '2024-10-15' } },
  streams: [Orgs, Issues],
  entities: [Finding],
})
export class RestreamIntegration extends AbstractIntegration<Config> {
  @Parser(Finding, { parallel: true })
  async *findings(@Incremental(Issues) issues: Dataset<Issue>): AsyncGenerator<Finding> {
    for await (const issue of issues) yield toFinding(issue);
  }
}
