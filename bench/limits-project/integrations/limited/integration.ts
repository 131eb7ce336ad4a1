import { AbstractIntegration, each, HttpStream, Integration, jsonApiLinks, Stream } from 'sassy';
import type { PageRequest, RateLimit, RequestContext } from 'sassy';
import { z } from 'zod';

const Config = z.object({ baseUrl: z.url() });
type Config = z.infer<typeof Config>;
const Org = z.looseObject({ id: z.string() });
const Issue = z.looseObject({ id: z.string() });

/** What the benchmark declares; nothing where the limit is to be seen in headers. */
const limits: readonly RateLimit[] = JSON.parse(process.env['LIMITS'] ?? '[]');

@Stream({ record: Org, primaryKey: 'id' })
class Orgs extends HttpStream<Config, z.infer<typeof Org>> {
  override request(): PageRequest {
    return { path: '/orgs', query: { limit: 100 } };
  }
  override readonly records = '/data';
  override readonly paginator = jsonApiLinks();
}

@Stream({ record: Issue, primaryKey: 'id', slices: each(Orgs) })
class Issues extends HttpStream<Config, z.infer<typeof Issue>> {
  override request({ slice }: RequestContext<Config>): PageRequest {
    return { path: `/orgs/${slice.org}/issues`, query: { limit: 100 } };
  }
  override readonly records = '/data';
  override readonly paginator = jsonApiLinks();
}

@Integration({
  title: 'Limited',
  config: Config,
  http: { baseUrl: 'https://api.example.com/rest', limits },
  streams: [Orgs, Issues],
  entities: [],
})
export class LimitedIntegration extends AbstractIntegration<Config> {}
