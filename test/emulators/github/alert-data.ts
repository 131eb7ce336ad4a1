import type { SeededRandom } from '../_kit/seeded-random.ts';
import { ADVISORIES, RULES, SECRETS } from './catalogue.ts';
import type {
  GithubAccount,
  GithubCodeScanningAlert,
  GithubDependabotAlert,
  GithubRepository,
  GithubSecretScanningAlert,
} from './types.ts';

const LEVELS = ['low', 'medium', 'high', 'critical'] as const;
const DAY_MS = 86_400_000;

/** Where and when an alert is made: its times lie between `from` and `now`. */
export interface AlertPlace {
  readonly repository: GithubRepository;
  readonly person: GithubAccount;
  readonly number: number;
  readonly now: number;
  readonly from: number;
}

/** To the second, as GitHub has it. */
export function secondsTime(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d{3}Z$/, 'Z');
}

function timesOf(random: SeededRandom, { from, now }: AlertPlace): { created: number; updated: number } {
  const created = from === now ? now : random.int(from, now - DAY_MS);
  return { created, updated: from === now ? now : random.int(created, now - 1_000) };
}

/** The fields that all kinds share: the number counts within a repository and a kind. */
function base(kind: string, { repository, number }: AlertPlace, created: number) {
  return {
    number,
    url: `${repository.url}/${kind}/alerts/${number}`,
    html_url: `${repository.html_url}/security/${kind}/${number}`,
    created_at: secondsTime(created),
  };
}

export function createDependabotAlert(random: SeededRandom, place: AlertPlace): GithubDependabotAlert {
  const { created, updated } = timesOf(random, place);
  const advisory = random.pick(ADVISORIES);
  const severity = random.pick(LEVELS);
  const score = { low: 2.1, medium: 5.3, high: 7.5, critical: 9.8 }[severity];
  const vulnerability = {
    package: { ecosystem: advisory.ecosystem, name: advisory.pkg },
    severity,
    vulnerable_version_range: `< ${random.int(1, 9)}.${random.int(0, 20)}.${random.int(0, 9)}`,
    first_patched_version: random.chance(0.8) ? { identifier: `${random.int(1, 9)}.0.0` } : null,
  };
  const state = random.weighted([
    ['open', 5],
    ['fixed', 3],
    ['dismissed', 1],
    ['auto_dismissed', 1],
  ] as const);
  const at = secondsTime(updated);
  const v3 = { vector_string: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N', score };
  return {
    ...base('dependabot', place, created),
    state,
    updated_at: at,
    dependency: {
      package: vulnerability.package,
      manifest_path: 'package-lock.json',
      scope: random.pick(['runtime', 'development', null]),
      ...(random.chance(0.5) ? { relationship: 'direct' } : {}),
    },
    security_advisory: {
      ghsa_id: advisory.ghsa,
      cve_id: advisory.cve,
      summary: advisory.summary,
      description: `### Impact\n${advisory.summary}`,
      severity,
      identifiers: [
        { value: advisory.ghsa, type: 'GHSA' },
        ...(advisory.cve === null ? [] : [{ value: advisory.cve, type: 'CVE' as const }]),
      ],
      references: [{ url: `https://github.com/advisories/${advisory.ghsa}` }],
      published_at: secondsTime(place.from),
      updated_at: secondsTime(place.from),
      withdrawn_at: null,
      vulnerabilities: [vulnerability],
      cvss: v3,
      cvss_severities: {
        cvss_v3: v3,
        cvss_v4: random.chance(0.5)
          ? { vector_string: null, score: 0 }
          : { vector_string: 'CVSS:4.0/AV:N', score: 8.7 },
      },
      cwes: [{ cwe_id: advisory.cwe, name: 'A weakness' }],
    },
    security_vulnerability: vulnerability,
    dismissed_at: state === 'dismissed' ? at : null,
    dismissed_by: state === 'dismissed' ? place.person : null,
    dismissed_reason: state === 'dismissed' ? 'tolerable_risk' : null,
    dismissed_comment: null,
    fixed_at: state === 'fixed' ? at : null,
    auto_dismissed_at: state === 'auto_dismissed' ? at : null,
  };
}

export function createCodeScanningAlert(random: SeededRandom, place: AlertPlace): GithubCodeScanningAlert {
  const { created, updated } = timesOf(random, place);
  const { level, id, description, severity, tags } = random.pick(RULES);
  const state = random.weighted([
    ['open', 5],
    ['fixed', 3],
    ['dismissed', 2],
  ] as const);
  const untouched = state === 'open' && random.chance(0.3);
  const at = secondsTime(updated);
  const shared = base('code-scanning', place, created);
  return {
    ...shared,
    ...(untouched ? {} : { updated_at: at }),
    state,
    instances_url: `${shared.url}/instances`,
    fixed_at: state === 'fixed' ? at : null,
    dismissed_at: state === 'dismissed' ? at : null,
    dismissed_by: state === 'dismissed' ? place.person : null,
    dismissed_reason: state === 'dismissed' ? 'false positive' : null,
    dismissed_comment: null,
    rule: {
      id,
      name: id ?? '',
      description,
      severity,
      tags,
      ...(level === undefined ? {} : { security_severity_level: level }),
    },
    tool: { name: 'CodeQL', guid: null, version: '2.24.0' },
    most_recent_instance: {
      ref: 'refs/heads/main',
      analysis_key: 'dynamic/github-code-scanning/codeql:analyze',
      state,
      commit_sha: random.hex(40),
      message: { text: 'This path depends on a user-provided value.' },
      location: { path: `src/${random.hex(6)}.ts`, start_line: 1, end_line: 2, start_column: 1, end_column: 9 },
      classifications: [],
    },
  };
}

export function createSecretScanningAlert(random: SeededRandom, place: AlertPlace): GithubSecretScanningAlert {
  const { created, updated } = timesOf(random, place);
  const secret = random.pick(SECRETS);
  const state = random.weighted([
    ['open', 5],
    ['resolved', 5],
  ] as const);
  const at = secondsTime(updated);
  const resolutions = ['revoked', 'false_positive', 'wont_fix', 'used_in_tests', 'pattern_deleted'] as const;
  const shared = base('secret-scanning', place, created);
  return {
    ...shared,
    updated_at: state === 'open' && random.chance(0.4) ? null : at,
    state,
    locations_url: `${shared.url}/locations`,
    resolution: state === 'resolved' ? random.pick(resolutions) : null,
    resolved_at: state === 'resolved' ? at : null,
    resolved_by: state === 'resolved' ? place.person : null,
    secret_type: secret.type,
    secret_type_display_name: secret.name,
    secret: `canary_${random.hex(24)}`,
    validity: random.pick(['active', 'inactive', 'unknown']),
    publicly_leaked: random.pick([true, false, null]),
  };
}
