import { ApiError } from './api-error.ts';
import { type ApiCall, list, refuseOff } from './api-call.ts';
import { searchResultOf } from './asset-data.ts';
import type { GcpAsset, GcpSearchResult } from './types.ts';
import type { World } from './world.ts';

const MONTH_MS = 35 * 86_400_000;

/** https://cloud.google.com/asset-inventory/docs/reference/rest/v1/assets/list */
export function listAssets(call: ApiCall, parent: string): object {
  const { world, query } = call;
  const inside = scopeOf(world, parent);
  const contentType = query.get('contentType') ?? '';
  const asked = query.get('readTime');
  const readTime = asked ?? new Date(world.clock).toISOString();
  const age = world.clock - Date.parse(readTime);
  if (!(age >= 0 && age <= MONTH_MS)) throw new ApiError(400, 'read_time must be within the last 35 days.');
  const snapshot = world.snapshots.get(readTime) ?? world.assets;
  // A first page that asks for no time takes a new picture; a later one that pins none sees whatever is there by then.
  if (asked === null && !query.has('pageToken')) world.snapshots.set(readTime, world.assets);
  const wanted = typesIn(query);
  const assets = snapshot
    .filter((asset) => inside(asset.ancestors) && wanted(asset.assetType))
    .map((asset) => (contentType === 'RESOURCE' ? asset : { ...asset, resource: undefined }));
  return {
    readTime,
    ...list(call, 'assets', assets, 1000, { same: [call.path, contentType, ...query.getAll('assetTypes')] }),
  };
}

/** https://cloud.google.com/asset-inventory/docs/reference/rest/v1/TopLevel/searchAllResources */
export function searchResources(call: ApiCall, scope: string): object {
  const { world, query } = call;
  const inside = scopeOf(world, scope);
  const wanted = typesIn(query);
  const matches = filterOf(query.get('query') ?? '');
  const order = query.get('orderBy') ?? '';
  if (order !== '' && order !== 'updateTime') throw new ApiError(400, 'order_by is not supported by the emulator.');
  const found = world.assets
    .filter((asset: GcpAsset) => inside(asset.ancestors) && wanted(asset.assetType))
    .map(searchResultOf)
    .filter(matches);
  if (order !== '') found.sort((a, b) => ((a.updateTime ?? '') < (b.updateTime ?? '') ? -1 : 1));
  const same = [call.path, query.get('query') ?? '', order, query.get('pageSize') ?? '', ...query.getAll('assetTypes')];
  return list(call, 'results', found, 500, { same });
}

function scopeOf(world: World, scope: string): (ancestors: readonly string[]) => boolean {
  const place = world.places.find(({ project }) => project.name === scope || `projects/${project.projectId}` === scope);
  if (place !== undefined) {
    refuseOff(world, place.project.projectId);
    return (ancestors) => ancestors[0] === place.project.name;
  }
  const isKnown = [...world.organizations, ...world.folders].some(({ name }) => name === scope);
  if (!isKnown) throw new ApiError(403, 'The caller does not have permission');
  return (ancestors) => ancestors.includes(scope);
}

function typesIn(query: URLSearchParams): (type: string) => boolean {
  const patterns = query.getAll('assetTypes').map((pattern) => new RegExp(`^(?:${pattern})$`));
  return (type) => patterns.length === 0 || patterns.some((pattern) => pattern.test(type));
}

/** Nothing, or one comparison of the update time: a resource without one never matches it. */
function filterOf(query: string): (result: GcpSearchResult) => boolean {
  if (query === '') return () => true;
  const [, operator, text = ''] = /^updateTime\s*(>=|>|<=|<)\s*"([^"]+)"$/.exec(query) ?? [];
  const limit = Date.parse(text);
  if (operator === undefined || Number.isNaN(limit)) throw new ApiError(400, 'Request contains an invalid argument.');
  return ({ updateTime }) => {
    if (updateTime === undefined) return false;
    const time = Date.parse(updateTime);
    if (operator.startsWith('>')) return time > limit || (operator === '>=' && time === limit);
    return time < limit || (operator === '<=' && time === limit);
  };
}
