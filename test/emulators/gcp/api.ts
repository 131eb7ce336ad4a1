import { type ApiCall, list, refuseOff } from './api-call.ts';
import { ApiError } from './api-error.ts';
import { listAssets, searchResources } from './asset-endpoints.ts';

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
  const project = world.places.find(
    (place) => place.project.projectId === id || place.project.name === `projects/${id}`,
  )?.project;
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
