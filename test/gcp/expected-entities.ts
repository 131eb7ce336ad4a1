import type { GcpAsset, GcpBucket, GcpContainer, GcpProject, GcpTruth } from '../emulators/gcp/gcp-emulator.ts';

/**
 * What the parser should make of the emulator's own data, written a second time and in another way than the integration
 * does it, so that a slip in one is seen by the other.
 */
export function expectedResources(truth: GcpTruth): readonly { readonly id: string }[] {
  const active = truth.projects.filter(({ state }) => state === 'ACTIVE');
  return [
    ...truth.organizations.map((item) => expectedContainer(item, 'Organization')),
    ...truth.folders.map((item) => expectedContainer(item, 'Folder')),
    ...active.map(expectedProject),
    ...truth.buckets.map((bucket) => expectedBucket(bucket, truth)),
    ...truth.assets.filter(({ assetType }) => !/\/(Bucket|Project)$/.test(assetType)).map(expectedAsset),
  ];
}

const nothing = { source: 'gcp', region: null, isPublic: null, isEncrypted: null, accountId: null, tags: {} };

function expectedContainer(item: GcpContainer, kind: string) {
  return {
    ...nothing,
    id: `//cloudresourcemanager.googleapis.com/${item.name}`,
    name: item.displayName,
    kind: `cloudresourcemanager.googleapis.com/${kind}`,
    createdAt: item.createTime,
    updatedAt: item.updateTime,
  };
}

function expectedProject(project: GcpProject) {
  return {
    ...nothing,
    id: `//cloudresourcemanager.googleapis.com/${project.name}`,
    name: project.displayName,
    kind: 'cloudresourcemanager.googleapis.com/Project',
    accountId: project.name.split('/')[1],
    tags: project.labels ?? {},
    createdAt: project.createTime,
    updatedAt: project.updateTime,
  };
}

function expectedBucket(bucket: GcpBucket, { policies }: GcpTruth) {
  const policy = policies.find(({ resourceId }) => resourceId === `projects/_/buckets/${bucket.name}`);
  const members = policy?.bindings.flatMap((binding) => binding.members) ?? [];
  const isOpen = members.includes('allUsers') || members.includes('allAuthenticatedUsers');
  return {
    ...nothing,
    id: `//storage.googleapis.com/${bucket.name}`,
    name: bucket.name,
    kind: 'storage.googleapis.com/Bucket',
    accountId: bucket.projectNumber,
    region: bucket.location.toLowerCase(),
    isPublic: bucket.iamConfiguration.publicAccessPrevention !== 'enforced' && isOpen,
    isEncrypted: true,
    tags: bucket.labels ?? {},
    createdAt: bucket.timeCreated,
    updatedAt: bucket.updated,
  };
}

/** How each kind of asset names itself, its place and its beginning. */
function expectedAsset({ name, assetType, ancestors, updateTime, resource }: GcpAsset) {
  const { data, location = null } = resource;
  const by: Record<string, { name: unknown; region: unknown; createdAt: unknown }> = {
    'compute.googleapis.com/Instance': {
      name: data['name'],
      region: location?.slice(0, -2),
      createdAt: data['creationTimestamp'],
    },
    'compute.googleapis.com/Disk': {
      name: data['name'],
      region: location?.slice(0, -2),
      createdAt: data['creationTimestamp'],
    },
    'bigquery.googleapis.com/Dataset': {
      name: name.split('/').at(-1),
      region: 'eu',
      createdAt: '2018-10-22T14:53:36.171Z',
    },
    'iam.googleapis.com/ServiceAccount': {
      name: String(data['name']).split('/').at(-1),
      region: 'global',
      createdAt: null,
    },
    'container.googleapis.com/Cluster': { name: data['name'], region: location, createdAt: data['createTime'] },
  };
  const labels = data['labels'];
  return {
    ...nothing,
    id: name,
    kind: assetType,
    accountId: ancestors[0]?.split('/')[1],
    ...(typeof labels === 'object' && labels !== null ? { tags: { ...labels } } : {}),
    updatedAt: updateTime,
    ...by[assetType],
  };
}
