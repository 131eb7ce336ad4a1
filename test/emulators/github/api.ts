import { ApiError, byCursor, byNumber, type Paged } from './paging.ts';
import type { GithubAccount, GithubAlert, GithubRepository } from './types.ts';
import { type AlertKind, alertsOf, type RepositoryWorld, type World } from './world.ts';

export interface ApiRequest {
  readonly world: World;
  readonly origin: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly apiVersion: string;
  /** The login is an App's installation, not a person. */
  readonly isInstallation: boolean;
}

export interface ApiAnswer {
  readonly body: unknown;
  readonly link?: string | undefined;
}

type Handler = (request: ApiRequest, first: string, second: string) => ApiAnswer;

const KIND = '(dependabot|code-scanning|secret-scanning)/alerts';
/** With names, as documented, and with numbers, as the links of real answers have them. */
const ROUTES: readonly (readonly [RegExp, Handler])[] = [
  [/^\/orgs\/([^/]+)\/repos$/, (request, name) => repositoriesOf(request, org(request, name))],
  [/^\/organizations\/(\d+)\/repos$/, (request, id) => repositoriesOf(request, org(request, id))],
  [/^\/users\/([^/]+)\/repos$/, (request, name) => repositoriesOf(request, person(request, name))],
  [/^\/user\/(\d+)\/repos$/, (request, id) => repositoriesOf(request, person(request, id))],
  [/^\/user\/repos$/, (request) => ownRepositories(request)],
  [/^\/installation\/repositories$/, (request) => installationRepositories(request)],
  [/^\/orgs\/([^/]+)\/members$/, (request, name) => membersOf(request, org(request, name))],
  [/^\/organizations\/(\d+)\/members$/, (request, id) => membersOf(request, org(request, id))],
  [
    new RegExp(`^/repos/([^/]+/[^/]+)/${KIND}$`),
    (request, name, kind) => repositoryAlerts(request, repository(request, name), toKind(kind)),
  ],
  [
    new RegExp(`^/repositories/(\\d+)/${KIND}$`),
    (request, id, kind) => repositoryAlerts(request, repository(request, id), toKind(kind)),
  ],
  [
    new RegExp(`^/orgs/([^/]+)/${KIND}$`),
    (request, name, kind) => orgAlerts(request, org(request, name), toKind(kind)),
  ],
  [
    new RegExp(`^/organizations/(\\d+)/${KIND}$`),
    (request, id, kind) => orgAlerts(request, org(request, id), toKind(kind)),
  ],
];

/** The body of a 200, or an ApiError. */
export function answer(request: ApiRequest): ApiAnswer {
  for (const [pattern, handler] of ROUTES) {
    const match = pattern.exec(decodeURIComponent(request.path));
    if (match !== null) return handler(request, match[1] ?? '', match[2] ?? '');
  }
  throw new ApiError(404, 'Not Found');
}

function org({ world }: ApiRequest, nameOrId: string): GithubAccount {
  const found = world.orgs.find(
    ({ login, id }) => login.toLowerCase() === nameOrId.toLowerCase() || String(id) === nameOrId,
  );
  if (found === undefined) throw new ApiError(404, 'Not Found');
  return found;
}

function person({ world }: ApiRequest, nameOrId: string): GithubAccount {
  if (nameOrId.toLowerCase() === world.user.login || nameOrId === String(world.user.id)) return world.user;
  throw new ApiError(404, 'Not Found');
}

function repository({ world, origin, path }: ApiRequest, nameOrId: string): RepositoryWorld {
  const wanted = nameOrId.toLowerCase();
  const found = world.repositories.find(
    ({ repository: { full_name, id } }) => full_name.toLowerCase() === wanted || String(id) === wanted,
  );
  if (found !== undefined) return found;
  const moved = world.renamed.get(wanted);
  if (moved === undefined) throw new ApiError(404, 'Not Found');
  const rest = path.split('/').slice(4).join('/');
  throw new ApiError(301, 'Moved Permanently', { location: `${origin}/repositories/${moved}/${rest}` });
}

function repositoriesOf(request: ApiRequest, owner: GithubAccount): ApiAnswer {
  const all = request.world.repositories.map((place) => place.repository).filter((item) => item.owner.id === owner.id);
  const path = owner.type === 'User' ? `/user/${owner.id}/repos` : `/organizations/${owner.id}/repos`;
  return listed(byNumber(request.origin, path, request.query, served(request, all)));
}

function ownRepositories(request: ApiRequest): ApiAnswer {
  if (request.isInstallation) throw new ApiError(403, 'Resource not accessible by integration');
  const all = request.world.repositories.map((place) => place.repository);
  return listed(byNumber(request.origin, '/user/repos', request.query, served(request, all)));
}

function installationRepositories(request: ApiRequest): ApiAnswer {
  if (!request.isInstallation)
    throw new ApiError(
      403,
      'You must authenticate with an installation access token in order to list repositories for an installation.',
    );
  const [owner] = request.world.orgs;
  const all = request.world.repositories.map((place) => place.repository).filter((item) => item.owner.id === owner?.id);
  const page = byNumber(request.origin, '/installation/repositories', request.query, served(request, all));
  return { body: { total_count: all.length, repository_selection: 'all', repositories: page.items }, link: page.link };
}

function membersOf(request: ApiRequest, { id, login }: GithubAccount): ApiAnswer {
  const all = request.world.members.get(login) ?? [];
  return listed(byNumber(request.origin, `/organizations/${id}/members`, request.query, all));
}

function repositoryAlerts(request: ApiRequest, place: RepositoryWorld, kind: AlertKind): ApiAnswer {
  const refusal = place.off[kind];
  if (refusal !== undefined) throw new ApiError(refusal.status, refusal.message);
  const all = inOrder(alertsOf(place, kind), request.query).map((alert) => servedAlert(request, alert));
  const path = `/repositories/${place.repository.id}/${kind}/alerts`;
  return listed(pageOf(request, path, kind, kind === 'dependabot', all));
}

/** Alerts of one organisation name their repository, and repositories without the feature are left out. */
function orgAlerts(request: ApiRequest, owner: GithubAccount, kind: AlertKind): ApiAnswer {
  const all = request.world.repositories
    .filter((place) => place.repository.owner.id === owner.id)
    .flatMap((place) => alertsOf(place, kind).map((alert) => ({ ...alert, repository: place.repository })));
  const path = `/organizations/${owner.id}/${kind}/alerts`;
  const items = inOrder(all, request.query).map((alert) => servedAlert(request, alert));
  return listed(pageOf(request, path, kind, true, items));
}

function pageOf<T extends GithubAlert>(
  { origin, query }: ApiRequest,
  path: string,
  kind: AlertKind,
  hasCursor: boolean,
  all: readonly T[],
): Paged<T> {
  if (kind === 'dependabot' && query.has('page')) {
    throw new ApiError(400, 'Pagination using the `page` parameter is not supported.');
  }
  return hasCursor && !query.has('page')
    ? byCursor(origin, path, query, all, keyBy(query))
    : byNumber(origin, path, query, all);
}

/** Newest first by what was asked for; ties by the URL, so that the order is total. */
function inOrder<T extends GithubAlert>(alerts: readonly T[], query: URLSearchParams): readonly T[] {
  const keyOf = keyBy(query);
  const sorted = alerts.toSorted((a, b) => {
    const [[timeA, urlA], [timeB, urlB]] = [keyOf(a), keyOf(b)];
    return compare(timeB, timeA) || compare(urlB, urlA);
  });
  return query.get('direction') === 'asc' ? sorted.toReversed() : sorted;
}

/** An alert that was never touched counts as updated when it was made. */
function keyBy(query: URLSearchParams): (alert: GithubAlert) => readonly [time: string, url: string] {
  const sort = query.get('sort') ?? 'created';
  if (sort !== 'created' && sort !== 'updated') throw new ApiError(422, `Validation Failed: sort is ${sort}`);
  return ({ updated_at, created_at, url }) => [sort === 'updated' ? (updated_at ?? created_at) : created_at, url];
}

/** What 2026-03-10 took away, and the secret unless it was asked for. */
function servedAlert<T extends GithubAlert>({ query, apiVersion }: ApiRequest, alert: T): T {
  const copy: T & { secret?: string; security_advisory?: { cvss?: unknown } } = { ...alert };
  if (query.get('hide_secret') === 'true') delete copy.secret;
  if (apiVersion === '2026-03-10' && copy.security_advisory !== undefined) {
    const { cvss: _gone, ...advisory } = copy.security_advisory;
    copy.security_advisory = advisory;
  }
  return copy;
}

function served({ apiVersion }: ApiRequest, repositories: readonly GithubRepository[]): readonly GithubRepository[] {
  if (apiVersion !== '2026-03-10') return repositories;
  return repositories.map(({ has_downloads: _gone, ...rest }) => rest);
}

function listed(page: Paged<unknown>): ApiAnswer {
  return { body: page.items, link: page.link };
}

function toKind(text: string): AlertKind {
  return text === 'dependabot' || text === 'code-scanning' ? text : 'secret-scanning';
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
