import { SeededRandom } from '../snyk/seeded-random.ts';
import { ApiError } from './api-error.ts';
import { listAssets, searchResources } from './asset-endpoints.ts';
import { pageOf, type PageOptions } from './paging.ts';
import type { World } from './world.ts';

/** A request that is logged in. */
export interface ApiCall {
  readonly world: World;
  readonly path: string;
  readonly query: URLSearchParams;
  /** Makes pages short; undefined where they are full. */
  readonly shortBy: SeededRandom | undefined;
}

/** The body of a 200, or an `ApiError` thrown. */
export function answer(call: ApiCall): object {
  const { path } = call;
  if (path === '/v3/organizations:search') return list(call, 'organizations', call.world.organizations, 50);
  if (path === '/v3/folders') return listFolders(call);
  if (path === '/v3/projects:search') return searchProjects(call);
  const organization = call.world.organizations.find(({ name }) => path === `/v3/${name}`);
  if (organization !== undefined) return organization;
  if (path === '/storage/v1/b') return listBuckets(call);
  const [, bucket] = /^\/storage\/v1\/b\/([^/]+)\/iam$/.exec(path) ?? [];
  if (bucket !== undefined) return bucketPolicy(call, decodeURIComponent(bucket));
  const [, parent] = /^\/v1\/([a-z]+\/[^/:]+)\/assets$/.exec(path) ?? [];
  if (parent !== undefined) return listAssets(call, parent);
  const [, scope] = /^\/v1\/([a-z]+\/[^/:]+):searchAllResources$/.exec(path) ?? [];
  if (scope !== undefined) return searchResources(call, scope);
  throw new ApiError(404, 'Method not found.');
}

/** A list without items has no field for them: proto3 JSON leaves out what is empty. */
export function list<T>(call: ApiCall, field: string, items: readonly T[], maxSize: number, page: Partial<PageOptions> = {}): object {
  const { query, shortBy } = call;
  const options = { query, shortBy, sizeName: 'pageSize', defaultSize: Math.min(maxSize, 100), maxSize, same: [call.path], ...page };
  const { items: some, nextPageToken } = pageOf(items, options);
  return { ...(some.length === 0 ? {} : { [field]: some }), ...(nextPageToken === undefined ? {} : { nextPageToken }) };
}

function listFolders(call: ApiCall): object {
  const { world, query } = call;
  const parent = query.get('parent') ?? '';
  const isKnown = [...world.organizations, ...world.folders].some(({ name }) => name === parent);
  if (!isKnown) throw new ApiError(403, 'The caller does not have permission');
  const children = world.folders.filter((folder) => folder.parent === parent);
  return list(call, 'folders', children.toSorted(byDisplayName), 300, { same: [call.path, parent] });
}

function byDisplayName(a: { readonly displayName: string }, b: { readonly displayName: string }): number {
  return a.displayName < b.displayName ? -1 : 1;
}

/** Several fields in a query match any of them. */
function searchProjects(call: ApiCall): object {
  const { world, query } = call;
  const terms = (query.get('query') ?? '').split(/\s+/).filter((term) => term !== '');
  const projects = [...world.places.map(({ project }) => project), ...world.deleted].filter(
    ({ projectId, state }) =>
      terms.length === 0 ||
      terms.some((term) => {
        const [, name = '', value = ''] = /^(\w+)[:=](.+)$/.exec(term) ?? [];
        if (name === 'state') return value.toUpperCase() === state;
        if (name === 'projectId' || name === 'id') return value.toLowerCase() === projectId;
        throw new ApiError(400, `Invalid query: ${term}`);
      }),
  );
  return list(call, 'projects', projects, 500, { same: [call.path, ...terms] });
}

function listBuckets(call: ApiCall): object {
  const { world, query } = call;
  const id = query.get('project');
  const project = world.places.find((place) => place.project.projectId === id || place.project.name === `projects/${id}`)?.project;
  if (project === undefined) throw new ApiError(400, `Unknown project id: ${id}`);
  refuseOff(world, project.projectId);
  const buckets = world.buckets.filter(({ projectNumber }) => project.name === `projects/${projectNumber}`);
  const page = list(call, 'items', buckets, 1000, { sizeName: 'maxResults', same: [call.path, project.projectId] });
  return { kind: 'storage#buckets', ...page };
}

function bucketPolicy({ world }: ApiCall, bucket: string): object {
  const policy = world.policies.find(({ resourceId }) => resourceId === `projects/_/buckets/${bucket}`);
  if (policy === undefined) throw new ApiError(404, 'The specified bucket does not exist.');
  return policy;
}

/** As the services answer for a project that has not switched them on, or whose billing account is closed. */
export function refuseOff(world: World, projectId: string): void {
  const off = world.off.get(projectId);
  if (off === 'billing') {
    const message = 'The billing account for the owning project is disabled in state closed';
    throw new ApiError(403, message, { reason: 'accountDisabled', domain: 'global' });
  }
  if (off === 'service') {
    const message = `The API has not been used in project ${projectId} before or it is disabled. Enable it by visiting https://console.developers.google.com/apis/ then retry.`;
    throw new ApiError(403, message, { reason: 'SERVICE_DISABLED', domain: 'googleapis.com' });
  }
}
