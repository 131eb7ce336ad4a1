import type { SnykEmulatorOptions } from './contract.ts';
import { createIssues, issueHome, type IssueHome } from './issue-data.ts';
import { createGroupMembers, createMembers } from './member-data.ts';
import { createGroups, createOrgs, createTargets } from './org-data.ts';
import { createProjects } from './project-data.ts';
import { SeededRandom } from '../_kit/seeded-random.ts';
import type { SnykGroup, SnykIssue, SnykMembership, SnykOrg, SnykProject, SnykTarget } from './types.ts';

/** One organisation and all it owns; every array is sorted by id. */
export interface OrgWorld {
  readonly org: SnykOrg;
  readonly environments: readonly string[];
  readonly targets: readonly SnykTarget[];
  readonly members: readonly SnykMembership[];
  projects: readonly SnykProject[];
  issues: readonly SnykIssue[];
}

export interface World {
  readonly seed: number;
  readonly groups: readonly SnykGroup[];
  readonly groupMembers: ReadonlyMap<string, readonly SnykMembership[]>;
  /** Whether the token may read groups and members. */
  readonly groupRights: boolean;
  readonly orgs: readonly OrgWorld[];
  /** Ids that were served once: a cursor that stands on one stays good, as with keyset paging in a real database. */
  readonly removedIds: Set<string>;
  /** The present, in ms: later than every `updated_at`. Only changes move it. */
  clock: number;
}

/** Builds the data. Each organisation has random streams of its own, so that counts of one do not change another. */
export function createWorld(options: SnykEmulatorOptions): World {
  const seed = options.seed ?? 1;
  const now = Date.parse(options.now ?? '2026-11-01T00:00:00.000Z');
  if (Number.isNaN(now)) throw new RangeError(`now is not a time: ${options.now}`);
  const groups = createGroups(new SeededRandom(seed, 'groups'));
  const orgs = createOrgs(new SeededRandom(seed, 'orgs'), options.orgs ?? 3, groups, now);
  const worlds = orgs.map((org, index) => createOrgWorld(seed, org, index, options, now));
  return {
    seed,
    groups,
    groupMembers: createGroupMembers(seed, groups, worlds),
    groupRights: options.groupRights ?? true,
    orgs: worlds,
    removedIds: new Set(),
    clock: now,
  };
}

/** What `createIssue` must know about an organisation. */
export function homeOf(world: OrgWorld): IssueHome {
  return issueHome(world.org.id, world.projects, world.environments);
}

/** Where `id` stands, or would stand, in an array that is sorted by id. */
export function lowerBound(items: readonly { readonly id: string }[], id: string): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const item = items[middle];
    if (item !== undefined && item.id < id) low = middle + 1;
    else high = middle;
  }
  return low;
}

function createOrgWorld(
  seed: number,
  org: SnykOrg,
  index: number,
  options: SnykEmulatorOptions,
  now: number,
): OrgWorld {
  const projectCount = countAt(options.projectsPerOrg, index, 20);
  const random = new SeededRandom(seed, org.id, 'environments');
  const targets = createTargets(
    new SeededRandom(seed, org.id, 'targets'),
    org,
    projectCount,
    now,
    options.repositories,
  );
  const world: OrgWorld = {
    org,
    environments: [random.uuid(), random.uuid()],
    targets,
    members: createMembers(seed, org, index, options.membersPerOrg ?? 6, now),
    projects: createProjects(new SeededRandom(seed, org.id, 'projects'), org, targets, projectCount, now),
    issues: [],
  };
  const issueCount = countAt(options.issuesPerOrg, index, 100);
  world.issues = createIssues(new SeededRandom(seed, org.id, 'issues'), homeOf(world), issueCount, now);
  return world;
}

function countAt(counts: number | readonly number[] | undefined, index: number, fallback: number): number {
  if (counts === undefined) return fallback;
  return typeof counts === 'number' ? counts : (counts[index] ?? 0);
}
