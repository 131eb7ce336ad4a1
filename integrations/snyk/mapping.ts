import { CVE, idsIn, repositoryIn, timeIn } from '../_domain/mapping.ts';
import { type Finding, type Person, type Project, Severity } from '../_domain/security.ts';
import type { Issue, Membership, Org, Representation, SnykProject, Target } from './schema.ts';

const FIXES = [
  'is_fixable_manually',
  'is_fixable_snyk',
  'is_fixable_upstream',
  'is_patchable',
  'is_pinnable',
  'is_upgradeable',
] as const;

/** Where repositories of an import live; self-hosted servers (`github-enterprise`, `gitlab`, …) name their host in a URL. */
const HOSTS: ReadonlyMap<string, string> = new Map([
  ['github', 'github.com'],
  ['github-cloud-app', 'github.com'],
  ['bitbucket-cloud', 'bitbucket.org'],
  ['bitbucket-connect-app', 'bitbucket.org'],
]);

export function toProject(
  { id, attributes, relationships }: SnykProject,
  org: Org | undefined,
  target: Target | undefined,
): Project {
  const a = attributes ?? {};
  const slug = org?.attributes?.slug;
  return {
    id,
    source: 'snyk',
    name: a.name || id,
    kind: a.type || 'project',
    origin: a.origin || 'snyk',
    active: (a.status ?? 'active') === 'active',
    orgId: relationships?.organization?.data?.id ?? null,
    orgName: org?.attributes?.name || null,
    file: a.target_file || null,
    branch: a.target_reference || null,
    criticality: a.business_criticality ?? [],
    environment: a.environment ?? [],
    lifecycle: a.lifecycle ?? [],
    tags: Object.fromEntries((a.tags ?? []).flatMap(({ key, value }) => (key ? [[key, value ?? '']] : []))),
    url: slug ? `https://app.snyk.io/org/${slug}/project/${id}` : null,
    repository: repositoryOf(target) ?? null,
    createdAt: timeIn(a.created) ?? null,
  };
}

export function toFinding({ id, attributes, relationships }: Issue, project: SnykProject | undefined): Finding {
  const item = relationships?.scan_item?.data;
  const coordinates = attributes.coordinates ?? [];
  const updatedAt = timeIn(attributes.updated_at, attributes.created_at) ?? '1970-01-01T00:00:00Z';
  return {
    id,
    source: 'snyk',
    title: attributes.title || attributes.key || id,
    kind: attributes.type || 'issue',
    severity: Severity.safeParse(attributes.effective_severity_level?.toLowerCase()).data ?? 'info',
    status: statusOf(attributes),
    projectId: item?.type === 'project' ? item.id : null,
    projectName: project?.attributes?.name || null,
    orgId: relationships?.organization?.data?.id ?? null,
    cves: idsIn(names(attributes.problems), CVE),
    cwes: idsIn(names(attributes.classes), /\bCWE-\d+\b/),
    packages: [...new Set(coordinates.flatMap((place) => (place?.representations ?? []).flatMap(packageOf)))],
    fixable: coordinates.some((place) => FIXES.some((fix) => place?.[fix] === true)),
    riskScore: attributes.risk?.score?.value ?? null,
    url: null,
    createdAt: timeIn(attributes.created_at) ?? updatedAt,
    updatedAt,
    resolvedAt: timeIn(attributes.resolution?.resolved_at) ?? null,
  };
}

/** Undefined for a membership that names nobody: an invitation, a user that was deleted. */
export function toPerson({ relationships }: Membership): Person | undefined {
  const user = relationships?.user?.data;
  if (!user) return undefined;
  const { name, username, email, active } = user.attributes ?? {};
  return {
    id: user.id,
    source: 'snyk',
    name: name || username || email || user.id,
    email: email || null,
    active: active !== false,
    kind: 'user',
  };
}

/** An ignored issue stays `open` for Snyk until it is resolved; a team wants to see the three apart. */
function statusOf({ status, ignored }: Issue['attributes']): Finding['status'] {
  if (status === 'resolved') return 'resolved';
  return ignored === true ? 'ignored' : 'open';
}

/** By the target's URL, in the words of 2024 or of before; else by its name, where the host is known. */
function repositoryOf(target: Target | undefined): string | undefined {
  const { url, remoteUrl, display_name, displayName, origin } = target?.attributes ?? {};
  const host = HOSTS.get(target?.relationships?.integration?.data?.attributes?.integration_type ?? origin ?? '');
  const name = (display_name || displayName || '').replace(/\(.*$/, '');
  return repositoryIn(url || remoteUrl) ?? (host === undefined ? undefined : repositoryIn(`https://${host}/${name}`));
}

function names(items: readonly ({ readonly id?: string | null | undefined } | null | undefined)[] | null | undefined) {
  return (items ?? []).map((item) => item?.id);
}

/** `name@version` of a package representation; other kinds (source locations, cloud resources) have none. */
function packageOf(representation: Representation): readonly string[] {
  const { package_name: name, package_version: version } = representation?.dependency ?? {};
  return name ? [`${name}@${version || '*'}`] : [];
}
