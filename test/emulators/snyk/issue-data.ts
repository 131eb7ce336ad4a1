import { codeDetails, cloudDetails, configDetails, customDetails } from './issue-findings.ts';
import { licenseDetails, packageDetails } from './issue-packages.ts';
import type { IssueDetails } from './issue-details.ts';
import { byId } from './org-data.ts';
import type { SeededRandom } from '../_kit/seeded-random.ts';
import type { SnykIssue, SnykIssueType, SnykProject } from './types.ts';

/** One organisation as the issues see it. */
export interface IssueHome {
  readonly orgId: string;
  /** Projects that can show an issue of a type; all of them where none is of the right kind. */
  readonly projects: ReadonlyMap<SnykIssueType, readonly SnykProject[]>;
  /** Cloud environments: scan items that are no projects. */
  readonly environments: readonly string[];
}

/** Where an issue was found. */
type ScanItem =
  | { readonly type: 'project'; readonly id: string; readonly projectType: string }
  | { readonly type: 'environment'; readonly id: string };

const typeWeights: readonly (readonly [SnykIssueType, number])[] = [
  ['package_vulnerability', 50],
  ['code', 20],
  ['license', 8],
  ['cloud', 8],
  ['config', 8],
  ['custom', 6],
];

/** Which projects show which issues; a custom issue can be anywhere. */
const projectTypes: Readonly<Record<SnykIssueType, readonly string[]>> = {
  package_vulnerability: ['npm', 'maven', 'pip', 'dockerfile'],
  license: ['npm', 'maven', 'pip'],
  code: ['sast'],
  config: ['terraformconfig'],
  cloud: ['terraformconfig'],
  custom: [],
};

/** Sorts the projects once for all issues of an organisation. */
export function issueHome(orgId: string, projects: readonly SnykProject[], environments: readonly string[]): IssueHome {
  const byType = typeWeights.map(([type]) => {
    const fitting = projects.filter((project) => projectTypes[type].includes(project.attributes.type));
    return [type, fitting.length > 0 ? fitting : projects] as const;
  });
  return { orgId, projects: new Map(byType), environments };
}

const dayMs = 86_400_000;
const twoYearsMs = 730 * dayMs;

/** Issues of two years, sorted by id; `now` is later than all of them. */
export function createIssues(random: SeededRandom, home: IssueHome, count: number, now: number): SnykIssue[] {
  // Findings of one test run share their time, so that cursors by time meet ties, some of them across pages.
  const runs = Array.from({ length: 12 }, () => now - random.int(1, twoYearsMs));
  const issues: SnykIssue[] = [];
  for (let index = 0; index < count; index += 1) {
    const updatedAt = random.chance(0.3) ? random.pick(runs) : now - random.int(1, twoYearsMs);
    const createdAt = random.chance(0.2) ? updatedAt : updatedAt - random.int(1, 400 * dayMs);
    const issue = createIssue(random, home, createdAt, updatedAt);
    if (random.chance(0.28)) resolve(issue, random);
    if (random.chance(0.12)) ignore(issue, random);
    issues.push(issue);
  }
  return issues.sort(byId);
}

/** An open issue of any type. */
export function createIssue(random: SeededRandom, home: IssueHome, createdAt: number, updatedAt: number): SnykIssue {
  // Without projects only what lies in cloud environments can be found.
  const type = home.projects.get('custom')?.length === 0 ? 'cloud' : random.weighted(typeWeights);
  const item = scanItemFor(random, home, type);
  const details = detailsOf(random, type, item, updatedAt);
  const created = new Date(createdAt).toISOString();
  return {
    id: random.uuid(),
    type: 'issue',
    attributes: {
      ...(details.classes ? { classes: details.classes } : {}),
      ...(details.coordinates ? { coordinates: details.coordinates } : {}),
      created_at: created,
      ...(details.description === undefined ? {} : { description: details.description }),
      effective_severity_level: details.effective_severity_level,
      ...(details.exploit_details ? { exploit_details: details.exploit_details } : {}),
      ignored: false,
      key: details.key,
      ...(details.key_asset === undefined ? {} : { key_asset: details.key_asset }),
      ...(details.problems ? { problems: details.problems } : {}),
      ...(details.risk ? { risk: details.risk } : {}),
      ...(details.severities ? { severities: details.severities } : {}),
      status: 'open',
      title: details.title,
      ...(details.tool === undefined ? {} : { tool: details.tool }),
      type,
      updated_at: new Date(updatedAt).toISOString(),
    },
    relationships: relationshipsOf(random, home.orgId, item),
  };
}

export function resolve(issue: SnykIssue, random: SeededRandom): void {
  const at = issue.attributes.updated_at;
  issue.attributes.status = 'resolved';
  issue.attributes.resolution =
    issue.attributes.type === 'cloud'
      ? { details: 'rule_passed', resolved_at: at, type: 'fixed' }
      : { resolved_at: at, type: random.chance(0.7) ? 'fixed' : 'disappeared' };
}

export function reopen(issue: SnykIssue): void {
  issue.attributes.status = 'open';
  delete issue.attributes.resolution;
}

export function ignore(issue: SnykIssue, random: SeededRandom): void {
  issue.attributes.ignored = true;
  issue.relationships.ignore = { data: { id: random.uuid(), type: 'ignore' } };
}

export function unignore(issue: SnykIssue): void {
  issue.attributes.ignored = false;
  delete issue.relationships.ignore;
}

function scanItemFor(random: SeededRandom, home: IssueHome, type: SnykIssueType): ScanItem {
  const projects = home.projects.get(type) ?? [];
  if (projects.length === 0 || (type === 'cloud' && random.chance(0.6))) {
    return { type: 'environment', id: random.pick(home.environments) };
  }
  const project = random.pick(projects);
  return { type: 'project', id: project.id, projectType: project.attributes.type };
}

function detailsOf(random: SeededRandom, type: SnykIssueType, item: ScanItem, at: number): IssueDetails {
  const projectType = item.type === 'project' ? item.projectType : '';
  if (type === 'package_vulnerability') return packageDetails(random, projectType, at);
  if (type === 'license') return licenseDetails(random, projectType);
  if (type === 'code') return codeDetails(random, at);
  if (type === 'cloud') return cloudDetails(random, item.type === 'environment' ? item.id : undefined);
  return type === 'config' ? configDetails(random) : customDetails(random);
}

function relationshipsOf(random: SeededRandom, orgId: string, item: ScanItem): SnykIssue['relationships'] {
  const relationships: SnykIssue['relationships'] = {
    organization: { data: { id: orgId, type: 'organization' }, links: { related: `/orgs/${orgId}` } },
    scan_item: {
      data: { id: item.id, type: item.type },
      links: { related: `/orgs/${orgId}/${item.type}s/${item.id}` },
    },
  };
  if (random.chance(0.4)) {
    relationships.test_executions = {
      data: Array.from({ length: random.int(1, 3) }, () => ({ id: random.uuid(), type: 'test-workflow-execution' })),
    };
  }
  return relationships;
}
