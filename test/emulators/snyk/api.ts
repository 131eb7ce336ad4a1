import { ApiError, errorDocument } from './api-error.ts';
import type { Handler } from './api-request.ts';
import { listIssues } from './issue-endpoint.ts';
import { listGroupMemberships, listOrgMemberships } from './membership-endpoints.ts';
import { getOrg, getSelf, listGroups, listOrgs, listOrgsOfGroup } from './org-endpoints.ts';
import { listProjects } from './project-endpoint.ts';
import { QueryReader } from './query-reader.ts';
import { listTargets } from './target-endpoint.ts';
import type { World } from './world.ts';

interface Route {
  readonly pattern: RegExp;
  /** The version whose behaviour the emulator has, whatever later version is asked for. */
  readonly served: string;
  readonly handler: Handler;
}

const routes: readonly Route[] = [
  { pattern: /^\/self$/, served: '2024-04-22', handler: getSelf },
  // Snyk never brought this one to general availability, but lists it in the document of its general versions.
  { pattern: /^\/groups$/, served: '2023-01-30~beta', handler: listGroups },
  { pattern: /^\/groups\/([^/]+)\/orgs$/, served: '2024-02-28', handler: listOrgsOfGroup },
  { pattern: /^\/groups\/([^/]+)\/memberships$/, served: '2024-08-25', handler: listGroupMemberships },
  { pattern: /^\/orgs$/, served: '2024-02-28', handler: listOrgs },
  { pattern: /^\/orgs\/([^/]+)$/, served: '2023-05-29', handler: getOrg },
  { pattern: /^\/orgs\/([^/]+)\/projects$/, served: '2024-05-31', handler: listProjects },
  { pattern: /^\/orgs\/([^/]+)\/issues$/, served: '2024-01-23', handler: listIssues },
  { pattern: /^\/orgs\/([^/]+)\/targets$/, served: '2024-02-21', handler: listTargets },
  { pattern: /^\/orgs\/([^/]+)\/memberships$/, served: '2024-08-25', handler: listOrgMemberships },
];

const versionPattern = /^(\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01]))(?:~(?:beta|experimental))?$/;
const oldestVersion = '2024-01-01';

interface ApiCall {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly authorization: string | undefined;
  readonly requestId: string;
}

interface ApiAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: object;
}

/** What Snyk would answer; never throws for what a client sent. */
export function answer(world: World, token: string, call: ApiCall): ApiAnswer {
  const headers: Record<string, string> = {};
  try {
    return { status: 200, headers, body: handle(world, token, call, headers) };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return { status: error.status, headers, body: errorDocument(error, call.requestId) };
  }
}

/** Fills `headers` as far as it comes, as errors carry them too. */
function handle(world: World, token: string, call: ApiCall, headers: Record<string, string>): object {
  const path = /^\/rest(\/.*)$/.exec(call.path)?.[1];
  if (path === undefined) throw new ApiError(404, 'The requested resource was not found.');
  checkToken(token, call.authorization);
  const route = routes.find((candidate) => candidate.pattern.test(path));
  if (route === undefined) throw new ApiError(404, 'The requested resource was not found.');
  if (call.method !== 'GET') {
    headers['allow'] = 'GET';
    throw new ApiError(405, 'The endpoint does not support the request method.');
  }
  const query = new QueryReader(call.query);
  headers['snyk-version-requested'] = checkedVersion(query.text('version'));
  headers['snyk-version-served'] = route.served;
  headers['snyk-version-lifecycle-stage'] = route.served.split('~')[1] ?? 'ga';
  const pathId = decoded(route.pattern.exec(path)?.[1] ?? '');
  return route.handler({ world, path, pathId, rawQuery: call.query, query });
}

function checkToken(token: string, authorization: string | undefined): void {
  const [, sent] = /^(?:token|bearer) +(.+)$/i.exec(authorization ?? '') ?? [];
  if (sent !== token) {
    throw new ApiError(401, 'Authentication credentials not recognized, or user access is not provisioned.');
  }
}

function checkedVersion(version: string | undefined): string {
  if (version === undefined) throw new ApiError(400, 'The version query parameter is required.', 'version');
  const [, date] = versionPattern.exec(version) ?? [];
  if (date === undefined) throw new ApiError(400, 'The version must have the form YYYY-MM-DD.', 'version');
  if (date < oldestVersion) throw new ApiError(404, 'The endpoint does not exist in the requested version.');
  return version;
}

/** A path that is not valid percent-encoding names nothing; it must not end the server. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
