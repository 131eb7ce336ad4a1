import { each, headerAuth, HttpStream, jsonApiLinks, perMinute, Stream } from 'sassy';
import type { HttpSettings, PageRequest, RequestContext, Verdict, VerdictRule } from 'sassy';
import { type Config, Group, Issue, Membership, Org, SnykProject, Target } from './schema.ts';

/** https://docs.snyk.io/snyk-api: `version` on every call; 1,620 requests a minute for each key, then 429. */
export const snykHttp: HttpSettings<Config> = {
  baseUrl: 'https://api.snyk.io/rest',
  auth: headerAuth('Authorization', (config: Config) => config.token, { scheme: 'token' }),
  headers: { accept: 'application/vnd.api+json' },
  query: { version: '2024-10-15' },
  limits: [perMinute(1620)],
  verdicts: [otherRegion, leftOut],
};

/** What an ordinary token may not read, or an account has not got: the others go on without it. */
const OPTIONAL: readonly (readonly [path: RegExp, needs: string])[] = [
  [/\/groups$/, 'groups are read with View Groups (group.read), which Group Viewer has'],
  [/\/groups\/[^/]+\/memberships$/, 'members of a group are read with View Group Memberships (group.membership.read)'],
  [/\/orgs\/[^/]+\/memberships$/, 'members are read with View Organization Memberships (org.membership.read)'],
  [/\/orgs\/[^/]+\/targets$/, 'targets are read with View Projects (org.project.read)'],
];

function leftOut(...[{ status }, request]: Parameters<VerdictRule>): Verdict | undefined {
  if ((status !== 403 && status !== 404) || request.continues === true) return undefined;
  const { pathname } = new URL(request.url);
  const needs = OPTIONAL.find(([path]) => path.test(pathname))?.[1];
  return needs === undefined ? undefined : { kind: 'skip', reason: needs };
}

/** A token is good in one region alone, and the others do not know it. */
function otherRegion(...[{ status }]: Parameters<VerdictRule>): Verdict | undefined {
  return status === 401
    ? { kind: 'denied', reason: '(tokens of another region need its baseUrl, e.g. https://api.eu.snyk.io)' }
    : undefined;
}

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

/** An issue that never changed may have the second one alone. */
const CHANGED = ['/attributes/updated_at', '/attributes/created_at'];

/** All kinds of issues, open and resolved; only what changed since the last run. */
@Stream({ record: Issue, primaryKey: 'id', cursor: CHANGED, slices: each(Orgs) })
export class Issues extends SnykStream<Issue> {
  override request({ slice, since }: RequestContext<Config>): PageRequest {
    return { path: `/orgs/${slice.org}/issues`, query: { limit: 100, updated_after: since } };
  }
}

/** What was imported: repositories, images, uploads of the CLI; also those that no project uses any more. */
@Stream({ record: Target, primaryKey: 'id', slices: each(Orgs) })
export class Targets extends SnykStream<Target> {
  override request({ slice }: RequestContext<Config>): PageRequest {
    return { path: `/orgs/${slice.org}/targets`, query: { limit: 100, exclude_empty: false } };
  }
}

/** The groups that the login belongs to. The list has never left beta: general versions do not know it. */
@Stream({ record: Group, primaryKey: 'id' })
export class Groups extends SnykStream<{ id: string }> {
  override request(): PageRequest {
    return { path: '/groups', query: { limit: 100, version: '2024-10-15~beta' } };
  }
}

@Stream({ record: Membership, primaryKey: 'id', slices: each(Orgs) })
export class OrgMemberships extends SnykStream<Membership> {
  override request({ slice }: RequestContext<Config>): PageRequest {
    return { path: `/orgs/${slice.org}/memberships`, query: { limit: 100 } };
  }
}

@Stream({ record: Membership, primaryKey: 'id', slices: each(Groups) })
export class GroupMemberships extends SnykStream<Membership> {
  override request({ slice }: RequestContext<Config>): PageRequest {
    return { path: `/groups/${slice.group}/memberships`, query: { limit: 100 } };
  }
}
