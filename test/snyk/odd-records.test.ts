import { describe, expect, it } from 'vitest';
import { Finding, Person, Project } from '../../integrations/_domain/security.ts';
import { toFinding, toPerson, toProject } from '../../integrations/snyk/mapping.ts';
import { Issue, Membership, Org, SnykProject, Target } from '../../integrations/snyk/schema.ts';
import { createWorld } from '../emulators/snyk/world.ts';
import { variantsOf } from '../support/record-variants.ts';

const { orgs, groupMembers } = createWorld({ orgs: 2, issuesPerOrg: 30, projectsPerOrg: 4 });

/** Ids; where the cursor lies. */
const KEYS = /^\/id$|\/data\/id$|^\/attributes$/;

const CASES: readonly (readonly [
  string,
  readonly unknown[],
  (record: unknown) => unknown,
  { safeParse(value: unknown): { success: boolean } },
])[] = [
  ['issues', orgs.flatMap(({ issues }) => issues), (record) => toFinding(Issue.parse(record), undefined), Finding],
  [
    'projects',
    orgs.flatMap(({ projects }) => projects),
    (record) => toProject(SnykProject.parse(record), undefined, undefined),
    Project,
  ],
  [
    'organisations',
    orgs.map(({ org }) => org),
    (record) => toProject(SnykProject.parse({ id: 'p' }), Org.parse(record), undefined),
    Project,
  ],
  [
    'targets',
    orgs.flatMap(({ targets }) => targets),
    (record) => toProject(SnykProject.parse({ id: 'p' }), undefined, Target.parse(record)),
    Project,
  ],
  [
    'members',
    [...groupMembers.values()].flat(),
    (record) => toPerson(Membership.parse(record)) ?? { id: 'nobody' },
    Person.partial(),
  ],
];

describe('records that lack something', () => {
  it.each(CASES)('%s: whatever field is null or missing, there is an entity', (_name, records, toEntity, schema) => {
    let tried = 0;
    for (const record of records) {
      for (const variant of variantsOf(record, KEYS)) {
        expect(schema.safeParse(toEntity(variant)).success, JSON.stringify(variant)).toBe(true);
        tried += 1;
      }
    }
    expect(tried).toBeGreaterThan(10);
  });
});

/** Forms that reports of Snyk's clients show: written by hand, after them. */
describe('odd records', () => {
  const at = '2025-01-02T03:04:05Z';
  const finding = (attributes: object, relationships: object = {}) =>
    Finding.parse(
      toFinding(Issue.parse({ id: 'i', attributes: { updated_at: at, ...attributes }, relationships }), undefined),
    );

  it('an issue of which only the id and the time are there', () => {
    expect(finding({})).toMatchObject({ title: 'i', severity: 'info', status: 'open', createdAt: at, projectId: null });
  });

  it.each([
    ['High', 'high'],
    ['none', 'info'],
    [null, 'info'],
  ])('severity %s is %s', (level, severity) =>
    expect(finding({ effective_severity_level: level })).toMatchObject({ severity }),
  );

  it('problems: CVEs of any source, each once, also in lower case; null among them', () => {
    const problems = [
      { id: 'SNYK-JS-DEBUG-1', source: 'SNYK' },
      { id: 'CVE-2025-7783', source: 'NVD' },
      { id: 'cve-2025-7783' },
      null,
      { id: null },
    ];
    expect(finding({ problems }).cves).toEqual(['CVE-2025-7783']);
  });

  it('representations of all kinds, and none', () => {
    const representations = [
      { dependency: { package_name: 'git/git-man', package_version: '1:2.30.2-1' } },
      { dependency: { package_name: 'left-pad' } },
      { dependency: null },
      { resourcePath: 'x' },
      { cloud_resource: { environment: {} } },
      'text',
      null,
    ];
    expect(finding({ coordinates: [null, {}, { representations }, { representations: null }] }).packages).toEqual([
      'git/git-man@1:2.30.2-1',
      'left-pad@*',
    ]);
  });

  it('an issue of an environment is no finding of a project', () => {
    const scan_item = { data: { id: 'e', type: 'environment' } };
    expect(finding({}, { scan_item, organization: null })).toMatchObject({ projectId: null, orgId: null });
  });

  it('times of which no entity can be made are none', () => {
    expect(finding({ created_at: 'yesterday', resolution: { resolved_at: '2025-02-30T00:00:00Z' } })).toMatchObject({
      createdAt: at,
      resolvedAt: null,
    });
  });

  it('tags without a key are nobody’s', () => {
    const project = SnykProject.parse({ id: 'p', attributes: { tags: [{ key: 'a', value: null }, { value: 'b' }] } });
    expect(Project.parse(toProject(project, undefined, undefined)).tags).toEqual({ a: '' });
  });

  it.each([
    [{ url: 'https://github.com/Acme/Api.git' }, 'github', 'github.com/acme/api'],
    [{ url: 'git@gitlab.example.com:group/sub/api.git' }, 'gitlab', 'gitlab.example.com/group/sub/api'],
    [{ url: null, display_name: 'Acme/Api(main)' }, 'github-cloud-app', 'github.com/acme/api'],
    [{ displayName: 'acme/api', remoteUrl: null, origin: 'github' }, undefined, 'github.com/acme/api'],
    [{ url: null, display_name: 'acme/api' }, 'github-enterprise', null],
    [{ url: 'registry.example.com/acme', display_name: 'image' }, 'ecr', null],
    [null, undefined, null],
  ])('target %j of %s is the repository %s', (attributes, integration_type, repository) => {
    const relationships = { integration: { data: { attributes: { integration_type } } } };
    const target = Target.parse({ id: 't', attributes, relationships });
    expect(toProject(SnykProject.parse({ id: 'p' }), undefined, target).repository).toBe(repository);
  });
});
