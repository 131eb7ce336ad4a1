import type { SnykIssue, SnykProject } from './types.ts';

const counted = ['critical', 'high', 'medium', 'low'] as const;

interface LatestIssueCounts {
  updated_at: string;
  critical: number;
  high: number;
  medium: number;
  low: number;
}

/**
 * Counts what is open and not ignored, by project; `info` has no place in Snyk's counts. One pass over the issues, as a
 * page asks for a hundred projects.
 */
export function countIssues(issues: readonly SnykIssue[]): (project: SnykProject) => LatestIssueCounts {
  const counts = new Map<string, LatestIssueCounts>();
  for (const { attributes, relationships } of issues) {
    const id = relationships.scan_item.data.id;
    const count = counts.get(id) ?? { updated_at: '', critical: 0, high: 0, medium: 0, low: 0 };
    counts.set(id, count);
    if (attributes.updated_at > count.updated_at) count.updated_at = attributes.updated_at;
    const level = counted.find((candidate) => candidate === attributes.effective_severity_level);
    if (level !== undefined && attributes.status === 'open' && !attributes.ignored) count[level] += 1;
  }
  return (project) =>
    counts.get(project.id) ?? { updated_at: project.attributes.created, critical: 0, high: 0, medium: 0, low: 0 };
}
