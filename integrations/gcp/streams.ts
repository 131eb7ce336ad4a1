import { each, HttpStream, optionalRecordsAt, Stream } from 'sassy';
import type { PageRequest, RequestContext } from 'sassy';
import { CLOUD_ASSET, pageTokens, pinnedSnapshot, STORAGE } from './http.ts';
import { Asset, Bucket, BucketPolicy, type Config, Container, GcpProject, SearchedResource } from './schema.ts';

abstract class GcpStream<R> extends HttpStream<Config, R> {
  override readonly paginator = pageTokens;
}

/** The organizations that the service account can see; a page without any has no `organizations`. */
@Stream({ record: Container, primaryKey: 'name' })
export class Organizations extends GcpStream<Container> {
  override request(): PageRequest {
    return { path: '/v3/organizations:search', query: { pageSize: 50 } };
  }
  override readonly records = optionalRecordsAt('/organizations');
}

/** Active projects at any depth. Those that wait for their deletion are left out by the query: nothing in them is readable. */
@Stream({ record: GcpProject, primaryKey: 'name' })
export class Projects extends GcpStream<GcpProject> {
  override request({ config }: RequestContext<Config>): PageRequest {
    return searchProjects(config);
  }
  override readonly records = optionalRecordsAt('/projects');
}

/** What Cloud Asset is asked about: the organization where the config names one, else each project. */
@Stream({ record: Container, primaryKey: 'name' })
export class AssetScopes extends GcpStream<Container> {
  override request({ config }: RequestContext<Config>): PageRequest {
    const number = /\d+$/.exec(config.organization ?? '')?.[0];
    return number === undefined ? searchProjects(config) : { path: `/v3/organizations/${number}` };
  }
  override readonly records = (body: unknown): readonly unknown[] => {
    const isOrganization = typeof body === 'object' && body !== null && 'name' in body;
    return isOrganization ? [body] : optionalRecordsAt('/projects')(body);
  };
}

/** https://cloud.google.com/storage/docs/json_api/v1/buckets/list: no filter by time, so read in full each run. */
@Stream({ record: Bucket, primaryKey: 'name', slices: each(Projects, { key: '/projectId', as: 'project' }) })
export class Buckets extends GcpStream<Bucket> {
  override request({ slice }: RequestContext<Config, 'project'>): PageRequest {
    const query = { project: slice.project, maxResults: 1000, projection: 'noAcl' };
    return { host: STORAGE, path: '/storage/v1/b', query };
  }
  override readonly records = optionalRecordsAt('/items');
}

/** Who may do what with a bucket; version 3 is the only one that also tells bindings with conditions. */
@Stream({ record: BucketPolicy, primaryKey: 'resourceId', slices: each(Buckets, { key: '/name', as: 'bucket' }) })
export class BucketPolicies extends GcpStream<BucketPolicy> {
  override request({ slice }: RequestContext<Config, 'bucket'>): PageRequest {
    const path = `/storage/v1/b/${encodeURIComponent(slice.bucket)}/iam`;
    return { host: STORAGE, path, query: { optionsRequestedPolicyVersion: 3 } };
  }
  override readonly records = (body: unknown): readonly unknown[] => [body];
}

/** Everything there is, as one snapshot: the complete picture, with what was deleted gone from it. */
@Stream({ record: Asset, primaryKey: ['name', 'assetType'], slices: each(AssetScopes, { key: '/name', as: 'scope' }) })
export class Assets extends HttpStream<Config, Asset> {
  override request({ config, slice }: RequestContext<Config, 'scope'>): PageRequest {
    const path = `/v1/${slice.scope}/assets${typesQuery(config)}`;
    return { host: CLOUD_ASSET, path, query: { contentType: 'RESOURCE', pageSize: 1000 } };
  }
  override readonly records = optionalRecordsAt('/assets');
  override readonly paginator = pinnedSnapshot;
}

/**
 * What changed since the last run. Updates are found "in minutes", so each run looks an hour back. Resources of types that
 * keep no update time are found by `Assets` alone: a query by time does not match them.
 */
@Stream({
  record: SearchedResource,
  primaryKey: ['name', 'assetType'],
  cursor: 'updateTime',
  lookBack: '1h',
  slices: each(AssetScopes, { key: '/name', as: 'scope' }),
})
export class Resources extends GcpStream<SearchedResource> {
  override request({ config, slice, since = '1970-01-01T00:00:00Z' }: RequestContext<Config, 'scope'>): PageRequest {
    const path = `/v1/${slice.scope}:searchAllResources${typesQuery(config)}`;
    const query = { query: `updateTime>"${since}"`, orderBy: 'updateTime', pageSize: 500 };
    return { host: CLOUD_ASSET, path, query };
  }
  override readonly records = optionalRecordsAt('/results');
}

/** Several fields in one query match any of them: https://cloud.google.com/resource-manager/reference/rest/v3/projects/search */
export function searchProjects({ projects = [] }: Config): PageRequest {
  const query = projects.length === 0 ? 'state:ACTIVE' : projects.map((id) => `projectId:${id}`).join(' ');
  return { path: '/v3/projects:search', query: { query, pageSize: 500 } };
}

function typesQuery({ assetTypes = [] }: Config): string {
  return assetTypes.length === 0
    ? ''
    : `?${assetTypes.map((type) => `assetTypes=${encodeURIComponent(type)}`).join('&')}`;
}
