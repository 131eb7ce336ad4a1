import type { CloudResource } from '../_domain/security.ts';
import type { Asset, Bucket, BucketPolicy, Container, GcpProject, SearchedResource } from './schema.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Who is meant by these is anyone: https://cloud.google.com/iam/docs/principals-overview */
const ANYONE = new Set(['allUsers', 'allAuthenticatedUsers']);

const CONTAINER_KINDS = { organizations: 'Organization', folders: 'Folder', projects: 'Project' } as const;

/** The full name by which Cloud Asset knows an organization, a folder or a project. */
export function containerId({ name }: Container): string {
  return `//cloudresourcemanager.googleapis.com/${name}`;
}

export function fromContainer(container: Container | GcpProject): CloudResource {
  const { name, displayName, labels, createTime, updateTime } = container;
  const number = name.slice(name.indexOf('/') + 1);
  const kind = name.startsWith('projects/') ? 'projects' : name.startsWith('folders/') ? 'folders' : 'organizations';
  const projectId = 'projectId' in container ? String(container.projectId) : number;
  return {
    id: containerId(container),
    source: 'gcp',
    name: displayName || projectId,
    kind: `cloudresourcemanager.googleapis.com/${CONTAINER_KINDS[kind]}`,
    accountId: kind === 'projects' ? number : null,
    region: null,
    isPublic: null,
    isEncrypted: null,
    tags: tagsOf(labels),
    createdAt: instantOf(createTime),
    updatedAt: instantOf(updateTime),
  };
}

export function bucketId({ name }: Bucket): string {
  return `//storage.googleapis.com/${name}`;
}

/** `projects/_/buckets/<name>`; what stands in place of `_` is not relied on. */
export function bucketOfPolicy({ resourceId }: BucketPolicy): string {
  return lastPart(resourceId);
}

export function fromBucket(bucket: Bucket, policy: BucketPolicy | undefined): CloudResource {
  return {
    id: bucketId(bucket),
    source: 'gcp',
    name: bucket.name,
    kind: 'storage.googleapis.com/Bucket',
    accountId: bucket.projectNumber || null,
    region: regionOf(bucket.location),
    isPublic: isPublic(bucket, policy),
    // Nothing in Cloud Storage is ever stored in the clear: https://cloud.google.com/storage/docs/encryption
    isEncrypted: true,
    tags: tagsOf(bucket.labels),
    createdAt: instantOf(bucket.timeCreated),
    updatedAt: instantOf(bucket.updated),
  };
}

/**
 * Whether anyone may read or list it. Prevention beats every grant; its value `inherited` says nothing about the
 * organization's policy. Without the IAM policy only the lists of access tell, and only that it is public.
 */
function isPublic({ iamConfiguration, acl }: Bucket, policy: BucketPolicy | undefined): boolean | null {
  if (iamConfiguration?.publicAccessPrevention === 'enforced') return false;
  if (policy !== undefined) {
    return (policy.bindings ?? []).some(({ members }) => (members ?? []).some((member) => ANYONE.has(member)));
  }
  const listsCount = iamConfiguration?.uniformBucketLevelAccess?.enabled !== true;
  return listsCount && (acl ?? []).some(({ entity }) => ANYONE.has(entity ?? '')) ? true : null;
}

/** `numberOf` gives the number of a project by its id, where it is known. */
export function fromAsset(asset: Asset, numberOf: (projectId: string) => string | undefined): CloudResource {
  const data = asset.resource?.data ?? {};
  const metadata = isObject(data['metadata']) ? data['metadata'] : {};
  const project = projectIn(asset.ancestors?.[0]) ?? projectIn(asset.resource?.parent) ?? projectIn(asset.name);
  return {
    id: asset.name,
    source: 'gcp',
    name: lastPart(firstText(data['name'], metadata['name'], data['displayName']) ?? '') || lastPart(asset.name),
    kind: asset.assetType,
    accountId: project === undefined ? null : (numberOf(project) ?? project),
    region: regionOf(
      firstText(asset.resource?.location, data['location'], data['region'], data['zone'], data['gceZone']),
    ),
    isPublic: null,
    isEncrypted: asset.assetType === 'storage.googleapis.com/Bucket' ? true : null,
    tags: tagsOf(data['labels'] ?? metadata['labels']),
    createdAt: firstInstant(
      data['timeCreated'],
      data['createTime'],
      data['creationTimestamp'],
      data['creationTime'],
      metadata['creationTimestamp'],
    ),
    updatedAt: firstInstant(asset.updateTime, data['updated'], data['updateTime'], data['lastModifiedTime']),
  };
}

export function fromSearch(
  found: SearchedResource,
  numberOf: (projectId: string) => string | undefined,
): CloudResource {
  const project = projectIn(found.project) ?? projectIn(found.name);
  return {
    id: found.name,
    source: 'gcp',
    name: found.displayName || lastPart(found.name),
    kind: found.assetType,
    accountId: project === undefined ? null : (numberOf(project) ?? project),
    region: regionOf(found.location),
    isPublic: null,
    isEncrypted: (found.kmsKeys ?? []).length > 0 || found.assetType === 'storage.googleapis.com/Bucket' ? true : null,
    tags: tagsOf(found.labels),
    createdAt: instantOf(found.createTime),
    updatedAt: instantOf(found.updateTime),
  };
}

/** A snapshot's resource with what the search has found out since: it is read more often. Its times are whole seconds. */
export function refreshed(listed: CloudResource, found: SearchedResource | undefined): CloudResource {
  if (found === undefined || msOf(found.updateTime) <= msOf(listed.updatedAt)) return listed;
  const region = regionOf(found.location) ?? listed.region;
  return { ...listed, region, tags: tagsOf(found.labels), updatedAt: instantOf(found.updateTime) };
}

/** 0 for what is no time. */
export function msOf(instant: string | null | undefined): number {
  return Date.parse(instant ?? '') || 0;
}

/** `projects/1042` in a full or relative name: the project's number or id. */
function projectIn(name: string | null | undefined): string | undefined {
  return /(?:^|\/)projects\/([^/]+)/.exec(name ?? '')?.[1];
}

/** Locations come as `US-EAST1`, `us-east1-b`, `projects/p/locations/us-east1` and as URLs of zones. */
function regionOf(location: string | null | undefined): string | null {
  const place = lastPart(location ?? '').toLowerCase();
  return place.replace(/^([a-z]+-[a-z]+\d+)-[a-z]$/, '$1') || null;
}

function lastPart(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1);
}

function tagsOf(labels: unknown): Record<string, string> {
  if (!isObject(labels)) return {};
  return Object.fromEntries(
    Object.entries(labels).flatMap(([key, value]) => (typeof value === 'string' ? [[key, value]] : [])),
  );
}

function firstText(...values: readonly unknown[]): string | undefined {
  return values.find((value): value is string => typeof value === 'string' && value !== '');
}

function firstInstant(...values: readonly unknown[]): string | null {
  return values.map(instantOf).find((instant) => instant !== null) ?? null;
}

/** RFC 3339 as it is; BigQuery has milliseconds since 1970 in place of it; anything else is no time. */
function instantOf(value: unknown): string | null {
  if (typeof value !== 'string') return null;
  if (/^\d{12,14}$/.test(value)) return new Date(Number(value)).toISOString();
  const isInstant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(value);
  return isInstant && !Number.isNaN(Date.parse(value)) ? value : null;
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
