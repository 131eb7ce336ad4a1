import { each, headerAuth, HttpStream, jsonApiLinks, perMinute, Stream } from 'sassy';
import type { HttpSettings, PageRequest, RequestContext } from 'sassy';
import { type Config, Issue, Org, SnykProject } from './schema.ts';

/** https://docs.snyk.io/snyk-api: `version` on every call; 1,620 requests a minute for each key, then 429. */
export const snykHttp: HttpSettings<Config> = {
  baseUrl: 'https://api.snyk.io/rest',
  auth: headerAuth('Authorization', (config: Config) => config.token, { scheme: 'token' }),
  headers: { accept: 'application/vnd.api+json' },
  query: { version: '2024-10-15' },
  limits: [perMinute(1620)],
};

/** What all lists of this API share: `limit` is a multiple of 10 up to 100; records in `data`; the next page in `links`. */
abstract class SnykStream<R> extends HttpStream<Config, R> {
  override readonly records = '/data';
  override readonly paginator = jsonApiLinks();
}

/** The organisations that the token can see. */
@Stream({ record: Org, primaryKey: 'id' })
export class Orgs extends SnykStream<Org> {
  override request(): PageRequest {
    return { path: '/orgs', query: { limit: 100 } };
  }
}

/** Read in full each run: the API has no filter by time for projects. */
@Stream({ record: SnykProject, primaryKey: 'id', slices: each(Orgs) })
export class Projects extends SnykStream<SnykProject> {
  override request({ slice }: RequestContext<Config>): PageRequest {
    return { path: `/orgs/${slice.org}/projects`, query: { limit: 100 } };
  }
}

/** All kinds of issues, open and resolved; only what changed since the last run. */
@Stream({ record: Issue, primaryKey: 'id', cursor: '/attributes/updated_at', slices: each(Orgs) })
export class Issues extends SnykStream<Issue> {
  override request({ slice, since }: RequestContext<Config>): PageRequest {
    return { path: `/orgs/${slice.org}/issues`, query: { limit: 100, updated_after: since } };
  }
}
