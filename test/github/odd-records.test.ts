import { describe, expect, it } from 'vitest';
import { Finding, Person, Project } from '../../integrations/_domain/security.ts';
import {
  fromCodeScanning,
  fromDependabot,
  fromSecretScanning,
  toPerson,
  toProject,
} from '../../integrations/github/mapping.ts';
import {
  CodeScanningAlert,
  DependabotAlert,
  Member,
  Repository,
  SecretScanningAlert,
} from '../../integrations/github/schema.ts';
import { createWorld } from '../emulators/github/world.ts';
import { variantsOf } from '../support/record-variants.ts';

const world = createWorld({ repositoriesPerOrg: 2, alertsPerRepository: 8 });
const repositories = world.repositories.map(({ repository }) => repository);
const alerts = world.repositories;
const lookup = { size: 0, has: () => false, get: () => undefined };

/** Fields without which a record is nobody's. */
const KEYS = /^\/(id|url|login)$|^\/(owner|repository|repository\/owner)\/(id|login)$/;

const CASES: readonly (readonly [
  string,
  readonly unknown[],
  (record: unknown) => unknown,
  { safeParse(value: unknown): { success: boolean } },
])[] = [
  ['repositories', repositories, (record) => toProject(Repository.parse(record)), Project],
  ['members', [...world.members.values()].flat(), (record) => toPerson(Member.parse(record)), Person],
  [
    'dependabot',
    alerts.flatMap((place) => place.dependabot),
    (record) => fromDependabot(DependabotAlert.parse(record), lookup),
    Finding,
  ],
  [
    'code scanning',
    alerts.flatMap((place) => place['code-scanning']),
    (record) => fromCodeScanning(CodeScanningAlert.parse(record), lookup),
    Finding,
  ],
  [
    'secret scanning',
    alerts.flatMap((place) => place['secret-scanning']),
    (record) => fromSecretScanning(SecretScanningAlert.parse(record), lookup),
    Finding,
  ],
];

describe('records that lack something', () => {
  it.each(CASES)('%s: whatever field is null or missing, there is an entity', (_name, records, toEntity, entity) => {
    let tried = 0;
    for (const record of records) {
      for (const variant of variantsOf(record, KEYS)) {
        expect(entity.safeParse(toEntity(variant)).success, JSON.stringify(variant)).toBe(true);
        tried += 1;
      }
    }
    expect(tried).toBeGreaterThan(30);
  });

  it('words that nobody knows yet become the mildest', () => {
    const severity = (rule: object): string =>
      fromCodeScanning(CodeScanningAlert.parse({ url: 'https://api.github.com/x', rule }), lookup).severity;
    expect([severity({ severity: 'recommendation' }), severity({ severity: null }), severity({})]).toEqual([
      'info',
      'info',
      'info',
    ]);
    expect([
      severity({ severity: 'error' }),
      severity({ severity: 'warning' }),
      severity({ severity: 'note' }),
    ]).toEqual(['high', 'medium', 'low']);
    const moderate = fromDependabot(
      DependabotAlert.parse({ url: 'https://x/', security_advisory: { severity: 'moderate' } }),
      lookup,
    );
    expect(moderate).toMatchObject({
      severity: 'medium',
      status: 'open',
      packages: [],
      riskScore: null,
      projectId: null,
    });
  });
});
