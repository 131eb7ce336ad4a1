import type { Finding, Project } from '../_domain/security.ts';
import type { Issue, Org, SnykProject } from './schema.ts';

const FIXES = [
  'is_fixable_manually',
  'is_fixable_snyk',
  'is_fixable_upstream',
  'is_patchable',
  'is_pinnable',
  'is_upgradeable',
] as const;

export function toProject({ id, attributes, relationships }: SnykProject, org: Org | undefined): Project {
  return {
    id,
    source: 'snyk',
    name: attributes.name,
    kind: attributes.type,
    origin: attributes.origin,
    active: attributes.status === 'active',
    orgId: relationships.organization.data.id,
    orgName: org?.attributes.name ?? null,
    file: attributes.target_file || null,
    branch: attributes.target_reference || null,
    criticality: attributes.business_criticality ?? [],
    environment: attributes.environment ?? [],
    lifecycle: attributes.lifecycle ?? [],
    tags: Object.fromEntries((attributes.tags ?? []).map(({ key, value }) => [key, value])),
    url: org === undefined ? null : `https://app.snyk.io/org/${org.attributes.slug}/project/${id}`,
    createdAt: attributes.created,
  };
}

export function toFinding({ id, attributes, relationships }: Issue, project: SnykProject | undefined): Finding {
  const { organization, scan_item } = relationships;
  const coordinates = attributes.coordinates ?? [];
  return {
    id,
    source: 'snyk',
    title: attributes.title,
    kind: attributes.type,
    severity: attributes.effective_severity_level,
    status: statusOf(attributes),
    projectId: scan_item.data.type === 'project' ? scan_item.data.id : null,
    projectName: project?.attributes.name ?? null,
    orgId: organization.data.id,
    cves: idsLike(attributes.problems, /^CVE-/),
    cwes: idsLike(attributes.classes, /^CWE-/),
    packages: [...new Set(coordinates.flatMap(({ representations }) => (representations ?? []).flatMap(packageOf)))],
    fixable: coordinates.some((place) => FIXES.some((fix) => place[fix] === true)),
    riskScore: attributes.risk?.score?.value ?? null,
    url: null,
    createdAt: attributes.created_at,
    updatedAt: attributes.updated_at,
    resolvedAt: attributes.resolution?.resolved_at ?? null,
  };
}

/** An ignored issue stays `open` for Snyk until it is resolved; a team wants to see the three apart. */
function statusOf({ status, ignored }: Issue['attributes']): Finding['status'] {
  if (status === 'resolved') return 'resolved';
  return ignored ? 'ignored' : 'open';
}

function idsLike(items: readonly { readonly id: string }[] | undefined, pattern: RegExp): string[] {
  return [...new Set((items ?? []).map(({ id }) => id).filter((id) => pattern.test(id)))];
}

/** `name@version` of a package representation; other kinds (source locations, cloud resources) have none. */
function packageOf(representation: Readonly<Record<string, unknown>>): readonly string[] {
  const { dependency } = representation;
  if (typeof dependency !== 'object' || dependency === null) return [];
  if (!('package_name' in dependency) || !('package_version' in dependency)) return [];
  return [`${String(dependency.package_name)}@${String(dependency.package_version)}`];
}
