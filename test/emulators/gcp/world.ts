import { SeededRandom } from '../_kit/seeded-random.ts';
import { assetOf, bucketAsset, bucketOf, type Place, policyOf, projectAsset } from './asset-data.ts';
import type { GcpEmulatorOptions } from './contract.ts';
import type { GcpAsset, GcpBucket, GcpBucketPolicy, GcpContainer, GcpProject } from './types.ts';

const ORGANIZATION = 'organizations/812345678901';

/** Everything in it is replaced, never changed in place, so that what was handed out stays as it was. */
export interface World {
  readonly seed: number;
  /** Milliseconds; moves on with every change. */
  clock: number;
  readonly organizations: readonly GcpContainer[];
  readonly folders: readonly GcpContainer[];
  readonly places: readonly Place[];
  readonly deleted: readonly GcpProject[];
  buckets: GcpBucket[];
  policies: GcpBucketPolicy[];
  /** In the order in which they are listed. */
  assets: GcpAsset[];
  readonly off: Map<string, 'service' | 'billing'>;
  /** Lists of assets by the time they were read at. */
  readonly snapshots: Map<string, readonly GcpAsset[]>;
}

export function createWorld(options: GcpEmulatorOptions): World {
  const { seed = 1, projects = 3, deletedProjects = 1, bucketsPerProject = 10, assetsPerProject = 40 } = options;
  const clock = Date.parse(options.now ?? '2026-11-01T08:00:00Z');
  const random = new SeededRandom(seed, 'world');
  const time = (): string =>
    new Date(clock - random.int(3, 700) * 86_400_000 - random.int(0, 86_399_999)).toISOString();
  const organizations = [container(ORGANIZATION, undefined, 'example.com', time())];
  const folders = folderTree(time);
  const parents = [ORGANIZATION, ...folders.map(({ name }) => name)];
  const places = Array.from({ length: projects }, (_, index): Place => {
    const project = projectOf(index, parents[index % parents.length] ?? ORGANIZATION, 'ACTIVE', time());
    return { project, ancestors: [project.name, ...ancestorsOf(project.parent, folders)] };
  });
  const deleted = Array.from({ length: deletedProjects }, (_, index) =>
    projectOf(projects + index, ORGANIZATION, 'DELETE_REQUESTED', time()),
  );
  const world: World = {
    seed,
    clock,
    organizations,
    folders,
    places,
    deleted,
    buckets: [],
    policies: [],
    assets: [],
    off: new Map(),
    snapshots: new Map(),
  };
  for (const place of places) {
    const buckets = Array.from({ length: bucketsPerProject }, (_, index) => bucketOf(seed, place, index, time()));
    world.buckets.push(...buckets);
    world.policies.push(...buckets.map((bucket) => policyOf(seed, bucket)));
    world.assets.push(projectAsset(place), ...buckets.map((bucket) => bucketAsset(place, bucket)));
    world.assets.push(...Array.from({ length: assetsPerProject }, (_, index) => assetOf(seed, place, index, time())));
  }
  return world;
}

/** Three top folders; the first has two below it, and one of those another one. The others are empty. */
function folderTree(time: () => string): readonly GcpContainer[] {
  const tree = [
    ['folders/101', ORGANIZATION, 'Production'],
    ['folders/102', ORGANIZATION, 'Staging'],
    ['folders/103', ORGANIZATION, 'Sandbox'],
    ['folders/201', 'folders/101', 'Payments'],
    ['folders/202', 'folders/101', 'Web'],
    ['folders/301', 'folders/202', 'Frontend'],
  ] as const;
  return tree.map(([name, parent, displayName]) => container(name, parent, displayName, time()));
}

function container(name: string, parent: string | undefined, displayName: string, time: string): GcpContainer {
  const isOrganization = parent === undefined;
  return {
    name,
    displayName,
    ...(isOrganization ? { directoryCustomerId: 'C01234abc' } : { parent }),
    state: 'ACTIVE',
    createTime: time,
    updateTime: time,
    etag: 'W/"d5b3a"',
  };
}

function projectOf(index: number, parent: string, state: GcpProject['state'], time: string): GcpProject {
  return {
    name: `projects/${100_000_000_000 + index}`,
    parent,
    projectId: `team-${index}-${state === 'ACTIVE' ? 'app' : 'gone'}`,
    state,
    displayName: `Team ${index}`,
    createTime: time,
    updateTime: time,
    ...(state === 'ACTIVE' ? {} : { deleteTime: time }),
    etag: 'maHlFgvVOTHirTtB9RgK5A==',
    ...(index % 2 === 0 ? { labels: { env: 'prod' } } : {}),
  };
}

function ancestorsOf(name: string, folders: readonly GcpContainer[]): readonly string[] {
  const parent = folders.find((folder) => folder.name === name)?.parent;
  return parent === undefined ? [name] : [name, ...ancestorsOf(parent, folders)];
}
