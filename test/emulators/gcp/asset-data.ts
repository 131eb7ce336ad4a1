import { SeededRandom } from '../_kit/seeded-random.ts';
import type { GcpAsset, GcpBucket, GcpBucketPolicy, GcpProject, GcpSearchResult } from './types.ts';

const locations = ['us-central1', 'europe-north1', 'us-east1', 'asia-southeast1'] as const;
const kinds = ['instance', 'disk', 'dataset', 'account', 'cluster'] as const;
const teams = ['payments', 'web', 'data', 'プラットフォーム'] as const;

/** What is fixed about an asset's place. */
export interface Place {
  readonly project: GcpProject;
  /** From the project up to the organization. */
  readonly ancestors: readonly string[];
}

export function bucketOf(seed: number, { project }: Place, index: number, time: string): GcpBucket {
  const random = new SeededRandom(seed, 'bucket', project.projectId, index);
  const name = `${project.projectId}-${random.pick(['logs', 'media', 'state', 'backup'])}-${index}`;
  const uniform = random.chance(0.6);
  return {
    kind: 'storage#bucket',
    selfLink: `https://www.googleapis.com/storage/v1/b/${name}`,
    id: name,
    name,
    projectNumber: project.name.slice('projects/'.length),
    metageneration: '1',
    location: random.pick([...locations, 'us', 'eu']).toUpperCase(),
    locationType: 'region',
    storageClass: 'STANDARD',
    etag: 'CAE=',
    timeCreated: project.createTime,
    updated: time,
    iamConfiguration: {
      bucketPolicyOnly: { enabled: uniform },
      uniformBucketLevelAccess: { enabled: uniform },
      // Buckets that were made before 2021 may have none.
      ...(random.chance(0.8)
        ? { publicAccessPrevention: random.pick(['enforced', 'inherited', 'inherited'] as const) }
        : {}),
    },
    ...(random.chance(0.5) ? { labels: { team: random.pick(teams) } } : {}),
    ...(random.chance(0.2)
      ? { encryption: { defaultKmsKeyName: `projects/${project.projectId}/locations/us/keyRings/ring/cryptoKeys/key` } }
      : {}),
  };
}

export function policyOf(seed: number, bucket: GcpBucket): GcpBucketPolicy {
  const random = new SeededRandom(seed, 'policy', bucket.name);
  const anyone = random.weighted([
    [undefined, 6],
    ['allUsers', 2],
    ['allAuthenticatedUsers', 1],
  ] as const);
  return {
    kind: 'storage#policy',
    resourceId: `projects/_/buckets/${bucket.name}`,
    version: 1,
    etag: 'CAE=',
    bindings: [
      { role: 'roles/storage.legacyBucketOwner', members: [`projectOwner:${bucket.projectNumber}`] },
      ...(anyone === undefined
        ? []
        : [{ role: 'roles/storage.objectViewer', members: ['user:a@example.com', anyone] }]),
    ],
  };
}

export function bucketAsset({ ancestors }: Place, bucket: GcpBucket): GcpAsset {
  return {
    name: `//storage.googleapis.com/${bucket.name}`,
    assetType: 'storage.googleapis.com/Bucket',
    resource: {
      version: 'v1',
      discoveryName: 'Bucket',
      parent: `//cloudresourcemanager.googleapis.com/${ancestors[0] ?? ''}`,
      location: bucket.location.toLowerCase(),
      data: { ...bucket },
    },
    ancestors: [...ancestors],
    updateTime: bucket.updated,
  };
}

export function projectAsset({ project, ancestors }: Place): GcpAsset {
  return {
    name: `//cloudresourcemanager.googleapis.com/${project.name}`,
    assetType: 'cloudresourcemanager.googleapis.com/Project',
    resource: {
      version: 'v1',
      discoveryName: 'Project',
      parent: `//cloudresourcemanager.googleapis.com/${project.parent}`,
      data: {
        projectId: project.projectId,
        name: project.displayName,
        lifecycleState: project.state,
        labels: project.labels,
      },
    },
    ancestors: [...ancestors],
    updateTime: project.updateTime,
  };
}

/** One of several kinds; each names its time, place and labels in its own way, as the services do. */
export function assetOf(seed: number, place: Place, index: number, time: string): GcpAsset {
  const random = new SeededRandom(seed, 'asset', place.project.projectId, index);
  const { projectId, createTime } = place.project;
  const kind = kinds[index % kinds.length] ?? 'disk';
  const location = random.pick(locations);
  const labels = random.chance(0.7) ? { labels: { team: random.pick(teams), index: String(index) } } : {};
  const compute = `projects/${projectId}/zones/${location}-b`;
  const made = {
    instance: {
      name: `//compute.googleapis.com/${compute}/instances/vm-${index}`,
      assetType: 'compute.googleapis.com/Instance',
      location: `${location}-b`,
      data: {
        name: `vm-${index}`,
        creationTimestamp: '2024-08-20T07:10:07.148-07:00',
        zone: `https://www.googleapis.com/compute/v1/${compute}`,
        id: String(9_007_199_254_740_993n + BigInt(index)),
        ...labels,
      },
    },
    disk: {
      name: `//compute.googleapis.com/${compute}/disks/disk-${index}`,
      assetType: 'compute.googleapis.com/Disk',
      location: `${location}-b`,
      data: { name: `disk-${index}`, creationTimestamp: '2024-08-09T14:33:31.102-07:00', sizeGb: '10', ...labels },
    },
    dataset: {
      name: `//bigquery.googleapis.com/projects/${projectId}/datasets/set_${index}`,
      assetType: 'bigquery.googleapis.com/Dataset',
      location: undefined,
      data: { id: `${projectId}:set_${index}`, location: 'EU', creationTime: '1540220016171', ...labels },
    },
    account: {
      name: `//iam.googleapis.com/projects/${projectId}/serviceAccounts/1000${index}`,
      assetType: 'iam.googleapis.com/ServiceAccount',
      location: 'global',
      data: {
        name: `projects/${projectId}/serviceAccounts/sa-${index}@${projectId}.iam.gserviceaccount.com`,
        displayName: '',
      },
    },
    cluster: {
      name: `//container.googleapis.com/projects/${projectId}/locations/${location}/clusters/c-${index}`,
      assetType: 'container.googleapis.com/Cluster',
      location,
      data: { name: `c-${index}`, createTime, resourceLabels: {}, status: 'RUNNING' },
    },
  }[kind];
  return {
    name: made.name,
    assetType: made.assetType,
    resource: {
      version: 'v1',
      discoveryName: kind,
      parent: `//cloudresourcemanager.googleapis.com/${place.project.name}`,
      ...(made.location === undefined ? {} : { location: made.location }),
      data: made.data,
    },
    ancestors: [...place.ancestors],
    updateTime: time,
  };
}

/** The same resource as the search knows it: whole seconds, no data; service accounts have no update time there. */
export function searchResultOf({ name, assetType, resource, ancestors, updateTime }: GcpAsset): GcpSearchResult {
  const { data, location, parent } = resource;
  const labels = data['labels'] as Record<string, string> | undefined;
  const folders = ancestors.filter((ancestor) => ancestor.startsWith('folders/'));
  return {
    name,
    assetType,
    project: ancestors[0] ?? '',
    ...(folders.length === 0 ? {} : { folders }),
    organization: ancestors.at(-1) ?? '',
    displayName: name.slice(name.lastIndexOf('/') + 1),
    ...(location === undefined ? {} : { location }),
    ...(labels === undefined ? {} : { labels }),
    ...(assetType.startsWith('iam.') ? {} : { updateTime: `${updateTime.slice(0, 19)}Z` }),
    parentFullResourceName: parent,
    parentAssetType: 'cloudresourcemanager.googleapis.com/Project',
  };
}
