import { codeFlaws, configRules, customRules } from './finding-catalogue.ts';
import { microseconds, riskOf, type IssueDetails } from './issue-details.ts';
import type { SeededRandom } from '../_kit/seeded-random.ts';
import type { SnykCloudResource, SnykCoordinate, SnykRepresentation, SnykSeverity } from './types.ts';

const severities: readonly (readonly [SnykSeverity, number])[] = [
  ['low', 35],
  ['medium', 38],
  ['high', 22],
  ['critical', 5],
];

/** A finding of Snyk Code: no remedies, a place in a file, an asset key that stays the same across branches. */
export function codeDetails(random: SeededRandom, at: number): IssueDetails {
  const flaw = random.pick(codeFlaws);
  const severity = random.weighted(severities);
  const key = random.uuid();
  const line = random.int(1, 400);
  const column = random.int(1, 60);
  const region = {
    end: { column: column + random.int(1, 40), line: line + random.int(0, 6) },
    start: { column, line },
  };
  return {
    classes: flaw.cwes.map((id) => ({ id, source: 'CWE', type: 'weakness' })),
    coordinates: [notFixable([{ sourceLocation: { commit_id: random.hex(40), file: flaw.file, region } }])],
    description: flaw.title,
    effective_severity_level: severity,
    key,
    key_asset: random.uuid(),
    problems: [{ id: key, source: 'SNYK', type: 'vulnerability', updated_at: microseconds(at, random) }],
    risk: riskOf(random, severity, at),
    title: flaw.title,
  };
}

/** A misconfiguration in a file. */
export function configDetails(random: SeededRandom): IssueDetails {
  const rule = random.pick(configRules);
  const coordinate = notFixable([{ resourcePath: rule.path }]);
  coordinate.is_fixable_manually = true;
  coordinate.remedies = [{ description: 'Change the attribute in the module that sets it.', type: 'terraform' }];
  return {
    coordinates: [coordinate],
    effective_severity_level: random.weighted(severities),
    // Keys of findings in files are hashes as long as a SHA-512.
    key: random.hex(128),
    problems: [{ id: rule.id, source: 'SNYK', type: 'rule' }],
    title: rule.title,
  };
}

/** A misconfiguration of something that runs; in a cloud environment when its id is given, else as written in code. */
export function cloudDetails(random: SeededRandom, environmentId: string | undefined): IssueDetails {
  const rule = random.pick(configRules);
  const where: SnykRepresentation =
    environmentId === undefined
      ? { resourcePath: rule.path }
      : { cloud_resource: cloudResource(random, environmentId) };
  const coordinate = notFixable([where]);
  coordinate.remedies = [
    { description: '1. Go to the console\n2. Open the resource\n3. Restrict access', type: 'manual' },
    { description: `${rule.title}.`, type: 'rule_result_message' },
  ];
  return {
    classes: [
      { id: 'data', source: 'snyk-cloud', type: 'rule-category' },
      { id: 'CIS-AWS_v1.4.0_2.1.2', source: 'CIS-AWS_v1.4.0', type: 'compliance' },
      { id: 'HIPAA_§164.306(a)', source: 'HIPAA_v2013', type: 'compliance' },
    ],
    coordinates: [coordinate],
    effective_severity_level: random.weighted(severities),
    key: random.uuid(),
    problems: [{ id: rule.id, source: 'snyk-cloud', type: 'rule' }],
    title: rule.title,
    tool: 'snyk://cloud',
  };
}

/** A finding of the customer's own rule: their words, in their language, often without coordinates. */
export function customDetails(random: SeededRandom): IssueDetails {
  const rule = random.pick(customRules);
  const details: IssueDetails = {
    classes: [{ id: rule.cwe, source: 'CWE', type: 'weakness' }],
    effective_severity_level: random.chance(0.1) ? 'info' : random.weighted(severities),
    key: `${rule.id}:${random.hex(32)}`,
    problems: [{ id: rule.id, source: 'custom', type: 'rule' }],
    title: rule.title,
    tool: 'custom://own-rules',
  };
  if (random.chance(0.5)) details.coordinates = [notFixable([{ resourcePath: `/app/${random.hex(6)}` }])];
  return details;
}

function notFixable(representations: SnykRepresentation[]): SnykCoordinate {
  return { is_fixable_manually: false, is_fixable_snyk: false, is_fixable_upstream: false, representations };
}

function cloudResource(random: SeededRandom, environmentId: string): SnykCloudResource {
  const name = `logs-${random.hex(6)}`;
  return {
    environment: { id: environmentId, name: 'Staging', native_id: '721018433921', type: 'aws' },
    resource: {
      id: random.uuid(),
      input_type: 'cloud_scan',
      location: random.pick(['us-east-1', 'eu-central-1'] as const),
      name,
      native_id: `arn:aws:s3:::${name}`,
      platform: 'aws',
      resource_type: 'aws_s3_bucket',
      tags: { Stage: random.pick(['Prod', 'Test'] as const) },
      type: 'cloud',
    },
  };
}
