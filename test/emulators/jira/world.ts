import { SeededRandom } from '../_kit/seeded-random.ts';
import type { JiraEmulatorOptions } from './contract.ts';
import { writeDescription, type Written } from './descriptions.ts';

export interface UserData {
  readonly id: string;
  readonly name: string;
  readonly kind: 'atlassian' | 'app' | 'customer';
  readonly email: string | null;
  readonly active: boolean;
}

export interface ProjectData {
  readonly id: string;
  readonly key: string;
  readonly name: string;
  readonly kind: 'software' | 'business' | 'service_desk';
  readonly category: string | null;
}

export interface IssueData {
  readonly id: string;
  readonly project: ProjectData;
  readonly number: number;
  readonly summary: string;
  readonly kind: string;
  readonly status: Status;
  readonly priority: string | null;
  readonly labels: readonly string[];
  readonly assignee: UserData | null;
  readonly description: Written;
  readonly created: number;
  readonly updated: number;
}

interface Status {
  readonly name: string;
  readonly category: 'new' | 'indeterminate' | 'done';
}

export interface World {
  readonly random: SeededRandom;
  readonly projects: readonly ProjectData[];
  users: readonly UserData[];
  /** By id, rising. */
  issues: readonly IssueData[];
  /** The present, in ms: no `updated` is later. Only changes move it. */
  clock: number;
}

const DAY = 86_400_000;
const statuses: readonly Status[] = [
  { name: 'To Do', category: 'new' },
  { name: 'In Progress', category: 'indeterminate' },
  { name: 'Waiting for customer', category: 'indeterminate' },
  { name: 'Done', category: 'done' },
  { name: "Won't fix", category: 'done' },
];

export function createWorld(options: JiraEmulatorOptions): World {
  const seed = options.seed ?? 1;
  const now = Date.parse(options.now ?? '2026-11-01T12:34:56.789Z');
  const projects = Array.from({ length: options.projects ?? 5 }, (_, index) => createProject(seed, index));
  const users = Array.from({ length: options.users ?? 30 }, (_, index) => createUser(seed, index));
  const world: World = { random: new SeededRandom(seed, 'changes'), projects, users, issues: [], clock: now };
  world.issues = Array.from({ length: options.issues ?? 250 }, (_, index) => {
    const random = new SeededRandom(seed, 'issue', index);
    // Some share their time to the millisecond: bulk changes do that.
    const updated = index % 10 === 1 ? now - 5 * DAY : now - random.int(0, 700 * DAY);
    const issue = createIssue(world, random, index, updated);
    return { ...issue, summary: options.summaries?.[index] ?? issue.summary };
  });
  return world;
}

export function createIssue(world: World, random: SeededRandom, index: number, updated: number): IssueData {
  const project = world.projects[index % world.projects.length];
  if (project === undefined) throw new RangeError('an issue needs a project');
  return {
    id: String(20_000 + index),
    project,
    number: Math.floor(index / world.projects.length) + 1,
    summary: `${random.pick(['Rotate', 'Review', 'Закрыть', '更新', 'Fix "quoted"'])} ${random.hex(6)}`,
    kind: random.pick(['Task', 'Bug', 'Story', 'Sub-task', '[System] Service request']),
    status: random.pick(statuses),
    priority: random.pick(['Highest', 'High', 'Medium', 'Low', null]),
    labels: random.sample(['security', 'wiz', 'Q3', 'needs-triage'], random.int(0, 3)),
    assignee: random.chance(0.7) && world.users.length > 0 ? random.pick(world.users) : null,
    description: writeDescription(random),
    created: updated - random.int(0, 90 * DAY),
    updated,
  };
}

/** A later version of an issue, at the world's present. */
export function changedIssue(world: World, issue: IssueData): IssueData {
  const { random } = world;
  const status = random.pick(statuses.filter(({ name }) => name !== issue.status.name));
  const description = random.chance(0.5) ? writeDescription(random) : issue.description;
  return { ...issue, status, description, updated: world.clock };
}

function createProject(seed: number, index: number): ProjectData {
  const random = new SeededRandom(seed, 'project', index);
  return {
    id: String(10_000 + index),
    key: `P${String.fromCharCode(65 + (index % 26))}${index}`,
    name: `Project ${random.hex(4)}`,
    kind: random.pick(['software', 'business', 'service_desk']),
    category: random.chance(0.4) ? 'Security' : null,
  };
}

function createUser(seed: number, index: number): UserData {
  const random = new SeededRandom(seed, 'user', index);
  const kind = random.weighted<UserData['kind']>([
    ['atlassian', 7],
    ['app', 2],
    ['customer', 1],
  ]);
  const email = kind === 'atlassian' && random.chance(0.5) ? `user${index}@example.com` : null;
  const id = random.chance(0.3) ? `${random.int(100_000, 999_999)}:${random.uuid()}` : random.hex(24);
  return { id, name: `User ${index} ${random.hex(4)}`, kind, email, active: random.chance(0.85) };
}
