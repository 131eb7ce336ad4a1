import type { SnykTruth } from '../emulators/snyk/contract.ts';
import type { SnykIssue, SnykProject } from '../emulators/snyk/types.ts';

/**
 * What the parsers should make of the emulator's own data, written a second time and in another way than the
 * integration does it, so that a slip in one is seen by the other.
 */
export function expectedFinding(issue: SnykIssue) {
  const { attributes, relationships } = issue;
  let status: string = attributes.status;
  if (status === 'open' && attributes.ignored) status = 'ignored';
  const packages = new Set<string>();
  let fixable = false;
  for (const place of attributes.coordinates ?? []) {
    for (const representation of place.representations ?? []) {
      if ('dependency' in representation) {
        const { package_name, package_version } = representation.dependency;
        packages.add(`${package_name}@${package_version}`);
      }
    }
    fixable ||= Object.entries(place).some(([name, value]) => name.startsWith('is_') && value === true);
  }
  return {
    id: issue.id,
    source: 'snyk',
    url: null,
    title: attributes.title,
    kind: attributes.type,
    severity: attributes.effective_severity_level,
    status,
    projectId: relationships.scan_item.data.type === 'project' ? relationships.scan_item.data.id : null,
    orgId: relationships.organization.data.id,
    cves: [...new Set((attributes.problems ?? []).map(({ id }) => id))].filter((id) => id.startsWith('CVE-')),
    cwes: [...new Set((attributes.classes ?? []).map(({ id }) => id))].filter((id) => id.startsWith('CWE-')),
    packages: [...packages],
    fixable,
    riskScore: attributes.risk?.score?.value ?? null,
    createdAt: attributes.created_at,
    updatedAt: attributes.updated_at,
    resolvedAt: attributes.resolution?.resolved_at ?? null,
  };
}

export function expectedProject(project: SnykProject, { orgs, targets }: Pick<SnykTruth, 'orgs' | 'targets'>) {
  const { attributes: a, relationships } = project;
  const orgId = relationships.organization.data.id;
  const org = orgs.find((item) => item.id === orgId);
  const target = targets.find((item) => item.id === relationships.target.data.id);
  const address = target?.attributes.url ?? null;
  return {
    id: project.id,
    source: 'snyk',
    url: org === undefined ? null : ['https://app.snyk.io/org', org.attributes.slug, 'project', project.id].join('/'),
    name: a.name,
    kind: a.type,
    origin: a.origin,
    active: a.status !== 'inactive',
    orgId,
    orgName: org?.attributes.name ?? null,
    file: a.target_file === '' ? null : a.target_file,
    branch: a.target_reference === '' ? null : a.target_reference,
    criticality: a.business_criticality ?? [],
    environment: a.environment ?? [],
    lifecycle: a.lifecycle ?? [],
    tags: Object.fromEntries((a.tags ?? []).map((tag) => [tag.key, tag.value])),
    // Images of a registry have no address.
    repository: address === null ? null : address.replace(/^https?:\/\//, '').replace(/\.git$/, ''),
    createdAt: a.created,
  };
}

/** One for each user, however many memberships there are. */
export function expectedPeople({ orgMemberships, groupMemberships }: SnykTruth) {
  const users = [...orgMemberships, ...groupMemberships].map(({ relationships }) => relationships.user.data);
  const one = new Map(users.map((user) => [user.id, user]));
  return [...one.values()].map(({ id, attributes: { name, email } }) => ({
    id,
    source: 'snyk',
    name,
    email,
    active: true,
    kind: 'user',
  }));
}
