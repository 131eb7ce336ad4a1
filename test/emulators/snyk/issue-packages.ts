import { microseconds, riskOf, type IssueDetails } from './issue-details.ts';
import { licences, packageFlaws, type PackageFlaw } from './package-catalogue.ts';
import type { SeededRandom } from '../_kit/seeded-random.ts';
import type { SnykCoordinate, SnykProblem, SnykSeverity } from './types.ts';

/** A vulnerability of a package that a project of this type can depend on. */
export function packageDetails(random: SeededRandom, projectType: string, at: number): IssueDetails {
  const fitting = packageFlaws.filter((flaw) => flaw.projectType === projectType);
  const flaw = random.pick(fitting.length > 0 ? fitting : packageFlaws);
  const version = random.pick(flaw.versions);
  const severity = severityOf(flaw.score);
  const details: IssueDetails = {
    coordinates: coordinatesOf(random, flaw, version, at),
    // A policy of the group can move the effective severity away from the score's.
    effective_severity_level: random.chance(0.05) ? 'info' : severity,
    key: `${flaw.id}:${flaw.packageName}:${version}`,
    problems: problemsOf(random, flaw, at),
    risk: riskOf(random, severity, at),
    severities: [
      {
        level: severity,
        modification_time: microseconds(at, random),
        score: flaw.score,
        source: 'Snyk',
        vector: flaw.vector,
        version: '3.1',
      },
    ],
    title: flaw.title,
    tool: `snyk://${flaw.projectType}-deps`,
  };
  if (flaw.cwes.length > 0) details.classes = flaw.cwes.map((id) => ({ id, source: 'CWE', type: 'weakness' }));
  if (flaw.score >= 9) {
    details.exploit_details = {
      maturity_levels: [{ format: 'CVSSv3', level: random.pick(['Proof of Concept', 'High'] as const) }],
      sources: random.chance(0.5) ? ['CISA', 'Snyk'] : ['Snyk'],
    };
  }
  return details;
}

export function licenseDetails(random: SeededRandom, projectType: string): IssueDetails {
  const licence = random.pick(licences);
  const version = `${random.int(0, 4)}.${random.int(0, 12)}.${random.int(0, 9)}`;
  const ecosystem = projectType === '' ? 'npm' : projectType;
  const id = `snyk:lic:${ecosystem}:${licence.packageName}:${licence.id}`;
  return {
    coordinates: [
      {
        is_fixable_manually: false,
        is_fixable_snyk: false,
        is_fixable_upstream: false,
        reachability: 'not-applicable',
        representations: [{ dependency: { package_name: licence.packageName, package_version: version } }],
      },
    ],
    effective_severity_level: licence.severity,
    key: `${id}:${licence.packageName}:${version}`,
    problems: [{ id, source: 'SNYK', type: 'vulnerability' }],
    title: licence.title,
  };
}

function coordinatesOf(random: SeededRandom, flaw: PackageFlaw, version: string, at: number): SnykCoordinate[] {
  const fixable = flaw.fixedIn !== undefined;
  const dependency = { package_name: flaw.packageName, package_version: version };
  const coordinate: SnykCoordinate = {
    is_fixable_manually: false,
    is_fixable_snyk: fixable,
    is_fixable_upstream: fixable,
    is_patchable: false,
    is_pinnable: fixable && flaw.projectType === 'pip',
    is_upgradeable: fixable,
    last_introduced_at: new Date(at - random.int(0, 30) * 86_400_000).toISOString(),
    reachability: random.pick(['function', 'package', 'no-info', 'not-applicable'] as const),
    representations: [{ dependency }],
    state: 'open',
  };
  if (flaw.fixedIn !== undefined) {
    coordinate.remedies = [
      {
        correlation_id: random.uuid(),
        description: `Upgrade ${flaw.packageName} to version ${flaw.fixedIn} or higher.`,
        meta: { data: { upgrade_to: `${flaw.packageName}@${flaw.fixedIn}` }, schema_version: '1.0' },
        type: 'automated',
      },
    ];
  }
  if (random.chance(0.2)) coordinate.representations.push({ resourcePath: `${flaw.packageName}@${version}` });
  return [coordinate];
}

function problemsOf(random: SeededRandom, flaw: PackageFlaw, at: number): SnykProblem[] {
  const problems: SnykProblem[] = [
    {
      disclosed_at: new Date(at - random.int(400, 900) * 86_400_000).toISOString(),
      discovered_at: new Date(at - random.int(400, 900) * 86_400_000).toISOString(),
      id: flaw.id,
      source: 'SNYK',
      type: 'vulnerability',
      updated_at: microseconds(at, random),
      url: `https://security.snyk.io/vuln/${flaw.id}`,
    },
  ];
  if (flaw.cve !== undefined) {
    const url = `https://nvd.nist.gov/vuln/detail/${flaw.cve}`;
    problems.push({ id: flaw.cve, source: 'NVD', type: 'vulnerability', url });
  }
  return problems;
}

function severityOf(score: number): SnykSeverity {
  if (score >= 9) return 'critical';
  if (score >= 7) return 'high';
  return score >= 4 ? 'medium' : 'low';
}
