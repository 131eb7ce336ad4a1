/** The resources of the APIs, as far as the emulator serves them. */

export interface GcpContainer {
  /** `organizations/1`, `folders/2` */
  name: string;
  displayName: string;
  /** Absent on organizations. */
  parent?: string;
  directoryCustomerId?: string;
  state: string;
  createTime: string;
  updateTime: string;
  etag: string;
}

export interface GcpProject {
  name: string;
  parent: string;
  projectId: string;
  state: 'ACTIVE' | 'DELETE_REQUESTED';
  displayName: string;
  createTime: string;
  updateTime: string;
  deleteTime?: string;
  etag: string;
  labels?: Record<string, string>;
}

export interface GcpBucket {
  kind: 'storage#bucket';
  id: string;
  name: string;
  selfLink: string;
  projectNumber: string;
  metageneration: string;
  location: string;
  locationType: string;
  storageClass: string;
  etag: string;
  timeCreated: string;
  updated: string;
  iamConfiguration: {
    bucketPolicyOnly: { enabled: boolean };
    uniformBucketLevelAccess: { enabled: boolean };
    publicAccessPrevention?: 'enforced' | 'inherited';
  };
  labels?: Record<string, string>;
  encryption?: { defaultKmsKeyName: string };
  billing?: { requesterPays: boolean };
}

export interface GcpBucketPolicy {
  kind: 'storage#policy';
  resourceId: string;
  version: number;
  etag: string;
  bindings: { role: string; members: string[]; condition?: { title: string; expression: string } }[];
}

export interface GcpAsset {
  name: string;
  assetType: string;
  resource: {
    version: string;
    discoveryName: string;
    parent: string;
    location?: string;
    data: Record<string, unknown>;
  };
  ancestors: string[];
  updateTime: string;
}

export interface GcpSearchResult {
  name: string;
  assetType: string;
  project: string;
  folders?: string[];
  organization: string;
  displayName: string;
  location?: string;
  labels?: Record<string, string>;
  kmsKeys?: string[];
  createTime?: string;
  /** Absent for types that keep none. */
  updateTime?: string;
  state?: string;
  parentFullResourceName: string;
  parentAssetType: string;
}
