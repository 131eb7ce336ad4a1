import { AbstractIntegration, each, HttpStream, Integration, jsonApiLinks, Stream } from 'sassy';
import type { PageRequest, RequestContext } from 'sassy';
import { z } from 'zod';
import { Issue } from '../../../issue-schema.ts';

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
class Issues extends HttpStream<Config, z.infer<typeof Issue>> {
  override request({ slice, since }: RequestContext<Config>): PageRequest {
    return { path: `/orgs/${slice.org}/issues`, query: { limit: 100, updated_after: since } };
  }
  override readonly records = '/data';
  override readonly paginator = jsonApiLinks();
}

/** The shape of the shipped Snyk integration without its rate limit, which would pace the benchmark. */
@Integration({
  title: 'Bench',
  config: Config,
  http: { baseUrl: 'https://api.snyk.io/rest', query: { version: '2024-10-15' } },
  streams: [Orgs, Issues],
  entities: [],
})
export class BenchIntegration extends AbstractIntegration<Config> {}
