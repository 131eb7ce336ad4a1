import type { GithubTruth } from '../emulators/github/github-emulator.ts';
import type {
  GithubAlert,
  GithubCodeScanningAlert,
  GithubDependabotAlert,
  GithubRepository,
  GithubSecretScanningAlert,
} from '../emulators/github/types.ts';

// What the parsers should make of the emulator's own data, written a second time and in another way than the
// integration does it, so that a slip in one is seen by the other.

export function expectedProject(repository: GithubRepository) {
  const tags: Record<string, string> = {};
  for (const topic of repository.topics ?? []) tags[topic] = '';
  for (const [name, value] of Object.entries(repository.custom_properties ?? {})) {
    if (value !== null) tags[name] = [value].flat().join(',');
  }
  return {
    id: `${repository.id}`,
    source: 'github',
    name: repository.full_name,
    kind: 'repository',
    origin: 'github',
    active: !repository.archived,
    orgId: `${repository.owner.id}`,
    orgName: repository.owner.login,
    file: null,
    branch: repository.default_branch,
    criticality: [],
    environment: [],
    lifecycle: [],
    tags,
    url: repository.html_url,
    repository: `github.com/${repository.full_name.toLowerCase()}`,
    createdAt: repository.created_at,
  };
}

export function expectedPeople(truth: GithubTruth) {
  return Object.values(truth.members)
    .flat()
    .map(({ id, login, type }) => ({
      id: `${id}`,
      source: 'github',
      name: login,
      email: null,
      active: true,
      kind: { User: 'user', Bot: 'bot', Organization: 'organization' }[type],
    }));
}

export function expectedFindings(truth: GithubTruth) {
  return [
    ...truth.dependabotAlerts.map((alert) => ({ ...place(truth, alert), ...dependabot(alert) })),
    ...truth.codeScanningAlerts.map((alert) => ({ ...place(truth, alert), ...code(alert) })),
    ...truth.secretScanningAlerts.map((alert) => ({ ...place(truth, alert), ...secret(alert) })),
  ];
}

function place(truth: GithubTruth, alert: GithubAlert) {
  const repository = truth.repositories.find(({ url }) => alert.url.startsWith(`${url}/`));
  return {
    id: alert.url,
    source: 'github',
    projectId: `${repository?.id}`,
    projectName: repository?.full_name,
    orgId: `${repository?.owner.id}`,
    url: alert.html_url,
    createdAt: alert.created_at,
    updatedAt: alert.updated_at ?? alert.created_at,
  };
}

function dependabot(alert: GithubDependabotAlert) {
  const { security_advisory: advisory, security_vulnerability: vulnerability } = alert;
  const v4 = advisory.cvss_severities.cvss_v4?.score ?? 0;
  return {
    title: advisory.summary,
    kind: 'package_vulnerability',
    severity: vulnerability.severity,
    status: { open: 'open', fixed: 'resolved', dismissed: 'ignored', auto_dismissed: 'ignored' }[alert.state],
    cves: advisory.cve_id === null ? [] : [advisory.cve_id],
    cwes: advisory.cwes.map(({ cwe_id }) => cwe_id),
    packages: [`${alert.dependency.package.name}@${vulnerability.vulnerable_version_range}`],
    fixable: vulnerability.first_patched_version !== null,
    riskScore: v4 > 0 ? v4 : (advisory.cvss_severities.cvss_v3?.score ?? null),
    resolvedAt: alert.fixed_at ?? alert.dismissed_at ?? alert.auto_dismissed_at,
  };
}

function code({ rule, ...alert }: GithubCodeScanningAlert) {
  const bySeverity = { error: 'high', warning: 'medium', note: 'low', none: 'info' };
  const cwes = new Set(
    (rule.tags ?? [])
      .filter((tag) => tag.startsWith('external/cwe/'))
      .map((tag) => `CWE-${Number(tag.split('-').pop())}`),
  );
  return {
    title: rule.description,
    kind: 'code',
    severity: rule.security_severity_level ?? (rule.severity === null ? 'info' : bySeverity[rule.severity]),
    status: { open: 'open', fixed: 'resolved', dismissed: 'ignored' }[alert.state],
    cves: rule.id?.startsWith('CVE-') === true ? [rule.id] : [],
    cwes: [...cwes],
    packages: [],
    fixable: false,
    riskScore: null,
    resolvedAt: alert.fixed_at ?? alert.dismissed_at,
  };
}

function secret(alert: GithubSecretScanningAlert) {
  const isWaved = ['false_positive', 'wont_fix', 'used_in_tests'].includes(alert.resolution ?? '');
  return {
    title: alert.secret_type_display_name,
    kind: 'secret',
    severity: alert.validity === 'active' ? 'critical' : 'high',
    status: alert.state === 'open' ? 'open' : isWaved ? 'ignored' : 'resolved',
    cves: [],
    cwes: ['CWE-798'],
    packages: [],
    fixable: false,
    riskScore: null,
    resolvedAt: alert.resolved_at,
  };
}
