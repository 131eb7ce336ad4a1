import { AbstractIntegration, Check, FullRefresh, Integration, Parser, SassyError } from 'sassy';
import type { CheckContext, Dataset, HttpClient } from 'sassy';
import { CloudResource } from '../_domain/security.ts';
import { Folders } from './folders.ts';
import { CLOUD_ASSET, gcpHttp, STORAGE } from './http.ts';
import {
  bucketId,
  bucketOfPolicy,
  containerId,
  fromAsset,
  fromBucket,
  fromContainer,
  fromSearch,
  msOf,
  refreshed,
} from './mapping.ts';
import {
  type Asset,
  type Bucket,
  type BucketPolicy,
  Config,
  type Container,
  type GcpProject,
  type SearchedResource,
} from './schema.ts';
import {
  Assets,
  AssetScopes,
  BucketPolicies,
  Buckets,
  Organizations,
  Projects,
  Resources,
  searchProjects,
} from './streams.ts';

@Integration({
  title: 'Google Cloud',
  config: Config,
  http: gcpHttp,
  streams: [Organizations, Folders, Projects, AssetScopes, Buckets, BucketPolicies, Assets, Resources],
  entities: [CloudResource],
})
export class GcpIntegration extends AbstractIntegration<Config> {
  @Check('the service account sees its projects (resourcemanager.projects.get)')
  async projects({ config, http }: CheckContext<Config>): Promise<void> {
    const visible = await visibleProjects(config, http);
    const missing = (config.projects ?? []).filter((id) => !visible.includes(id));
    if (missing.length === 0 && visible.length > 0) return;
    throw new SassyError('PERMISSION_DENIED', {
      message: missing.length > 0 ? `Not visible: ${missing.join(', ')}` : 'The service account sees no project',
      why: 'the search gives only those on which it has resourcemanager.projects.get',
      fix: 'grant it roles/browser on the organization, on a folder or on the projects',
    });
  }

  @Check('buckets can be listed (storage.buckets.list)')
  async buckets({ config, http }: CheckContext<Config>): Promise<void> {
    const [project] = await visibleProjects(config, http);
    if (project !== undefined)
      await http.send({ host: STORAGE, path: '/storage/v1/b', query: { project, maxResults: 1 } });
  }

  @Check('assets can be listed (cloudasset.assets.listResource)')
  async assets({ config, http }: CheckContext<Config>): Promise<void> {
    const query = { contentType: 'RESOURCE', pageSize: 1 };
    await http.send({ host: CLOUD_ASSET, path: `/v1/${await firstScope(config, http)}/assets`, query });
  }

  @Check('resources can be searched (cloudasset.assets.searchAllResources)')
  async search({ config, http }: CheckContext<Config>): Promise<void> {
    const path = `/v1/${await firstScope(config, http)}:searchAllResources`;
    await http.send({ host: CLOUD_ASSET, path, query: { pageSize: 1 } });
  }

  /** One resource for each full name. The API of its own service knows most about it, then the snapshot, then the search. */
  @Parser(CloudResource)
  // oxlint-disable-next-line eslint/max-params -- each input of a parser is a parameter
  async *cloudResources(
    @FullRefresh(Organizations) organizations: Dataset<Container>,
    @FullRefresh(Folders) folders: Dataset<Container>,
    @FullRefresh(Projects) projects: Dataset<GcpProject>,
    @FullRefresh(Buckets) buckets: Dataset<Bucket>,
    @FullRefresh(BucketPolicies) policies: Dataset<BucketPolicy>,
    @FullRefresh(Assets) assets: Dataset<Asset>,
    @FullRefresh(Resources) resources: Dataset<SearchedResource>,
  ): AsyncGenerator<CloudResource> {
    const policy = await policies.keyBy(bucketOfPolicy);
    const project = await projects.keyBy('projectId');
    const numberOf = (id: string): string | undefined => project.get(id)?.name.replace('projects/', '');
    for (const containers of [organizations, folders, projects]) {
      for await (const container of containers) yield fromContainer(container);
    }
    for await (const bucket of buckets) yield fromBucket(bucket, policy.get(bucket.name));

    const better = await Promise.all([organizations, folders, projects].map((list) => list.keyBy(containerId)));
    const knownBuckets = await buckets.keyBy(bucketId);
    const isTaken = (id: string): boolean => knownBuckets.has(id) || better.some((known) => known.has(id));
    const listed = await assets.keyBy('name');
    const searched = await resources.keyBy('name');
    const listedTypes = new Set<string>();
    let newestMs = 0;
    for await (const asset of assets) {
      listedTypes.add(asset.assetType);
      newestMs = Math.max(newestMs, msOf(asset.updateTime));
      if (isTaken(asset.name) || !isSame(listed.get(asset.name), asset)) continue;
      yield refreshed(fromAsset(asset, numberOf), searched.get(asset.name));
    }
    for await (const found of resources) {
      // The search never says what was deleted: what a later snapshot of its type does not show is gone.
      const isGone = listedTypes.has(found.assetType) && msOf(found.updateTime) <= newestMs;
      const isAnother = !isSame(searched.get(found.name), found);
      if (!isGone && !isAnother && !isTaken(found.name) && !listed.has(found.name)) yield fromSearch(found, numberOf);
    }
  }
}

/** Two assets may share a name when their types differ (rare); one of them stands for both. */
function isSame(
  kept: { readonly assetType: string } | undefined,
  { assetType }: { readonly assetType: string },
): boolean {
  return kept === undefined || kept.assetType === assetType;
}

async function visibleProjects(config: Config, http: HttpClient): Promise<readonly string[]> {
  const { json } = await http.send(searchProjects(config));
  const projects: unknown = typeof json === 'object' && json !== null && 'projects' in json ? json.projects : [];
  if (!Array.isArray(projects)) return [];
  return projects.flatMap((project: unknown) =>
    typeof project === 'object' && project !== null && 'projectId' in project ? [String(project.projectId)] : [],
  );
}

async function firstScope(config: Config, http: HttpClient): Promise<string> {
  const number = /\d+$/.exec(config.organization ?? '')?.[0];
  return number === undefined
    ? `projects/${(await visibleProjects(config, http))[0] ?? '-'}`
    : `organizations/${number}`;
}
