import type { Lookup } from 'sassy';
import { idsIn, repositoryIn, timeIn } from '../_domain/mapping.ts';
import type { Finding, Person, Project, Severity } from '../_domain/security.ts';
import type { Alert, CodeScanningAlert, DependabotAlert, Member, Repository, SecretScanningAlert } from './schema.ts';

/** Repositories by their full name in lower case. */
export type RepositoryLookup = Lookup<Repository>;

export function toProject(repository: Repository): Project {
  const { owner, custom_properties, topics } = repository;
  return {
    id: String(repository.id),
    source: 'github',
    name: repository.full_name ?? repository.name ?? String(repository.id),
    kind: 'repository',
    origin: 'github',
    active: repository.archived !== true && repository.disabled !== true,
    orgId: owner == null ? null : String(owner.id),
    orgName: owner?.login ?? null,
    file: null,
    branch: repository.default_branch ?? null,
    criticality: [],
    environment: [],
    lifecycle: [],
    tags: {
      ...Object.fromEntries((topics ?? []).map((topic) => [topic, ''])),
      ...Object.fromEntries(
        Object.entries(custom_properties ?? {}).flatMap(([name, value]) =>
          value == null ? [] : [[name, Array.isArray(value) ? value.join(',') : value]],
        ),
      ),
    },
    url: repository.html_url ?? null,
    repository: repositoryIn(repository.html_url) ?? null,
    createdAt: timeIn(repository.created_at) ?? null,
  };
}

export function toPerson({ id, login, name, email, type }: Member): Person {
  return {
    id: String(id),
    source: 'github',
    name: name || login,
    email: email || null,
    active: true,
    kind: (type ?? 'user').toLowerCase(),
  };
}

/** The name by which an alert finds its repository, also where the list did not name it: every alert's URL does. */
function repositoryNameOf({ url, repository }: Alert): string | undefined {
  const inUrl = /\/repos\/([^/]+\/[^/]+)\//.exec(url)?.[1];
  return repository?.full_name ?? (inUrl === undefined ? undefined : decoded(inUrl));
}

export function fromDependabot(alert: DependabotAlert, repositories: RepositoryLookup): Finding {
  const { security_advisory: advisory, security_vulnerability: vulnerability } = alert;
  const name = vulnerability?.package?.name ?? alert.dependency?.package?.name;
  const identifiers = [advisory?.cve_id, ...(advisory?.identifiers ?? []).map(({ value }) => value)];
  return {
    ...common(alert, repositories),
    title: advisory?.summary || advisory?.ghsa_id || `Vulnerability in ${name ?? 'a package'}`,
    kind: 'package_vulnerability',
    severity: severityOf(vulnerability?.severity ?? advisory?.severity),
    status: alert.state === 'fixed' ? 'resolved' : alert.state?.endsWith('dismissed') === true ? 'ignored' : 'open',
    cves: idsIn(identifiers, /^CVE-\d+-\d+$/),
    cwes: idsIn(
      (advisory?.cwes ?? []).map(({ cwe_id }) => cwe_id),
      /^CWE-\d+$/,
    ),
    packages: name == null ? [] : [`${name}@${vulnerability?.vulnerable_version_range || '*'}`],
    fixable: vulnerability?.first_patched_version?.identifier != null,
    riskScore: scoreOf(advisory),
    resolvedAt: timeIn(alert.fixed_at, alert.dismissed_at, alert.auto_dismissed_at) ?? null,
  };
}

export function fromCodeScanning(alert: CodeScanningAlert, repositories: RepositoryLookup): Finding {
  const { rule } = alert;
  const state = alert.state ?? alert.most_recent_instance?.state;
  return {
    ...common(alert, repositories),
    title: rule?.description || rule?.name || rule?.id || 'Code scanning alert',
    kind: 'code',
    severity: severityOf(rule?.security_severity_level ?? rule?.severity),
    status: state === 'dismissed' ? 'ignored' : state === 'fixed' || state === 'closed' ? 'resolved' : 'open',
    // Scanners of images upload one rule for each CVE: https://docs.github.com/en/code-security/code-scanning (SARIF).
    cves: idsIn([rule?.id, rule?.name], /CVE-\d+-\d+/),
    cwes: idsIn(
      (rule?.tags ?? []).map((tag) => tag.replace(/(^|\/)cwe-0*(?=\d)/i, '$1CWE-')),
      /(?<=^|\/)CWE-\d+$/,
    ),
    packages: [],
    fixable: false,
    riskScore: null,
    resolvedAt: timeIn(alert.fixed_at, alert.dismissed_at) ?? null,
  };
}

export function fromSecretScanning(alert: SecretScanningAlert, repositories: RepositoryLookup): Finding {
  const isWaved = /^(false_positive|wont_fix|used_in_tests)$/.test(alert.resolution ?? '');
  return {
    ...common(alert, repositories),
    title: alert.secret_type_display_name || alert.secret_type || 'Secret',
    kind: 'secret',
    // GitHub gives secrets no severity: one that still works is the worst there is.
    severity: alert.validity === 'active' ? 'critical' : 'high',
    status: alert.state !== 'resolved' ? 'open' : isWaved ? 'ignored' : 'resolved',
    cves: [],
    cwes: ['CWE-798'],
    packages: [],
    fixable: false,
    riskScore: null,
    resolvedAt: timeIn(alert.resolved_at) ?? null,
  };
}

function common(alert: Alert, repositories: RepositoryLookup) {
  const name = repositoryNameOf(alert);
  const listed = repositories.get(name?.toLowerCase());
  const owner = listed?.owner ?? alert.repository?.owner;
  const id = listed?.id ?? alert.repository?.id;
  const createdAt = timeIn(alert.created_at, alert.updated_at) ?? '1970-01-01T00:00:00Z';
  return {
    id: alert.url,
    source: 'github',
    projectId: id === undefined ? null : String(id),
    projectName: listed?.full_name ?? name ?? null,
    orgId: owner == null ? null : String(owner.id),
    url: alert.html_url ?? null,
    createdAt,
    updatedAt: timeIn(alert.updated_at) ?? createdAt,
  };
}

/** Words of Dependabot (low … critical, in advisories also moderate) and of rules (none, note, warning, error, null). */
const SEVERITIES: ReadonlyMap<string, Severity> = new Map([
  ['critical', 'critical'],
  ['high', 'high'],
  ['error', 'high'],
  ['medium', 'medium'],
  ['moderate', 'medium'],
  ['warning', 'medium'],
  ['low', 'low'],
  ['note', 'low'],
]);

function severityOf(word: string | null | undefined): Severity {
  return SEVERITIES.get(word?.toLowerCase() ?? '') ?? 'info';
}

/** CVSS, the newest version that has a score; 0 stands for none. `cvss` is gone since 2026-03-10. */
function scoreOf(advisory: DependabotAlert['security_advisory']): number | null {
  const { cvss_severities: both, cvss } = advisory ?? {};
  return both?.cvss_v4?.score || both?.cvss_v3?.score || cvss?.score || null;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
