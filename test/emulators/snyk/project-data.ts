import { byId, type TargetOrigin } from './org-data.ts';
import type { SeededRandom } from '../_kit/seeded-random.ts';
import type { SnykOrg, SnykProject, SnykReference, SnykTarget } from './types.ts';

interface ProjectKind {
  readonly type: string;
  readonly origins: readonly TargetOrigin[];
  readonly files: readonly string[];
}

const kinds: readonly ProjectKind[] = [
  { type: 'npm', origins: ['github', 'gitlab', 'cli'], files: ['package.json', 'web/package-lock.json'] },
  { type: 'maven', origins: ['github', 'gitlab', 'cli'], files: ['pom.xml', 'services/core/pom.xml'] },
  { type: 'pip', origins: ['github', 'gitlab', 'cli'], files: ['requirements.txt', 'jobs/requirements.txt'] },
  { type: 'dockerfile', origins: ['github', 'ecr', 'cli'], files: ['Dockerfile', 'deploy/Dockerfile'] },
  { type: 'sast', origins: ['github', 'gitlab'], files: [''] },
  { type: 'terraformconfig', origins: ['github', 'cli'], files: ['main.tf', 'modules/netz/größe.tf'] },
];

const environments = ['frontend', 'backend', 'internal', 'external', 'mobile', 'saas', 'onprem', 'hosted'] as const;
const lifecycles = ['production', 'development', 'sandbox'] as const;
const criticalities = ['critical', 'high', 'medium', 'low'] as const;
const branches = ['main', 'main', 'master', 'develop', 'release/2026.10'] as const;
const frequencies = [
  ['daily', 6],
  ['weekly', 3],
  ['never', 1],
] as const;
const teams = ['payments', 'identity', 'platform', 'data', 'mobile'] as const;

/** Projects of one organisation, each of a target of its own origin, with every project type in turn. */
export function createProjects(
  random: SeededRandom,
  org: SnykOrg,
  targets: readonly SnykTarget[],
  count: number,
  now: number,
): SnykProject[] {
  const users = Array.from({ length: 4 }, () => random.uuid());
  // The last target stays without projects, so that `exclude_empty` has something to exclude.
  const used = targets.length > 1 ? targets.slice(0, -1) : targets;
  const projects: SnykProject[] = [];
  for (let index = 0; index < count; index += 1) {
    const target = random.pick(used);
    const origin = target.relationships.integration.data.attributes.integration_type;
    const fitting = kinds.filter((kind) => kind.origins.some((known) => known === origin));
    projects.push(createProject(random, org, target, random.pick(fitting), random.pick(users), now));
  }
  return projects.sort(byId);
}

/** The attributes that people change by hand; used for new projects and for later changes. */
export function projectLabels(
  random: SeededRandom,
): Pick<SnykProject['attributes'], 'business_criticality' | 'environment' | 'lifecycle' | 'tags'> {
  const tags = [
    { key: 'team', value: random.pick(teams) },
    { key: 'cost-centre', value: String(random.int(1_000, 9_999)) },
  ];
  return {
    business_criticality: random.chance(0.6) ? [random.pick(criticalities)] : [],
    environment: random.sample(environments, random.int(0, 2)),
    lifecycle: random.chance(0.7) ? [random.pick(lifecycles)] : [],
    tags: tags.slice(0, random.int(0, 2)),
  };
}

function createProject(
  random: SeededRandom,
  org: SnykOrg,
  target: SnykTarget,
  kind: ProjectKind,
  importer: string,
  now: number,
): SnykProject {
  const origin = target.relationships.integration.data.attributes.integration_type;
  const file = random.pick(kind.files);
  const labels = projectLabels(random);
  const created = now - random.int(60, 720) * 86_400_000 - random.int(1, 86_399_999);
  const project: SnykProject = {
    type: 'project',
    id: random.uuid(),
    meta: metaOf(random, origin, created),
    attributes: {
      name: file === '' ? target.attributes.display_name : `${target.attributes.display_name}:${file}`,
      type: kind.type,
      target_file: file,
      target_reference: origin === 'ecr' ? `v${random.int(1, 9)}.${random.int(0, 20)}.0` : random.pick(branches),
      origin,
      created: new Date(created).toISOString(),
      status: random.chance(0.9) ? 'active' : 'inactive',
      business_criticality: labels.business_criticality,
      environment: labels.environment,
      lifecycle: labels.lifecycle,
      tags: labels.tags,
      read_only: random.chance(0.1),
      settings: {
        recurring_tests: { frequency: random.weighted(frequencies) },
        pull_requests: random.chance(0.5) ? { policy: 'only_new', is_enabled: true } : {},
      },
    },
    relationships: {
      organization: reference('org', org.id, `/orgs/${org.id}`),
      target: reference('target', target.id, `/orgs/${org.id}/targets/${target.id}`),
    },
  };
  if (kind.type === 'dockerfile') project.attributes.build_args = { platform: 'linux/amd64' };
  if (random.chance(0.8)) {
    project.relationships.importer = reference('user', importer, `/orgs/${org.id}/users/${importer}`);
  }
  return project;
}

/** Only the CLI sets the date; container registries send null, source code integrations nothing. */
function metaOf(random: SeededRandom, origin: string, created: number): SnykProject['meta'] {
  if (origin === 'ecr') return { cli_monitored_at: null };
  if (origin !== 'cli') return {};
  return { cli_monitored_at: new Date(created + random.int(0, 59 * 86_400_000)).toISOString() };
}

function reference(type: string, id: string, related: string): SnykReference {
  return { data: { type, id }, links: { related } };
}
